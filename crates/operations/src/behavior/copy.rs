//! Copies that go on at Microsoft after the answer. Source: Microsoft Graph docs, `driveitem-copy`.

use connections::Snapshot;
use http::header::LOCATION;
use http::{HeaderMap, Method};
use microsoft::{Incoming, ProofUrl, Repeat, Target};
use model::RemoteIds;
use serde_json::{Map, Value, json};

use super::answered;
use crate::exchange::refused;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::{self, Wire};
use crate::{Answer, Error, Result, record};

/// The most of a job's status that is read.
const STATUS_LIMIT: usize = 64 * 1024;

/// Begins it, and answers where its progress is told.
pub(super) async fn begin(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let incoming = wire::send(parts, &ready.snapshot, &ready.permit, &ready.wire).await?;
    let remote = record::remote_ids(&incoming);
    if !incoming.status.is_success() {
        return Err(refused_by(ready, incoming).await);
    }
    let location = incoming
        .headers
        .get(LOCATION)
        .and_then(|value| value.to_str().ok());
    let monitor = location
        .and_then(|url| ProofUrl::of(&ready.snapshot.cloud, url))
        .ok_or_else(|| Error::Uncertain {
            activity: None,
            message: "the copy was accepted, and the answer does not say where it can be followed"
                .to_owned(),
        })?;
    let connection = ready.snapshot.connection.id;
    parts.known.keep_monitor(connection, monitor.expose()).await;
    let status = incoming.status.as_u16();
    Ok((
        answered(status, &json!({ "monitorUrl": monitor.expose() })),
        remote,
    ))
}

/// How far a copy is. The address carries its own proof and gets no token.
pub(super) async fn status(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let monitor = monitor(&ready.snapshot, &ready.input)?;
    let incoming = parts.context.transport.send(monitor.get()).await?;
    let remote = record::remote_ids(&incoming);
    // An older form of the monitor leads to the copy once it is there.
    if incoming.status.is_redirection() {
        let done = json!({ "status": "completed", "percentageComplete": 100.0 });
        return Ok((answered(200, &done), remote));
    }
    if !incoming.status.is_success() {
        return Err(refused_by(ready, incoming).await);
    }
    // While the job goes on the monitor says 202; that it answered is what was asked for.
    let body = incoming.body.bytes(STATUS_LIMIT).await?;
    let body = serde_json::from_slice::<Value>(&body)
        .ok()
        .filter(Value::is_object);
    let body =
        body.ok_or_else(|| Error::Unusable("the copy's status is not a JSON object".to_owned()))?;
    Ok((answered(200, &body), remote))
}

/// What is asked, for whoever wants to see it before. It is never sent like this, since that would be with a token.
pub(super) fn addressed(snapshot: &Snapshot, input: &Map<String, Value>) -> Result<Wire> {
    let monitor = monitor(snapshot, input)?;
    let url = monitor
        .expose()
        .parse()
        .map_err(|_| Error::Unexpected("an address does not read".to_owned()))?;
    Ok(Wire {
        target: Target::Url(url),
        method: Method::GET,
        headers: HeaderMap::new(),
        body: None,
        repeat: Repeat::Safe,
    })
}

/// The address, if it is one of the cloud's own files: nothing else is asked.
fn monitor(snapshot: &Snapshot, input: &Map<String, Value>) -> Result<ProofUrl> {
    let url = input.get("monitorUrl").and_then(Value::as_str);
    url.and_then(|url| ProofUrl::of(&snapshot.cloud, url))
        .ok_or_else(|| Error::Input {
            code: "invalid_input",
            field: Some("monitorUrl".to_owned()),
            message: "`monitorUrl` is no address of this cloud's files; use the one that the copy answered".to_owned(),
        })
}

async fn refused_by(ready: &Ready, incoming: Incoming) -> Error {
    let target = ready.permit.deed().target.as_deref();
    refused(&ready.snapshot, ready.operation, target, incoming).await
}
