//! RFC 9457 problems as the server sends them, sorted by what the caller can do.

use serde_json::Value;

use crate::exit::{Exit, Failure};
use crate::explain;

/// What the server answered with this status, as a failure of this program.
pub(super) fn failure(status: u16, body: &[u8]) -> Failure {
    match serde_json::from_slice(body) {
        Ok(problem) => of(status, problem),
        Err(_) => Failure::new(by_status(status), format!("the server answered {status}")),
    }
}

/// A problem that came in the middle of an answer, as a failure of this program.
pub(crate) fn failure_of(problem: Value) -> Failure {
    let status = problem["status"]
        .as_u64()
        .and_then(|status| status.try_into().ok());
    of(status.unwrap_or_default(), problem)
}

fn of(status: u16, problem: Value) -> Failure {
    let text = |name: &str| problem[name].as_str().filter(|text| !text.is_empty());
    let message = text("detail")
        .or_else(|| text("title"))
        .map_or_else(|| format!("the server answered {status}"), str::to_owned);
    let message = match text("code") {
        Some(code) => format!("{message} ({code})"),
        None => message,
    };
    let failure = Failure::new(exit(status, &problem), message);
    let failure = match hint(&problem) {
        Some(hint) => failure.hint(hint),
        None => failure,
    };
    failure.problem(problem)
}

fn hint(problem: &Value) -> Option<String> {
    let next_step = problem["next_step"]
        .as_str()
        .filter(|text| !text.is_empty());
    next_step
        .map(str::to_owned)
        .or_else(|| explain::first_remedy(&problem["diagnosis"]))
        .or_else(|| nearest(problem))
}

fn nearest(problem: &Value) -> Option<String> {
    let ids: Vec<_> = problem["nearest"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str)
        .map(|id| format!("`{id}`"))
        .collect();
    (!ids.is_empty()).then(|| format!("did you mean {}?", ids.join(" or ")))
}

fn exit(status: u16, problem: &Value) -> Exit {
    let act = problem["diagnosis"]["act"].as_str();
    let needs_somebody = act.is_some_and(|act| act != "nobody");
    let is_nobodys = act == Some("nobody");
    match problem["code"].as_str().unwrap_or_default() {
        "uncertain" => Exit::Uncertain,
        "unreachable" | "timed_out" | "throttled" | "unusable_answer" => Exit::Unreachable,
        "refused_by_entra" if is_nobodys => Exit::Unreachable,
        "connection_unusable"
        | "refused_by_entra"
        | "permission_missing"
        | "set_up_needs_sign_in" => Exit::NeedsSomebody,
        "unauthenticated" | "forbidden" | "role_required" | "policy_denied" => Exit::Refused,
        "refused_by_microsoft" if status == 404 => Exit::NotFound,
        // What the caller asked for makes no sense there.
        "refused_by_microsoft" if status == 400 && act == Some("user") => Exit::Usage,
        "refused_by_microsoft" if needs_somebody => Exit::NeedsSomebody,
        _ => by_status(status),
    }
}

fn by_status(status: u16) -> Exit {
    match status {
        400 | 405 | 413 | 415 | 422 => Exit::Usage,
        401 | 403 => Exit::Refused,
        404 | 410 => Exit::NotFound,
        429 | 502..=504 => Exit::Unreachable,
        _ => Exit::Failure,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_problem_decides_the_exit_code_by_what_can_be_done() {
        let cases = [
            (409, json!({"code": "uncertain"}), Exit::Uncertain),
            (504, json!({"code": "timed_out"}), Exit::Unreachable),
            (
                409,
                json!({"code": "connection_unusable"}),
                Exit::NeedsSomebody,
            ),
            (403, json!({"code": "policy_denied"}), Exit::Refused),
            (404, json!({"code": "operation_not_found"}), Exit::NotFound),
            (422, json!({"code": "unknown_field"}), Exit::Usage),
            (500, json!({"code": "internal"}), Exit::Failure),
            (
                403,
                json!({"code": "refused_by_microsoft", "diagnosis": {"act": "administrator"}}),
                Exit::NeedsSomebody,
            ),
            (
                400,
                json!({"code": "refused_by_microsoft", "diagnosis": {"act": "user"}}),
                Exit::Usage,
            ),
            (
                422,
                json!({"code": "refused_by_entra", "diagnosis": {"act": "nobody"}}),
                Exit::Unreachable,
            ),
            (502, json!({"code": "unreachable"}), Exit::Unreachable),
        ];
        for (status, problem, expected) in cases {
            assert_eq!(exit(status, &problem), expected, "{problem}");
        }
    }

    #[test]
    fn a_mistyped_operation_is_answered_with_the_nearest() {
        let problem = json!({"nearest": ["outlook.messages.send"]});
        assert_eq!(
            hint(&problem).as_deref(),
            Some("did you mean `outlook.messages.send`?")
        );
    }
}
