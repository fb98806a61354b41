//! A permitted raw request on its way to Microsoft, and its answer on the way back.

use connections::Caller;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method, StatusCode, header};
use microsoft::Incoming;
use model::{Activity, Outcome, RemoteIds};
use url::Url;

use super::answer::{Tally, cut};
use super::body::{RawBody, broken};
use super::headers::returned;
use super::{ProxyAnswer, ProxyBody};
use crate::exchange::{refused, settled};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Error, Result, behavior, record, wire};

/// What goes beside the request's first line and headers.
#[derive(Default)]
pub(super) struct Going {
    /// What is sent as it comes.
    pub(super) body: Option<RawBody>,
    /// The requests of a batch, each of which counts.
    pub(super) inner: Vec<(Method, Url)>,
}

/// What came, headers first.
struct Came {
    status: StatusCode,
    headers: HeaderMap,
    remote: RemoteIds,
    bytes: BoxStream<'static, Result<bytes::Bytes>>,
}

/// A read: its one line is written when its answer has passed.
pub(super) async fn read(
    parts: &Parts,
    caller: &Caller,
    ready: &Ready,
    going: Going,
) -> Result<ProxyAnswer> {
    let begun = record::begun(&parts.context, caller, &ready.snapshot, ready.permit.deed());
    let came = transfer(parts, ready, going).await.map_err(settled);
    let told = came
        .as_ref()
        .map(|came| (came.status.as_u16(), came.remote.clone()));
    let line = Activity {
        intent_id: None,
        ..record::ended(&parts.context, &begun, told)
    };
    match came {
        Ok(came) => {
            let is_bare = ready.wire.method == Method::HEAD
                || matches!(
                    came.status,
                    StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
                );
            let length = if is_bare {
                Some(0)
            } else {
                length(&came.headers)
            };
            let tally = Tally::new(&parts.context, line, length);
            Ok(answer(came, Some(tally)))
        }
        Err(error) => {
            parts.context.journal.note(line).await;
            Err(error)
        }
    }
}

/// A write: its intent is committed before anything is sent, its result before the answer is passed on.
pub(super) async fn write(
    parts: &Parts,
    caller: &Caller,
    ready: &Ready,
    going: Going,
) -> Result<ProxyAnswer> {
    let journal = &parts.context.journal;
    let begun = record::begun(&parts.context, caller, &ready.snapshot, ready.permit.deed());
    journal.record(begun.clone()).await?;
    let came = transfer(parts, ready, going).await.map_err(|error| {
        if !error.may_have_happened() {
            error
        } else if ready.repeat == catalog::Repeat::Idempotent {
            settled(error)
        } else {
            Error::Uncertain {
                activity: Some(begun.id),
                message: error.to_string(),
            }
        }
    });
    let told = came
        .as_ref()
        .map(|came| (came.status.as_u16(), came.remote.clone()));
    let mut line = record::ended(&parts.context, &begun, told);
    // What was to be followed elsewhere was not done.
    if came.as_ref().is_ok_and(|came| came.status.is_redirection()) {
        line.outcome = Outcome::Failed;
    }
    match journal.record(line).await {
        Ok(()) => Ok(answer(came?, None)),
        // Microsoft did it, and nobody will ever read so: whoever asked must not simply ask again.
        Err(error) if came.is_ok() => Err(Error::Uncertain {
            activity: Some(begun.id),
            message: error.to_string(),
        }),
        Err(error) => Err(error.into()),
    }
}

/// Sends it, and waits for the answer's headers. A refusal by Microsoft is an error with its diagnosis.
async fn transfer(parts: &Parts, ready: &Ready, going: Going) -> Result<Came> {
    let incoming = match going.body {
        // Graph says where a file is, and that address is asked without a token.
        None if ready.behavior == Some("download") => {
            let coming = behavior::open(parts, ready).await?;
            return Ok(Came {
                status: coming.status,
                headers: coming.headers,
                remote: coming.remote,
                bytes: coming.bytes,
            });
        }
        None => {
            let (snapshot, permit) = (&ready.snapshot, &ready.permit);
            wire::send_batch(parts, snapshot, permit, &ready.wire, &going.inner).await?
        }
        Some(body) => {
            let (body, is_broken) = body.watched();
            let sent =
                wire::send_stream(parts, &ready.snapshot, &ready.permit, &ready.wire, body).await;
            match sent {
                Err(_) if is_broken.is_true() => return Err(broken()),
                sent => sent?,
            }
        }
    };
    came(ready, incoming).await
}

async fn came(ready: &Ready, incoming: Incoming) -> Result<Came> {
    let status = incoming.status;
    if status.is_client_error() || status.is_server_error() {
        let target = ready.permit.deed().target.as_deref();
        return Err(refused(&ready.snapshot, ready.operation, target, incoming).await);
    }
    let remote = record::remote_ids(&incoming);
    Ok(Came {
        status,
        headers: returned(&ready.snapshot, &incoming.headers),
        remote,
        bytes: incoming
            .body
            .stream()
            .map(|piece| piece.map_err(cut))
            .boxed(),
    })
}

fn length(headers: &HeaderMap) -> Option<u64> {
    headers
        .get(header::CONTENT_LENGTH)?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

fn answer(came: Came, tally: Option<Tally>) -> ProxyAnswer {
    ProxyAnswer {
        status: came.status,
        headers: came.headers,
        body: ProxyBody::Stream(match tally {
            Some(tally) => tally.over(came.bytes),
            None => came.bytes,
        }),
    }
}
