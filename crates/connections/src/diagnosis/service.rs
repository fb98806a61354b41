//! Refusals of Microsoft Graph, Dataverse and Business Central explained, by the tables beside this file.

use catalog::Operation;
use jiff::Timestamp;
use jiff::fmt::rfc2822;
use microsoft::GraphFault;
use model::{Api, ConnectionMethod, Diagnosis, Evidence, RemedyStep};

use super::table::{self, Condition, Place, Row, Seen, Step};
use super::{remedy, site_grant};
use crate::Snapshot;

/// Explains what Graph, Dataverse or Business Central refused. `target` is the mailbox, site, drive or table that was meant.
pub fn diagnose_graph(
    snapshot: &Snapshot,
    operation: Option<&Operation>,
    target: Option<&str>,
    fault: &GraphFault,
) -> Diagnosis {
    if fault.status == http::StatusCode::FORBIDDEN
        && let Some(site) = site_grant::site_meant(snapshot, operation, target)
    {
        return site_grant::diagnose_site_grant(snapshot, operation, site, fault);
    }
    let api = snapshot.connection.service.api();
    let codes: Vec<_> = std::iter::once(fault.code.as_str())
        .chain(fault.inner_codes.iter().map(String::as_str))
        .filter(|code| !code.is_empty())
        .collect();
    let conditions = conditions(snapshot, operation, fault);
    let seen = Seen {
        status: fault.status.as_u16(),
        codes: &codes,
        message: &fault.message,
        conditions: &conditions,
    };
    let row = table::find(api, &seen);
    let known = codes.is_empty() || row.says_words() || table::knows(api, &codes);
    let words = Words::new(snapshot, operation, target, fault);
    let mut cause = words.fill(row.cause);
    if !known {
        cause = format!(
            "Microsoft answered with a code that is not known here, `{}`: {}",
            codes.join("`, `"),
            fault.message
        );
    }
    Diagnosis {
        group: row.group,
        cause,
        act: row.act,
        remedy: steps(snapshot, row, &words),
        evidence: evidence(api, fault),
        known,
    }
}

fn conditions(
    snapshot: &Snapshot,
    operation: Option<&Operation>,
    fault: &GraphFault,
) -> Vec<Condition> {
    let method = snapshot.connection.method;
    let granted = snapshot.connection.granted.as_ref();
    let is_selected =
        granted.is_some_and(|granted| granted.iter().any(|held| opens_selected(held.as_str())));
    let reaches_all = granted.is_some_and(|granted| {
        granted
            .iter()
            .any(|held| held.as_str().starts_with("Sites.") && !opens_selected(held.as_str()))
    });
    let is_covered = operation
        .zip(granted)
        .is_some_and(|(operation, granted)| operation.satisfied_by(method, granted));
    let has_name =
        operation.is_some_and(|operation| !operation.permissions(method).least.is_empty());
    [
        (method == ConnectionMethod::OAuth, Condition::User),
        (
            method == ConnectionMethod::ServicePrincipal,
            Condition::Application,
        ),
        (is_covered, Condition::Covered),
        (is_selected && !reaches_all, Condition::Selected),
        (fault.claims.is_some(), Condition::Claims),
        (has_name, Condition::Named),
        (
            granted.is_some_and(|granted| !granted.is_empty()),
            Condition::Granted,
        ),
        (
            granted.is_some_and(std::collections::BTreeSet::is_empty),
            Condition::Bare,
        ),
    ]
    .into_iter()
    .filter_map(|(holds, condition)| holds.then_some(condition))
    .collect()
}

/// Permissions that give nothing until a site, list or file is opened to the application.
fn opens_selected(permission: &str) -> bool {
    permission.ends_with(".Selected")
}

/// What stands for the words in braces.
struct Words {
    what: String,
    place: String,
    least: String,
    method: &'static str,
    message: String,
    missing: String,
    /// What was meant, and the application's id, as they stand in a command.
    mailbox: String,
    app: String,
}

