//! How an upload ended: what the last chunk's answer says, or why there is none.

use std::time::Duration;

use http::{HeaderMap, StatusCode};
use microsoft::{GraphFault, Sequence, UploadError, Uploaded};
use model::RemoteIds;
use serde_json::{Value, json};

use super::content::content_error;
use super::sequence;
use crate::behavior::answered;
use crate::ready::Ready;
use crate::{Answer, Error, record};

/// Whether the last chunk's answer is one: the item, or the attachment's address.
pub(super) fn is_end(ready: &Ready, uploaded: &Uploaded) -> bool {
    match sequence(ready) {
        Sequence::Drive => serde_json::from_slice::<Value>(&uploaded.body)
            .is_ok_and(|item| item.get("id").is_some_and(Value::is_string)),
        Sequence::Attachment => attachment_id(location(uploaded)).is_some(),
    }
}

fn location(uploaded: &Uploaded) -> &str {
    let location = uploaded.headers.get(http::header::LOCATION);
    location
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

pub(super) fn done(ready: &Ready, uploaded: Uploaded) -> (Answer, RemoteIds) {
    let remote = record::ids_of(&uploaded.headers);
    let status = uploaded.status.as_u16();
    if sequence(ready) == Sequence::Drive {
        let answer = Answer {
            status,
            content_type: Some("application/json".to_owned()),
            body: uploaded.body,
            cursor: None,
            activity: None,
            replayed: false,
        };
        return (answer, remote);
    }
    (
        answered(status, &json!({ "id": attachment_id(location(&uploaded)) })),
        remote,
    )
}

/// `…/Attachments('AAMk…')`
fn attachment_id(location: &str) -> Option<&str> {
    let at = location.to_ascii_lowercase().rfind("attachments('")?;
    location[at + "attachments('".len()..].split('\'').next()
}

pub(super) fn explained(ready: &Ready, error: UploadError) -> Error {
    match error {
        UploadError::Refused {
            status,
            headers,
            body,
            retry_after,
        } => refused(ready, status, &headers, body, retry_after),
        UploadError::AnotherFile => Error::Input {
            code: "content_changed",
            field: Some("content".to_owned()),
            message: "the file is another one than was begun under this key, and nothing of it was kept; use a new key"
                .to_owned(),
        },
        UploadError::Content(error) => content_error(&error),
        UploadError::Transport(error) => error.into(),
        other => Error::Unreachable(other.to_string()),
    }
}

fn refused(
    ready: &Ready,
    status: StatusCode,
    headers: &HeaderMap,
    body: bytes::Bytes,
    retry_after: Option<Duration>,
) -> Error {
    let mut fault = GraphFault::parse(status, headers, &body);
    fault.retry_after = retry_after;
    let target = ready.permit.deed().target.as_deref();
    let diagnosis = connections::diagnose_graph(&ready.snapshot, ready.operation, target, &fault);
    Error::Microsoft {
        status: status.as_u16(),
        diagnosis: Box::new(diagnosis),
        body,
        retry_after: retry_after.map(|wait| wait.as_secs()),
    }
}
