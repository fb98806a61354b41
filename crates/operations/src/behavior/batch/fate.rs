//! What became of a member.

use connections::{BrokerError, Snapshot};
use jiff::Timestamp;
use microsoft::ProofUrl;
use microsoft::odata::Reply;
use model::Outcome;
use serde_json::{Value, json};

use super::member::Member;
use crate::behavior::location;
use crate::exchange::explained;
use crate::{Error, pages};

#[derive(Debug)]
pub(super) enum Fate {
    Done(Reply),
    Refused(Reply),
    /// Refused for its token, in whose place no other is to be had.
    Unauthorized(Reply, BrokerError),
    /// A write that may have happened; with Microsoft's answer where there is one.
    Uncertain(Option<Reply>, String),
    NotSent(String),
}

impl Fate {
    pub(super) fn of(member: &Member, reply: Reply) -> Self {
        if reply.status.is_success() {
            return Self::Done(reply);
        }
        if reply.status.is_server_error() && !member.may_repeat() {
            let message = format!("Microsoft answered {}", reply.status.as_u16());
            return Self::Uncertain(Some(reply), message);
        }
        Self::Refused(reply)
    }

    /// When the batch as a whole failed with `error`.
    pub(super) fn lost(member: &Member, error: &Error) -> Self {
        if error.may_have_happened() && !member.may_repeat() {
            Self::Uncertain(None, error.to_string())
        } else {
            Self::NotSent(error.to_string())
        }
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self {
            Self::Done(_) => Outcome::Ok,
            Self::Uncertain(..) => Outcome::Uncertain,
            Self::Refused(_) | Self::Unauthorized(..) | Self::NotSent(_) => Outcome::Failed,
        }
    }

    pub(super) fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Done(reply) | Self::Refused(reply) | Self::Unauthorized(reply, _) => Some(reply),
            Self::Uncertain(reply, _) => reply.as_ref(),
            Self::NotSent(_) => None,
        }
    }

    /// As if it had been called alone.
    pub(super) fn error(&self, snapshot: &Snapshot, member: &Member) -> Option<Error> {
        match self {
            Self::Done(_) => None,
            Self::Refused(reply) => Some(refusal(snapshot, member, reply)),
            Self::Unauthorized(_, error) => Some(error.clone().into()),
            Self::Uncertain(_, message) => Some(Error::Uncertain {
                activity: None,
                message: message.clone(),
            }),
            Self::NotSent(message) => Some(Error::Unreachable(message.clone())),
        }
    }

    pub(super) fn to_json(&self, snapshot: &Snapshot, member: &Member) -> Value {
        let mut told = json!({ "id": member.id, "operation": member.operation.id });
        told["outcome"] = match self {
            Self::NotSent(_) => "not_sent".into(),
            other => json!(other.outcome()),
        };
        if let Some(reply) = self.reply() {
            told["status"] = reply.status.as_u16().into();
            if let Some(body) = body(snapshot, member, reply) {
                told["body"] = body;
            }
        }
        match self {
            Self::Done(reply) => {
                if member.operation.paging
                    && let Some(cursor) = pages::cursor(&member.ready, &reply.body)
                {
                    told["cursor"] = cursor.into();
                }
            }
            Self::NotSent(message) => {
                told["code"] = "not_sent".into();
                told["message"] = message.as_str().into();
            }
            Self::Refused(_) | Self::Unauthorized(..) | Self::Uncertain(..) => {
                self.explain(snapshot, member, &mut told);
            }
        }
        told
    }

    fn explain(&self, snapshot: &Snapshot, member: &Member, told: &mut Value) {
        let Some(error) = self.error(snapshot, member) else {
            return;
        };
        told["code"] = error.code().into();
        told["message"] = error.to_string().into();
        told["next"] = json!(error.next_step());
        // Of what is uncertain too: Microsoft's words are the only evidence there is.
        let evidence = self.reply().map(|reply| refusal(snapshot, member, reply));
        let entras = matches!(self, Self::Unauthorized(..)).then(|| error.diagnosis());
        if let Some(diagnosis) = entras
            .flatten()
            .or(evidence.as_ref().and_then(Error::diagnosis))
        {
            told["diagnosis"] = json!(diagnosis);
        }
        if let Some(Error::Microsoft {
            retry_after: Some(secs),
            ..
        }) = evidence
        {
            told["retryAfterSecs"] = secs.into();
        }
    }
}

pub(super) fn refusal(snapshot: &Snapshot, member: &Member, reply: &Reply) -> Error {
    let target = member.ready.permit.deed().target.as_deref();
    // A date is of little use once the batch has been answered; seconds are what services send.
    let wait = microsoft::retry_after(&reply.headers, Timestamp::UNIX_EPOCH);
    let secs = wait.map(|wait| wait.as_secs());
    explained(
        snapshot,
        Some(member.operation),
        target,
        (reply.status, &reply.headers),
        reply.body.clone(),
        secs,
    )
}

fn body(snapshot: &Snapshot, member: &Member, reply: &Reply) -> Option<Value> {
    if reply.body.is_empty() {
        return placed(snapshot, member, reply);
    }
    // What is no JSON is told in base64.
    let read = serde_json::from_slice(&reply.body).ok();
    Some(read.unwrap_or_else(|| base64(&reply.body).into()))
}

/// Where what was begun or made is, for the behaviours that answer it.
fn placed(snapshot: &Snapshot, member: &Member, reply: &Reply) -> Option<Value> {
    if member.ready.behavior == Some("copy") {
        let text = reply.headers.get(http::header::LOCATION)?.to_str().ok()?;
        let monitor = ProofUrl::of(&snapshot.cloud, text)?;
        return Some(json!({ "monitorUrl": monitor.expose() }));
    }
    let location = location(snapshot, member.ready.behavior, &reply.headers)?;
    Some(json!({ "location": location }))
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A refusal of one member, said of it: the `place`th, which its caller calls `id`.
pub(super) fn named(error: Error, place: usize, id: &str) -> Error {
    let named = |text: &str| format!("request `{id}`: {text}");
    match error {
        Error::Input {
            code,
            field,
            message,
        } => Error::Input {
            code,
            field: Some(match field {
                Some(field) if field.starts_with("requests.") => field,
                Some(field) => format!("requests.{place}.input.{field}"),
                None => format!("requests.{place}.input"),
            }),
            message: named(&message),
        },
        Error::Denied { reason, instead } => Error::Denied {
            reason: named(&reason),
            instead,
        },
        Error::Unsupported { reason, instead } => Error::Unsupported {
            reason: named(&reason),
            instead,
        },
        Error::PermissionMissing(mut diagnosis) => {
            diagnosis.cause = named(&diagnosis.cause);
            Error::PermissionMissing(diagnosis)
        }
        Error::Microsoft {
            status,
            mut diagnosis,
            body,
            retry_after,
        } => {
            diagnosis.cause = named(&diagnosis.cause);
            Error::Microsoft {
                status,
                diagnosis,
                body,
                retry_after,
            }
        }
        other => other,
    }
}
