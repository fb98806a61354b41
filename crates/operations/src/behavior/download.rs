//! Bytes of a file: Graph says where they are, and that address is asked without a token.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};
use microsoft::{Download, Incoming, ProofUrl};
use model::RemoteIds;

use crate::exchange::{ANSWER_LIMIT, content_type, refused};
use crate::policy::Permit;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Answer, Error, Result, record};

/// What the file's host says of it that travels on.
const RETURNED: [HeaderName; 7] = [
    header::ACCEPT_RANGES,
    header::CONTENT_DISPOSITION,
    header::CONTENT_LENGTH,
    header::CONTENT_RANGE,
    header::CONTENT_TYPE,
    header::ETAG,
    header::LAST_MODIFIED,
];

/// A file that has begun to come.
pub(crate) struct Coming {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: BoxStream<'static, Result<Bytes>>,
    pub(crate) remote: RemoteIds,
}

/// Opens it; a break on the way is resumed.
pub(crate) async fn open(parts: &Parts, ready: &Ready) -> Result<Coming> {
    let mut wire = ready.wire.clone();
    // The range is the file host's affair: Graph itself answers with an address, not with bytes.
    let range = match ready.behavior {
        Some("download") => wire.headers.remove(header::RANGE),
        _ => None,
    };
    let incoming = wire::send(parts, &ready.snapshot, &ready.permit, &wire).await?;
    let remote = record::remote_ids(&incoming);
    if incoming.status.is_success() {
        return Ok(Coming {
            status: incoming.status,
            headers: returned(&incoming.headers),
            bytes: incoming
                .body
                .stream()
                .map(|piece| piece.map_err(Error::from))
                .boxed(),
            remote,
        });
    }
    if !incoming.status.is_redirection() {
        return Err(refused_by(ready, incoming).await);
    }
    follow(parts, ready, wire, incoming, range, remote).await
}

async fn follow(
    parts: &Parts,
    ready: &Ready,
    wire: Wire,
    incoming: Incoming,
    range: Option<HeaderValue>,
    remote: RemoteIds,
) -> Result<Coming> {
    let url = address(ready, &incoming).ok_or_else(|| {
        Error::Unusable(
            "the file's address is not one of this cloud's files, and was not followed".to_owned(),
        )
    })?;
    drop(incoming);
    let download = Download {
        transport: parts.context.transport.clone(),
        url,
        range,
        relocate: Box::new(relocation(parts, ready, wire)),
    };
    match download.open().await? {
        Ok(opened) => Ok(Coming {
            status: opened.status,
            headers: returned(&opened.headers),
            bytes: opened.bytes.map(|piece| piece.map_err(Error::from)).boxed(),
            remote,
        }),
        Err(answer) => Err(refused_by(ready, *answer).await),
    }
}

/// Asks Graph for the address anew: they end after an hour, and a large file may take longer.
fn relocation(
    parts: &Parts,
    ready: &Ready,
    wire: Wire,
) -> impl Fn() -> futures_util::future::BoxFuture<'static, Option<ProofUrl>> + Send + Sync + 'static
{
    let (parts, snapshot) = (parts.clone(), Arc::clone(&ready.snapshot));
    let permit: Arc<Permit> = Arc::new(ready.permit.to_look());
    move || {
        let (parts, snapshot) = (parts.clone(), Arc::clone(&snapshot));
        let (permit, wire) = (Arc::clone(&permit), wire.clone());
        async move {
            let incoming = wire::send(&parts, &snapshot, &permit, &wire).await.ok()?;
            let location = incoming.headers.get(header::LOCATION)?.to_str().ok()?;
            ProofUrl::of(&snapshot.cloud, location)
        }
        .boxed()
    }
}

fn address(ready: &Ready, incoming: &Incoming) -> Option<ProofUrl> {
    let location = incoming.headers.get(header::LOCATION)?.to_str().ok()?;
    ProofUrl::of(&ready.snapshot.cloud, location)
}

fn returned(headers: &HeaderMap) -> HeaderMap {
    RETURNED
        .iter()
        .filter_map(|name| Some((name.clone(), headers.get(name)?.clone())))
        .collect()
}

/// Read whole, for callers who want an answer and no stream.
pub(super) async fn whole(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let mut coming = open(parts, ready).await?;
    let mut body = BytesMut::new();
    while let Some(piece) = coming.bytes.next().await {
        let piece = piece?;
        if body.len() + piece.len() > ANSWER_LIMIT {
            return Err(Error::TooLarge {
                limit: ANSWER_LIMIT,
            });
        }
        body.extend_from_slice(&piece);
    }
    let answer = Answer {
        status: coming.status.as_u16(),
        content_type: content_type(&coming.headers),
        body: body.freeze(),
        cursor: None,
        activity: None,
        replayed: false,
    };
    Ok((answer, coming.remote))
}

async fn refused_by(ready: &Ready, incoming: Incoming) -> Error {
    let target = ready.permit.deed().target.as_deref();
    refused(&ready.snapshot, ready.operation, target, incoming).await
}
