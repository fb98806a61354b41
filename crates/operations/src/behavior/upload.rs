//! Files of any size, through an upload session.
//!
//! The session's address is kept, sealed, under the idempotency key: a request that is repeated after this process died goes
//! on where the session is, with the same file.

use std::io;

use futures_util::StreamExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use microsoft::{
    Content, GraphFault, ProofUrl, Repeat, Sequence, Target, UploadError, UploadSession, Uploaded,
};
use model::RemoteIds;
use serde_json::{Value, json};

use super::{answered, json as read};
use crate::exchange::exchange;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::Wire;
use crate::write::Write;
use crate::{Answer, Error, Result, record};

/// Files up to this may go in one request: what Microsoft takes without a session, and memory holds.
const ONE_REQUEST: u64 = 4 * 1024 * 1024;
const SESSION: &str = "/createUploadSession";

/// The whole way: a session, the bytes, the item.
pub(super) async fn send(
    parts: &Parts,
    ready: &Ready,
    write: Option<&Write<'_>>,
) -> Result<(Answer, RemoteIds)> {
    let content = content(ready)?;
    if content.length == 0 && sequence(ready) == Sequence::Drive {
        // A session has no place for a file without bytes.
        return exchange(parts, &empty(ready)?).await;
    }
    let (made, _) = exchange(parts, ready).await?;
    let url = read(&made)?;
    let url = url
        .get("uploadUrl")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let session = session(parts, ready, url).ok_or_else(|| {
        Error::Unexpected(
            "the upload's address is not one of this cloud's files, and was not used".to_owned(),
        )
    })?;
    if let Some(write) = write {
        write.keep_progress(session.url.expose()).await?;
    }
    finish(parts, ready, &session, content, 0).await
}

/// Goes on with the session of a try whose process died. `None` when it has to begin anew.
pub(crate) async fn resume(
    parts: &Parts,
    ready: &Ready,
    url: &str,
) -> Result<Option<(Answer, RemoteIds)>> {
    let Some(session) = session(parts, ready, url) else {
        return Ok(None);
    };
    match session.expects().await {
        Ok(from) => {
            let content = content(ready)?;
            finish(parts, ready, &session, content, from)
                .await
                .map(Some)
        }
        // The last chunk may have been the end of it.
        Err(UploadError::SessionGone) => arrived(parts, ready).await,
        Err(error) => Err(explained(ready, error)),
    }
}

async fn finish(
    parts: &Parts,
    ready: &Ready,
    session: &UploadSession,
    content: Content,
    from: u64,
) -> Result<(Answer, RemoteIds)> {
    let error = match session.send(content, from).await {
        Ok(uploaded) => return Ok(done(ready, uploaded)),
        Err(error) => error,
    };
    match error {
        // Nobody said that the last chunk arrived; the session, or the file, does.
        UploadError::Transport(_) | UploadError::SessionGone => {
            if let Err(UploadError::SessionGone) = session.expects().await
                && let Some(item) = arrived(parts, ready).await?
            {
                return Ok(item);
            }
            let text = format!(
                "{error}; nothing of the file is there, and a repetition with the same `Idempotency-Key` goes on with it"
            );
            Err(Error::Unreachable(text))
        }
        other => {
            // Nothing is left behind; if this fails too, the session ends by itself.
            let _ = session.cancel().await;
            Err(explained(ready, other))
        }
    }
}

fn session(parts: &Parts, ready: &Ready, url: &str) -> Option<UploadSession> {
    Some(UploadSession {
        transport: parts.context.transport.clone(),
        url: ProofUrl::of(&ready.snapshot.cloud, url)?,
        sequence: sequence(ready),
        content_type: (sequence(ready) == Sequence::Attachment)
            .then(|| HeaderValue::from_static("application/octet-stream")),
    })
}

fn sequence(ready: &Ready) -> Sequence {
    match ready.behavior {
        Some("attachment_upload_session") => Sequence::Attachment,
        _ => Sequence::Drive,
    }
}

fn content(ready: &Ready) -> Result<Content> {
    ready.take_content().ok_or_else(|| Error::Input {
        code: "content_missing",
        field: Some("content".to_owned()),
        message: "the file's bytes are the request's body, as `application/octet-stream`, and the fields its query".to_owned(),
    })
}

