//! One request and its answer, read whole.

use std::sync::PoisonError;

use bytes::Bytes;
use catalog::Operation;
use connections::{Snapshot, diagnose_graph};
use http::{HeaderMap, StatusCode, header};
use microsoft::{GraphFault, Incoming, TransportError};

use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Answer, Error, Result, behavior, content, record, wire};

/// Answers of operations are held in memory up to this; larger ones are for the pass-through, which streams.
pub(crate) const ANSWER_LIMIT: usize = 32 * 1024 * 1024;

/// Sends, and reads the answer whole. A refusal by Microsoft is an error with its diagnosis.
pub(crate) async fn exchange(parts: &Parts, ready: &Ready) -> Result<(Answer, model::RemoteIds)> {
    let incoming = wire::send(parts, &ready.snapshot, &ready.permit, &ready.wire).await?;
    let remote = record::remote_ids(&incoming);
    if !incoming.status.is_success() {
        return Err(refused(
            &ready.snapshot,
            asked_for(ready),
            ready.permit.deed().target.as_deref(),
            incoming,
        )
        .await);
    }
    let status = incoming.status.as_u16();
    if let Some(heard) = &ready.heard {
        let mut heard = heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone_from(&incoming.headers);
    }
    let content_type = content_type(&incoming.headers);
    let location = behavior::location(&ready.snapshot, ready.behavior, &incoming.headers);
    let mut body = match incoming.body.bytes(ANSWER_LIMIT).await {
        Ok(body) => body,
        Err(error) => return Err(half_answered(ready, status, error)),
    };
    content::check(ready, status, content_type.as_deref(), &body)?;
    let mut content_type = content_type;
    if let Some(location) = location.filter(|_| body.is_empty()) {
        content_type = Some("application/json".to_owned());
        body = serde_json::json!({ "location": location })
            .to_string()
            .into();
    }
    Ok((
        Answer {
            status,
            content_type,
            body,
            cursor: None,
            activity: None,
            replayed: false,
        },
        remote,
    ))
}

/// The operation that somebody asked for: this request may be a part of it.
pub(crate) fn asked_for(ready: &Ready) -> Option<&'static Operation> {
    catalog::operation(&ready.permit.deed().action).or(ready.operation)
}

/// Microsoft said that it is done, and then the answer broke off. What changed something is not to be asked for again.
fn half_answered(ready: &Ready, status: u16, error: TransportError) -> Error {
    if content::can_be_repeated(ready) || matches!(error, TransportError::TooLarge { .. }) {
        return error.into();
    }
    Error::Uncertain {
        activity: None,
        message: format!(
            "Microsoft answered {status}, and the rest of its answer was lost: {error}"
        ),
    }
}

pub(crate) fn content_type(headers: &HeaderMap) -> Option<String> {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned)
}

/// Microsoft's refusal, kept whole and explained.
pub(crate) async fn refused(
    snapshot: &Snapshot,
    operation: Option<&'static Operation>,
    target: Option<&str>,
    incoming: Incoming,
) -> Error {
    let retry_after = incoming.retry_after.map(|wait| wait.as_secs());
    let status = incoming.status;
    let remote = record::remote_ids(&incoming);
    let headers = incoming.headers;
    match incoming.body.bytes(ANSWER_LIMIT).await {
        Ok(body) => {
            let told = (status, &headers);
            let mut error = explained(snapshot, operation, target, told, body, retry_after);
            if let Error::Microsoft { diagnosis, .. } = &mut error {
                diagnosis.evidence.client_request_id = remote.client_request_id;
                diagnosis.evidence.uti = remote.uti;
            }
            error
        }
        Err(error) => error.into(),
    }
}

/// A refusal that has been read.
pub(crate) fn explained(
    snapshot: &Snapshot,
    operation: Option<&'static Operation>,
    target: Option<&str>,
    (status, headers): (StatusCode, &HeaderMap),
    body: Bytes,
    retry_after: Option<u64>,
) -> Error {
    let fault = GraphFault::parse(status, headers, &body);
    let diagnosis = Box::new(diagnose_graph(snapshot, operation, target, &fault));
    Error::Microsoft {
        status: status.as_u16(),
        diagnosis,
        body,
        retry_after,
    }
}

/// A read is never uncertain: it can be asked again.
pub(crate) fn settled(error: Error) -> Error {
    match error {
        Error::Uncertain { message, .. } => Error::Unreachable(message),
        other => other,
    }
}
