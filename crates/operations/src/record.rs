//! Lines of the activity log for operations.

use connections::{Caller, Context, Snapshot};
use http::HeaderMap;
use microsoft::Incoming;
use model::{Activity, ActivityId, ActivityKind, Outcome, Phase, RemoteIds};

use crate::Error;
use crate::policy::Deed;

/// The intent of a write, or the only line of a read, before its outcome is known.
pub(crate) fn begun(
    context: &Context,
    caller: &Caller,
    snapshot: &Snapshot,
    deed: &Deed,
) -> Activity {
    let kind = ActivityKind::Operation(deed.kind);
    let target = deed.target.clone();
    announced(context, caller, snapshot, kind, &deed.action, target)
}

/// That a token is about to leave.
pub(crate) fn token_asked(context: &Context, caller: &Caller, snapshot: &Snapshot) -> Activity {
    let kind = ActivityKind::Token;
    let target = Some(snapshot.audience.to_string());
    announced(context, caller, snapshot, kind, "token.hand_out", target)
}

fn announced(
    context: &Context,
    caller: &Caller,
    snapshot: &Snapshot,
    kind: ActivityKind,
    action: &str,
    target: Option<String>,
) -> Activity {
    Activity {
        kind,
        connection_id: Some(snapshot.connection.id),
        target,
        phase: Phase::Intent,
        outcome: Outcome::Started,
        ..context.line(caller.workspace_id, caller.actor.clone(), action)
    }
}

/// How what `begun` announced has ended. A line of its own for a write; for a read the only one.
pub(crate) fn ended(
    context: &Context,
    begun: &Activity,
    outcome: Result<(u16, RemoteIds), &Error>,
) -> Activity {
    match outcome {
        Ok((status, remote)) => Activity {
            status: Some(status),
            ..closed(context, begun, Ok(remote))
        },
        Err(error) => closed(context, begun, Err(error)),
    }
}

/// The same where there is no answer of Microsoft's that has a status.
pub(crate) fn closed(
    context: &Context,
    begun: &Activity,
    outcome: Result<RemoteIds, &Error>,
) -> Activity {
    let now = context.now();
    let mut line = Activity {
        id: ActivityId::generate(&*context.clock, &*context.random),
        phase: Phase::Result,
        intent_id: Some(begun.id),
        duration_us: i64::try_from(now.duration_since(begun.at).as_micros()).ok(),
        at: now,
        ..begun.clone()
    };
    match outcome {
        Ok(remote) => {
            line.outcome = Outcome::Ok;
            line.remote = remote;
        }
        Err(error) => describe(&mut line, error),
    }
    line
}

/// Whether a write that ended so was done, or may have been, for all that its caller is told.
pub(crate) fn may_be_done<T>(outcome: &crate::Result<T>) -> bool {
    matches!(outcome, Ok(_) | Err(Error::Uncertain { .. }))
}

fn describe(line: &mut Activity, error: &Error) {
    line.outcome = match error {
        Error::Uncertain { .. } => Outcome::Uncertain,
        Error::Denied { .. } | Error::PermissionMissing(_) | Error::Unsupported { .. } => {
            Outcome::Denied
        }
        _ => Outcome::Failed,
    };
    line.code = Some(error.code().to_owned());
    if let Some(diagnosis) = error.diagnosis() {
        let evidence = &diagnosis.evidence;
        line.code = Some(evidence.code.clone());
        line.status = evidence.status;
        line.remote = evidence.remote_ids();
    }
}

/// The ids that an answer is known by, ours and Microsoft's.
pub(crate) fn remote_ids(answer: &Incoming) -> RemoteIds {
    let told = ids_of(&answer.headers);
    RemoteIds {
        client_request_id: told
            .client_request_id
            .or_else(|| answer.client_request_id.clone()),
        uti: answer.token_id.clone(),
        ..told
    }
}

/// The ids that Microsoft's answer carries. Dataverse names its own differently.
pub(crate) fn ids_of(headers: &HeaderMap) -> RemoteIds {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned)
    };
    RemoteIds {
        request_id: microsoft::graph::request_id(headers),
        client_request_id: text("client-request-id"),
        ..RemoteIds::default()
    }
}

/// The line of a change to something that is kept for the connection.
pub(crate) fn changed(
    context: &Context,
    caller: &Caller,
    snapshot: &Snapshot,
    action: &str,
    target: &str,
    refused: Option<&Error>,
) -> Activity {
    let mut line = Activity {
        connection_id: Some(snapshot.connection.id),
        target: Some(target.to_owned()),
        ..context.line(caller.workspace_id, caller.actor.clone(), action)
    };
    if let Some(error) = refused {
        describe(&mut line, error);
    }
    line
}

/// One line for what was refused before anything was sent.
pub(crate) fn refused(
    context: &Context,
    caller: &Caller,
    snapshot: &Snapshot,
    deed: &Deed,
    error: &Error,
) -> Activity {
    let begun = begun(context, caller, snapshot, deed);
    Activity {
        intent_id: None,
        ..ended(context, &begun, Err(error))
    }
}
