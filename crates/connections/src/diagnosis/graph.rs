use catalog::Operation;
use microsoft::GraphFault;
use microsoft::graph::Refusal;
use model::{Act, ConnectionMethod, Diagnosis, Evidence, Group, RemedyStep};

use super::remedy;
use crate::Snapshot;

/// Explains what Graph refused. `target` is the mailbox, site or drive that was meant.
pub fn diagnose_graph(
    snapshot: &Snapshot,
    operation: Option<&Operation>,
    target: Option<&str>,
    fault: &GraphFault,
) -> Diagnosis {
    let what = operation.map_or("the request".to_owned(), |operation| {
        format!("`{}`", operation.id)
    });
    let (group, act, cause, remedy) = match fault.refusal() {
        Refusal::TokenRefused | Refusal::ClaimsChallenge => token_refused(snapshot, fault),
        Refusal::PermissionMissing => permission_missing(snapshot, operation, target, fault),
        Refusal::NotFound => (
            Group::ConnectionFailed,
            Act::User,
            format!("what {what} was to work on is not there, or is hidden from this connection"),
            remedy::plain(
                "check the ids in the input; ids of messages change when they move without immutable ids",
            ),
        ),
        Refusal::Conflict => (
            Group::ConnectionFailed,
            Act::User,
            format!("{what} met a newer version, or a name that is taken"),
            remedy::plain("read it again, and repeat with what is there now"),
        ),
        Refusal::Throttled => (
            Group::ConnectionFailed,
            Act::Nobody,
            "Microsoft limits how much this application may ask for right now".to_owned(),
            remedy::plain("wait as long as `Retry-After` says"),
        ),
        Refusal::Unavailable => (
            Group::ConnectionFailed,
            Act::Nobody,
            "Microsoft has trouble of its own".to_owned(),
            remedy::plain("try again in a moment; look at Microsoft's service health if it lasts"),
        ),
        Refusal::Invalid => (
            Group::ConnectionFailed,
            Act::User,
            format!(
                "Microsoft does not understand {what} as it was asked: {}",
                fault.message
            ),
            remedy::plain("correct the input as Microsoft's message says"),
        ),
    };
    Diagnosis {
        group,
        cause,
        act,
        remedy,
        evidence: evidence(fault),
        known: !fault.code.is_empty(),
    }
}

type Parts = (Group, Act, String, Vec<RemedyStep>);

/// After a new token was fetched and refused as well.
fn token_refused(snapshot: &Snapshot, fault: &GraphFault) -> Parts {
    let cause = match fault.refusal() {
        Refusal::ClaimsChallenge => {
            "Microsoft asks the user to sign in once more before it goes on".to_owned()
        }
        _ => format!(
            "Microsoft does not take the token, not even a new one: {}",
            fault.message
        ),
    };
    let (act, step) = match snapshot.connection.method {
        ConnectionMethod::OAuth => (
            Act::User,
            remedy::command("sign in again", "reconnect", snapshot),
        ),
        ConnectionMethod::ServicePrincipal => (
            Act::Administrator,
            remedy::command("test the connection", "test", snapshot),
        ),
    };
    (Group::TokenRefreshFailed, act, cause, vec![step])
}

fn permission_missing(
    snapshot: &Snapshot,
    operation: Option<&Operation>,
    target: Option<&str>,
    fault: &GraphFault,
) -> Parts {
    let method = snapshot.connection.method;
    let least = operation
        .map(|operation| operation.permissions(method).least.join("`, `"))
        .unwrap_or_default();
    let what = operation.map_or("the request".to_owned(), |operation| {
        format!("`{}`", operation.id)
    });
    let place = target.map_or_else(String::new, |target| format!(" in `{target}`"));
    let covered = operation
        .zip(snapshot.connection.granted.as_ref())
        .is_some_and(|(operation, granted)| operation.satisfied_by(method, granted));
    let cause = match (covered, fault.code.as_str()) {
        (true, "ErrorAccessDenied") => {
            format!("Exchange does not let this connection do {what}{place}")
        }
        (true, _) => format!("{what}{place} is refused although its permission was granted"),
        (false, _) if least.is_empty() => format!("{what}{place} is refused"),
        (false, _) => format!(
            "{what}{place} needs the {method} permission `{least}`",
            method = word(method)
        ),
    };
    let step = match (covered, method) {
        (false, _) if least.is_empty() => RemedyStep {
            text: "grant the permission that Microsoft's page on this request names".to_owned(),
            link: None,
            command: None,
        },
        (true, ConnectionMethod::OAuth) => RemedyStep {
            text: "let the mailbox's owner share it, or use the account that owns it".to_owned(),
            link: None,
            command: None,
        },
        (true, ConnectionMethod::ServicePrincipal) => RemedyStep {
            text: "let an administrator bring the mailbox into the application's scope: its application access \
                   policy, or its role assignment in Exchange"
                .to_owned(),
            link: Some("https://learn.microsoft.com/exchange/permissions-exo/application-rbac".to_owned()),
            command: None,
        },
        (false, ConnectionMethod::OAuth) => {
            remedy::command(&format!("consent again and accept `{least}`"), "reconnect", snapshot)
        }
        (false, ConnectionMethod::ServicePrincipal) => RemedyStep {
            text: format!("let an administrator add `{least}` to the registration and grant consent"),
            link: Some(remedy::portal(snapshot, "CallAnAPI")),
            command: None,
        },
    };
    let act = match method {
        ConnectionMethod::OAuth => Act::User,
        ConnectionMethod::ServicePrincipal => Act::Administrator,
    };
    (Group::PermissionDenied, act, cause, vec![step])
}

fn word(method: ConnectionMethod) -> &'static str {
    match method {
        ConnectionMethod::OAuth => "delegated",
        ConnectionMethod::ServicePrincipal => "application",
    }
}

fn evidence(fault: &GraphFault) -> Evidence {
    Evidence {
        code: fault.code.clone(),
        message: fault.message.clone(),
        status: Some(fault.status.as_u16()),
        request_id: fault.request_id.clone(),
        correlation_id: fault.client_request_id.clone(),
        at: fault
            .date
            .as_deref()
            .and_then(|date| format!("{}Z", date.trim_end_matches('Z')).parse().ok()),
        ..Evidence::default()
    }
}
