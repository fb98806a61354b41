//! Diagnoses and test reports in words.

use std::fmt::Write;

use model::{Act, Diagnosis, RemedyStep};
use serde_json::Value;

use crate::output::Mark;

/// A diagnosis for a person: cause, who must act, what to do, evidence. Nothing when there is none.
pub(crate) fn diagnosis(value: &Value) -> Option<String> {
    let diagnosis: Diagnosis = serde_json::from_value(value.clone()).ok()?;
    let mut text = format!("{}: {}", diagnosis.group.title(), diagnosis.cause);
    let _ = write!(text, "\n  who must act: {}", who(diagnosis.act));
    for (number, step) in diagnosis.remedy.iter().enumerate() {
        let _ = write!(text, "\n  {}. {}", number + 1, remedy(step));
    }
    let evidence = evidence(&diagnosis);
    if !evidence.is_empty() {
        let _ = write!(text, "\n  evidence: {evidence}");
    }
    let said = &diagnosis.evidence.message;
    // Where nobody knows what a code means, the cause is what was said.
    if !said.is_empty() && !diagnosis.cause.contains(said.as_str()) {
        let _ = write!(text, "\n  said: {}", one_line(said));
    }
    Some(text)
}

/// The first thing to do, as a hint.
pub(crate) fn first_remedy(diagnosis: &Value) -> Option<String> {
    let step = diagnosis["remedy"].get(0)?;
    serde_json::from_value::<RemedyStep>(step.clone())
        .ok()
        .map(|step| remedy(&step))
}

/// What a test found, a line a step, and the diagnosis below; where several places were refused, that of each.
pub(crate) fn report(report: &Value) -> String {
    let steps = report["steps"].as_array().map_or(&[][..], Vec::as_slice);
    let mut lines: Vec<String> = steps
        .iter()
        .map(|step| {
            let mark = Mark::of(step["ok"].as_bool().unwrap_or(false));
            let name = step["name"].as_str().unwrap_or_default();
            let detail = step["detail"].as_str().unwrap_or_default();
            format!("{} {name}: {detail}", mark.plain())
        })
        .collect();
    let first = &report["diagnosis"];
    lines.extend(diagnosis(first));
    let others = steps.iter().map(|step| &step["diagnosis"]);
    lines.extend(others.filter(|other| *other != first).filter_map(diagnosis));
    lines.join("\n")
}

/// Names in a JSON array, with commas; `–` for none.
pub(crate) fn names(value: &Value) -> String {
    let names: Vec<_> = value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if names.is_empty() {
        "–".to_owned()
    } else {
        names.join(", ")
    }
}

pub(crate) fn who(act: Act) -> &'static str {
    match act {
        Act::User => "the user whose account is connected",
        Act::Administrator => "an administrator of the Microsoft tenant",
        Act::Operator => "whoever runs Consentry",
        Act::Nobody => "nobody; it is retried by itself",
    }
}

/// One thing to do, with the command or link that does it.
pub(crate) fn remedy(step: &RemedyStep) -> String {
    let mut text = step.text.clone();
    if let Some(command) = &step.command {
        let _ = write!(text, " (`{command}`)");
    }
    if let Some(link) = &step.link {
        let _ = write!(text, " <{link}>");
    }
    text
}

fn evidence(diagnosis: &Diagnosis) -> String {
    let evidence = &diagnosis.evidence;
    let mut parts: Vec<String> = Vec::new();
    if !evidence.code.is_empty() {
        parts.push(evidence.code.clone());
    }
    parts.extend(evidence.status.map(|status| format!("status {status}")));
    let ids = [
        ("trace", &evidence.trace_id),
        ("correlation", &evidence.correlation_id),
        ("request", &evidence.request_id),
        ("client request", &evidence.client_request_id),
        ("token", &evidence.uti),
        ("asked of the next sign-in", &evidence.claims),
    ];
    for (name, id) in ids {
        parts.extend(id.as_ref().map(|id| format!("{name} {id}")));
    }
    parts.extend(evidence.at.map(|at| format!("at {at:.0}")));
    parts.join(", ")
}

/// Entra breaks its sentence before the ids.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A data key that was replaced.
pub(crate) fn resealed(done: &Value) -> String {
    let key = done["data_key_id"].as_str().unwrap_or_default();
    let number = done["resealed"].as_u64().unwrap_or_default();
    format!(
        "{number} values are sealed by the new data key {key}; the old one is removed within half an hour"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_diagnosis_says_who_must_act_and_how() {
        let value = json!({
            "group": "token_refresh_failed",
            "cause": "the client secret has expired",
            "act": "administrator",
            "remedy": [{"text": "create a new one", "command": "consentry connections rotate crm"}],
            "evidence": {
                "code": "AADSTS7000222", "message": "AADSTS7000222: The keys are expired.\r\nTrace ID: t",
                "status": 401, "trace_id": "t", "at": "2026-11-23T12:00:00Z",
            },
            "known": true,
        });
        insta::assert_snapshot!(diagnosis(&value).unwrap_or_default(), @r"
        Token refresh failed: the client secret has expired
          who must act: an administrator of the Microsoft tenant
          1. create a new one (`consentry connections rotate crm`)
          evidence: AADSTS7000222, status 401, trace t, at 2026-11-23T12:00:00Z
          said: AADSTS7000222: The keys are expired. Trace ID: t
        ");
    }
}
