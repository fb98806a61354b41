//! Files of any size, through an upload session.
//!
//! The session's address is kept, sealed, under the idempotency key, with how far it came and what arrived looks like: a
//! request that is repeated after a break, or after this process died, goes on where the session is, if it brings the same
//! file.

use std::io;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::{FutureExt, StreamExt};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use microsoft::{
    Content, GraphFault, Mark, ProofUrl, Repeat, Sequence, Tally, Target, UploadError,
    UploadSession, Uploaded,
};
use model::RemoteIds;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{answered, json as read};
use crate::exchange::{exchange, settled};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::wire::Wire;
use crate::write::Write;
use crate::{Answer, Error, Result, record};

/// Files up to this may go in one request: what Microsoft takes without a session, and memory holds.
const ONE_REQUEST: u64 = 4 * 1024 * 1024;
const SESSION: &str = "/createUploadSession";

/// What is kept of an upload under its idempotency key.
#[derive(Serialize, Deserialize)]
struct Progress {
    /// The session's address, which is a secret.
    url: String,
    #[serde(default)]
    at: u64,
    /// SHA-256 of what arrived: the file that is sent again may be another one by now.
    #[serde(default)]
    sha256: Option<String>,
}

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
    begin(parts, ready, write, content).await
}

async fn begin(
    parts: &Parts,
    ready: &Ready,
    write: Option<&Write<'_>>,
    content: Content,
) -> Result<(Answer, RemoteIds)> {
    // One that nobody uses ends by itself: that it was begun can be asked for again.
    let safe = ready.repeatable();
    let (made, _) = exchange(parts, &safe).await.map_err(settled)?;
    let url = read(&made)?;
    let url = url
        .get("uploadUrl")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let session = session(parts, ready, url, write).ok_or_else(|| {
        Error::Unusable(
            "the upload's address is not one of this cloud's files, and was not used".to_owned(),
        )
    })?;
    let way = Way {
        parts,
        ready,
        write,
        session,
    };
    if !way.keep(None).await {
        way.give_up().await;
        return Err(Error::InProgress);
    }
    way.finish(content, None).await
}

/// Goes on with the session of a try whose process died, or that broke off. `None` when it has to begin anew.
pub(crate) async fn resume(
    parts: &Parts,
    ready: &Ready,
    write: &Write<'_>,
    progress: &str,
) -> Result<Option<(Answer, RemoteIds)>> {
    let Ok(progress) = serde_json::from_str::<Progress>(progress) else {
        return Ok(None);
    };
    let Some(session) = session(parts, ready, &progress.url, Some(write)) else {
        return Ok(None);
    };
    let mark = progress.mark();
    let way = Way {
        parts,
        ready,
        write: Some(write),
        session,
    };
    if sequence(ready) == Sequence::Attachment {
        // Its session cannot be asked, and only follows on what it has.
        way.give_up().await;
        return Ok(None);
    }
    match way.session.expects().await {
        Ok(next) if next == mark.map_or(0, |mark| mark.at) => {
            way.finish(content(ready)?, mark).await.map(Some)
        }
        // More has arrived than anybody remembers the look of: it may be another file's.
        Ok(_) => {
            way.give_up().await;
            Ok(None)
        }
        // The last chunk may have been the end of it.
        Err(UploadError::SessionGone) => way.look(true).await,
        Err(error) => {
            // Nothing is known, and nothing changed: the next try asks again.
            write.leave_open();
            Err(settled(explained(ready, error)))
        }
    }
}

impl Progress {
    fn mark(&self) -> Option<Mark> {
        let text = self.sha256.as_deref()?;
        let mut sha256 = [0; 32];
        let decoded = STANDARD.decode_slice(text, &mut sha256);
        decoded
            .is_ok_and(|length| length == sha256.len())
            .then_some(Mark {
                at: self.at,
                sha256,
            })
    }
}

/// An upload under way.
struct Way<'a> {
    parts: &'a Parts,
    ready: &'a Ready,
    write: Option<&'a Write<'a>>,
    session: UploadSession,
}