/// A file that fits into one request.
pub(crate) async fn whole_file(mut content: Content) -> Result<Vec<u8>> {
    if content.length > ONE_REQUEST {
        return Err(Error::Input {
            code: "content_too_large",
            field: Some("content".to_owned()),
            message: format!(
                "the file has {} bytes, and one request takes {ONE_REQUEST}; use the operation that uploads large files",
                content.length
            ),
        });
    }
    let mut whole = Vec::new();
    while let Some(piece) = content.bytes.next().await {
        whole.extend_from_slice(&piece.map_err(|error| content_error(&error))?);
        if whole.len() as u64 > content.length {
            break;
        }
    }
    if whole.len() as u64 == content.length {
        return Ok(whole);
    }
    Err(content_error(&io::Error::other(
        "it is not as long as was announced",
    )))
}

fn content_error(error: &io::Error) -> Error {
    Error::Input {
        code: "content_changed",
        field: Some("content".to_owned()),
        message: unreadable(error),
    }
}

fn done(ready: &Ready, uploaded: Uploaded) -> (Answer, RemoteIds) {
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
    let location = uploaded.headers.get(http::header::LOCATION);
    let location = location
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    (
        answered(status, &json!({ "id": attachment_id(location) })),
        remote,
    )
}

/// `…/Attachments('AAMk…')`
fn attachment_id(location: &str) -> Option<&str> {
    let at = location.to_ascii_lowercase().rfind("attachments('")?;
    location[at + "attachments('".len()..].split('\'').next()
}

/// Whether the file is there, as large as what was to be sent: what the last chunk made when its answer was lost.
async fn arrived(parts: &Parts, ready: &Ready) -> Result<Option<(Answer, RemoteIds)>> {
    let (Sequence::Drive, Some(length)) = (sequence(ready), ready.content_length) else {
        return Ok(None);
    };
    let (answer, remote) = match exchange(parts, &item(ready)?).await {
        Ok(found) => found,
        Err(Error::Microsoft { status: 404, .. }) => return Ok(None),
        Err(error) => return Err(error),
    };
    let is_it = read(&answer)?.get("size").and_then(Value::as_u64) == Some(length);
    Ok(is_it.then_some((answer, remote)))
}

/// The item at the address that the session was asked for.
fn item(ready: &Ready) -> Result<Ready> {
    at(ready, ":", Method::GET, None)
}

fn empty(ready: &Ready) -> Result<Ready> {
    at(ready, ":/content", Method::PUT, Some(bytes::Bytes::new()))
}

fn at(ready: &Ready, suffix: &str, method: Method, body: Option<bytes::Bytes>) -> Result<Ready> {
    let mut url = microsoft::resolve(&ready.snapshot.cloud, &ready.wire.target)
        .map_err(|error| Error::Unexpected(error.to_string()))?;
    let path = url
        .path()
        .strip_suffix(SESSION)
        .and_then(|path| path.strip_suffix(':'));
    let path = path.ok_or_else(|| Error::Unexpected("the address is no file's".to_owned()))?;
    url.set_path(&format!("{path}{suffix}"));
    if method == Method::PUT
        && let Some(conflict) = ready.input.get("conflictBehavior").and_then(Value::as_str)
    {
        url.query_pairs_mut()
            .append_pair("@microsoft.graph.conflictBehavior", conflict);
    }
    let mut headers = HeaderMap::new();
    if method == Method::PUT {
        headers.insert(
            http::header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        headers.extend(
            ready
                .wire
                .headers
                .get(http::header::IF_MATCH)
                .map(|tag| (http::header::IF_MATCH, tag.clone())),
        );
    }
    Ok(ready.with(Wire {
        target: Target::Url(url),
        method,
        headers,
        body,
        repeat: Repeat::Safe,
    }))
}

fn explained(ready: &Ready, error: UploadError) -> Error {
    match error {
        UploadError::Refused {
            status,
            headers,
            body,
        } => refused(ready, status, &headers, body),
        UploadError::Content(error) => content_error(&error),
        UploadError::Transport(error) => error.into(),
        other => Error::Unreachable(other.to_string()),
    }
}

fn unreadable(error: &io::Error) -> String {
    format!("the file changed or could not be read, and nothing of it was kept: {error}")
}

fn refused(ready: &Ready, status: StatusCode, headers: &HeaderMap, body: bytes::Bytes) -> Error {
    let fault = GraphFault::parse(status, headers, &body);
    let target = ready.permit.deed().target.as_deref();
    let diagnosis = connections::diagnose_graph(&ready.snapshot, ready.operation, target, &fault);
    Error::Microsoft {
        status: status.as_u16(),
        diagnosis: Box::new(diagnosis),
        body,
        retry_after: None,
    }
}