impl Words {
    fn new(
        snapshot: &Snapshot,
        operation: Option<&Operation>,
        target: Option<&str>,
        fault: &GraphFault,
    ) -> Self {
        let method = snapshot.connection.method;
        let least = operation.map_or(&[][..], |operation| operation.permissions(method).least);
        Self {
            what: operation.map_or("the request".to_owned(), |operation| {
                format!("`{}`", operation.id)
            }),
            place: target.map_or_else(String::new, |target| format!(" in `{target}`")),
            least: format!("`{}`", least.join("`, `")),
            method: match method {
                ConnectionMethod::OAuth => "delegated",
                ConnectionMethod::ServicePrincipal => "application",
            },
            message: fault.message.clone(),
            missing: missing(&fault.message),
            mailbox: target.unwrap_or("MAILBOX").to_owned(),
            app: snapshot.app.client_id.clone(),
        }
    }

    fn fill(&self, text: &str) -> String {
        text.replace("{what}", &self.what)
            .replace("{place}", &self.place)
            .replace("{least}", &self.least)
            .replace("{method}", self.method)
            .replace("{missing}", &self.missing)
            .replace("{mailbox}", &self.mailbox)
            .replace("{app}", &self.app)
            .replace("{message}", self.message.trim_end_matches('.'))
    }
}

/// What a sentence of Microsoft's names as missing: `prvReadAccount` of Dataverse, the table of Business Central, the
/// permissions of Teams. The sentence itself where it names nothing.
fn missing(message: &str) -> String {
    let between = |from: &str, to: &str| {
        let rest = message.split_once(from)?.1;
        Some(rest.split_once(to)?.0.trim().to_owned())
    };
    let named = between("is missing ", " privilege")
        .map(|privilege| format!("`{privilege}`"))
        .or_else(|| between("(TableData ", ")").map(|table| format!("`TableData {table}`")))
        .or_else(|| {
            between("requires one of '", "'")
                .map(|names| format!("`{}`", names.replace(", ", "`, `")))
        });
    named.unwrap_or_else(|| message.trim_end_matches('.').to_owned())
}

fn steps(snapshot: &Snapshot, row: &Row, words: &Words) -> Vec<RemedyStep> {
    row.steps
        .iter()
        .map(|step| told(snapshot, step, words))
        .collect()
}

fn told(snapshot: &Snapshot, step: &Step, words: &Words) -> RemedyStep {
    let text = words.fill(step.text);
    let (mut link, mut command) = (None, None);
    match step.place {
        Some(Place::Connections(verb)) => return remedy::command(&text, verb, snapshot),
        Some(Place::Command(whole)) => command = Some(whole.to_owned()),
        Some(Place::Page(page)) => link = Some(page.to_owned()),
        Some(Place::Portal(page)) => link = Some(remedy::portal(snapshot, page)),
        Some(Place::Consent) => link = Some(remedy::admin_consent(snapshot)),
        Some(Place::PowerPlatform) => {
            link = snapshot
                .cloud
                .power_platform
                .as_ref()
                .map(ToString::to_string);
        }
        None => {}
    }
    RemedyStep {
        text,
        link,
        command,
    }
}

pub(crate) fn evidence(api: Api, fault: &GraphFault) -> Evidence {
    let correlation = match api {
        Api::BusinessCentral => correlation_of(&fault.message),
        _ => None,
    };
    Evidence {
        code: fault.code.clone(),
        message: fault.message.clone(),
        status: Some(fault.status.as_u16()),
        request_id: fault.request_id.clone(),
        correlation_id: correlation.or_else(|| fault.client_request_id.clone()),
        client_request_id: fault.client_request_id.clone(),
        claims: fault.claims.clone(),
        at: fault.date.as_deref().and_then(time),
        ..Evidence::default()
    }
}

/// Business Central says its id in the sentence: `CorrelationId:  5a6e….`
fn correlation_of(message: &str) -> Option<String> {
    let rest = message.split_once("CorrelationId:")?.1.trim_start();
    let end = rest
        .find(|c: char| !c.is_ascii_hexdigit() && c != '-')
        .unwrap_or(rest.len());
    (end > 0).then(|| rest[..end].to_owned())
}

/// A body's date has no zone and means UTC; a header's is written as in mail.
fn time(text: &str) -> Option<Timestamp> {
    format!("{}Z", text.trim_end_matches('Z'))
        .parse()
        .ok()
        .or_else(|| Some(rfc2822::parse(text).ok()?.timestamp()))
}

#[cfg(test)]
mod tests;
