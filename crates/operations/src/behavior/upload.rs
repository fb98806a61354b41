//! Files of any size, through an upload session.
//!
//! The session's address is kept, sealed, under the idempotency key, with how far it came and what arrived looks like: a
//! request that is repeated after a break, or after this process died, goes on where the session is, if it brings the same
//! file.

mod content;
mod end;
mod item;
mod look;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use http::HeaderValue;
use microsoft::{Content, Mark, ProofUrl, Sequence, Tally, UploadError, UploadSession};
use model::RemoteIds;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::content::content;
pub(crate) use self::content::whole_file;
use self::end::{done, explained, is_end};
use self::item::empty;
use super::json as read;
use crate::exchange::{exchange, settled};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::write::Write;
use crate::{Answer, Error, Result};

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