impl Way<'_> {
    async fn finish(&self, content: Content, from: Option<Mark>) -> Result<(Answer, RemoteIds)> {
        let note = |mark| self.keep(Some(mark)).boxed();
        let error = match self.session.send(content, from, &note).await {
            Ok(uploaded) if is_end(self.ready, &uploaded) => return Ok(done(self.ready, uploaded)),
            Ok(uploaded) => {
                let text = format!("the last answer, {}, is not an upload's", uploaded.status);
                return self.broke_off(Error::Unusable, text, false).await;
            }
            Err(error) => error,
        };
        match error {
            UploadError::Overtaken => Err(Error::InProgress),
            // Nobody said that the last chunk arrived; the session, or the file, does.
            UploadError::Transport(_) | UploadError::SessionGone => {
                let gone = matches!(error, UploadError::SessionGone);
                self.broke_off(Error::Unreachable, error.to_string(), gone)
                    .await
            }
            other => {
                // Nothing is left behind; if this fails too, the session ends by itself.
                self.give_up().await;
                Err(explained(self.ready, other))
            }
        }
    }

    /// What is there after a break: all of it, a session that can go on, or nothing.
    async fn broke_off(
        &self,
        error: impl FnOnce(String) -> Error,
        why: String,
        gone: bool,
    ) -> Result<(Answer, RemoteIds)> {
        if self.is_over(gone).await {
            if let Some(item) = self.look(false).await? {
                return Ok(item);
            }
            return Err(error(format!(
                "{why}; nothing of the file is there, and it has to be sent anew"
            )));
        }
        let keyed = self.write.filter(|write| write.held.is_some());
        let keyed = keyed.filter(|_| sequence(self.ready) == Sequence::Drive);
        let Some(write) = keyed else {
            self.give_up().await;
            return Err(error(format!(
                "{why}; nothing of the file is there, and it has to be sent anew"
            )));
        };
        write.leave_open();
        Err(error(format!(
            "{why}; nothing of the file is there yet, and a repetition with the same `Idempotency-Key` goes on with it"
        )))
    }

    /// Whether nothing is left to go on with. The session of an attachment cannot be asked.
    async fn is_over(&self, gone: bool) -> bool {
        match sequence(self.ready) {
            Sequence::Drive => {
                matches!(self.session.expects().await, Err(UploadError::SessionGone))
            }
            Sequence::Attachment => {
                gone || Some(self.session.tally.bytes()) == self.ready.content_length
            }
        }
    }

    /// Whether it may go on: somebody else may have taken its place. Without a key nobody could.
    async fn keep(&self, mark: Option<Mark>) -> bool {
        let Some(write) = self.write else { return true };
        let progress = Progress {
            url: self.session.url.expose().to_owned(),
            at: mark.map_or(0, |mark| mark.at),
            sha256: mark.map(|mark| STANDARD.encode(mark.sha256)),
        };
        match serde_json::to_string(&progress) {
            Ok(text) => match write.keep_progress(&text).await {
                Ok(()) => true,
                Err(Error::InProgress) => false,
                Err(error) => {
                    // It costs a repetition some bytes, and the upload nothing.
                    tracing::warn!(error = %error, "how far an upload is could not be kept");
                    true
                }
            },
            Err(_) => true,
        }
    }

    async fn give_up(&self) {
        let _ = self.session.cancel().await;
    }

    /// Whether the file is there: what the last chunk made when its answer was lost. Whoever has not read the file yet does
    /// it now, to compare.
    async fn look(&self, unread: bool) -> Result<Option<(Answer, RemoteIds)>> {
        let Some(length) = self.ready.content_length else {
            return Ok(None);
        };
        if sequence(self.ready) == Sequence::Attachment {
            let all_sent = unread || self.session.tally.bytes() == length;
            let message =
                "the upload's session has ended, and nobody said whether the attachment arrived";
            if all_sent {
                return Err(uncertain(message.to_owned()));
            }
            return Ok(None);
        }
        let (answer, remote) = match exchange(self.parts, &item(self.ready)?).await {
            Ok(found) => found,
            Err(Error::Microsoft { status: 404, .. }) => return Ok(None),
            Err(error) => {
                if let Some(write) = self.write {
                    write.leave_open();
                }
                return Err(settled(error));
            }
        };
        let found = read(&answer)?;
        if found.get("size").and_then(Value::as_u64) != Some(length) {
            return Ok(None);
        }
        let hash = found
            .pointer("/file/hashes/quickXorHash")
            .and_then(Value::as_str);
        if hash.is_some() && unread {
            // What is read for comparing cannot be sent any more.
            self.session
                .read(content(self.ready)?)
                .await
                .map_err(|error| content_error(&error))?;
        }
        match hash {
            Some(hash) if self.session.tally.bytes() == length => {
                if hash == self.session.tally.quick_xor_hash() {
                    return Ok(Some((answer, remote)));
                }
                // It was there before, or somebody else has put it there: ours is not.
                Ok(None)
            }
            _ => Err(uncertain(format!(
                "the upload's last answer was lost; a file of the same size is there, `{}`, and Microsoft gives no hash of \
                 it to compare with",
                name(&found)
            ))),
        }
    }
}

fn uncertain(message: String) -> Error {
    Error::Uncertain {
        activity: None,
        message,
    }
}

fn name(item: &Value) -> &str {
    let id = item.get("id").and_then(Value::as_str);
    id.unwrap_or("the file")
}

/// Under a key what arrives is to be recognised later.
fn session(
    parts: &Parts,
    ready: &Ready,
    url: &str,
    write: Option<&Write<'_>>,
) -> Option<UploadSession> {
    let is_keyed = write.is_some_and(|write| write.held.is_some());
    Some(UploadSession {
        transport: parts.context.transport.clone(),
        url: ProofUrl::of(&ready.snapshot.cloud, url)?,
        sequence: sequence(ready),
        content_type: (sequence(ready) == Sequence::Attachment)
            .then(|| HeaderValue::from_static("application/octet-stream")),
        tally: if is_keyed {
            Tally::recognisable()
        } else {
            Tally::default()
        },
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

/// Whether the last chunk's answer is one: the item, or the attachment's address.
fn is_end(ready: &Ready, uploaded: &Uploaded) -> bool {
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

fn unreadable(error: &io::Error) -> String {
    format!("the file changed or could not be read, and nothing of it was kept: {error}")
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
