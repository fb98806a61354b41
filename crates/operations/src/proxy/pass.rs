//! A permitted raw request on its way to Microsoft, and its answer on the way back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use connections::Caller;
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use http::{HeaderMap, Method, StatusCode};
use microsoft::Incoming;
use model::{Activity, Outcome, RemoteIds};
use url::Url;

use super::answer::cut;
use super::body::{RawBody, broken};
use super::headers::returned;
use super::{ProxyAnswer, ProxyBody, members};
use crate::exchange::{refused, settled};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::tally::Tally;
use crate::{Error, Result, behavior, record, wire};

/// What goes beside the request's first line and headers.
#[derive(Default)]
pub(super) struct Going {
    /// What is sent as it comes.
    pub(super) body: Option<RawBody>,
    /// The requests of a batch, each of which counts.
    pub(super) inner: Vec<(Method, Url)>,
    pub(super) sent: Sent,
}

/// How much of a streamed body has left so far. A clone counts on.
#[derive(Clone, Default)]
pub(super) struct Sent(Arc<AtomicU64>);

impl Sent {
    pub(super) fn add(&self, bytes: usize) {
        self.0.fetch_add(bytes as u64, Ordering::Relaxed);
    }

    /// For the log: of a request without a body, nothing.
    fn number(&self, ready: &Ready) -> Option<i64> {
        let whole = ready.wire.body.as_ref().map_or(0, |body| body.len() as u64);
        let number = self.0.load(Ordering::Relaxed).max(whole);
        i64::try_from(number).ok().filter(|number| *number > 0)
    }
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
    let sent = going.sent.clone();
    let came = transfer(parts, ready, going).await.map_err(settled);
    let told = came
        .as_ref()
        .map(|came| (came.status.as_u16(), came.remote.clone()));
    let line = Activity {
        intent_id: None,
        bytes_sent: sent.number(ready),
        ..record::ended(&parts.context, &begun, told)
    };
    match came {
        Ok(came) => {
            let is_bare = ready.wire.method == Method::HEAD
                || matches!(
                    came.status,
                    StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED
                );
            let tally = if is_bare {
                Tally::new(&parts.context, line, Some(0))
            } else {
                Tally::of(&parts.context, line, &came.headers)
            };
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
    let sent = going.sent.clone();
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
    line.bytes_sent = sent.number(ready);
    // What was to be followed elsewhere was not done.
    if came.as_ref().is_ok_and(|came| came.status.is_redirection()) {
        line.outcome = Outcome::Failed;
    }
    match journal.record(line).await {
        Ok(()) => Ok(answer(came?, None)),
        // Microsoft did it, or may have, and nobody will ever read so: whoever asked must not simply ask again.
        Err(error) if record::may_be_done(&came) => Err(Error::Uncertain {
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
            let (snapshot, permit, inner) = (&ready.snapshot, &ready.permit, &going.inner);
            let (answer, token) =
                wire::send_members(parts, snapshot, permit, &ready.wire, inner).await?;
            let mut came = came(ready, answer).await?;
            if !inner.is_empty() {
                came.bytes = members::watched(parts, snapshot, token, came.bytes);
            }
            return Ok(came);
        }
        Some(body) => {
            let (body, is_broken) = body.counted(&going.sent).watched();
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
