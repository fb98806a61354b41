mod source;

use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;

pub use self::source::Content;
use self::source::Source;
use super::{ProofUrl, Tally};
use crate::graph::{ERROR_BYTES, PAGE_BYTES};
use crate::{Body, Incoming, Repeat, Transport, TransportError};

/// What a chunk's size is a multiple of.
const UNIT: u64 = 320 * 1024;
/// One chunk is kept until it is acknowledged, since a stream cannot be read twice: this bounds the memory of an upload.
const CHUNK: u64 = 16 * UNIT;
/// Longest that one chunk may take.
const CHUNK_DEADLINE: Duration = Duration::from_mins(10);
/// A `Retry-After` beyond this ends an upload, which can be resumed.
const LONGEST_PAUSE: Duration = Duration::from_mins(5);
/// Breaks in a row, without progress, after which an upload stops. It can be resumed.
const MOST_BREAKS: u32 = 5;

/// How a service numbers what it still expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sequence {
    /// Drives: ranges, `327680-`, and chunks in multiples of 320 KiB.
    Drive,
    /// Attachments of mail and events: less than 4 MB a chunk, and the next byte's number alone.
    Attachment,
}

impl Sequence {
    fn chunk(self) -> u64 {
        match self {
            Self::Drive => CHUNK,
            Self::Attachment => 9 * UNIT,
        }
    }
}

/// An upload session, from its first byte or from where it was left.
#[derive(Debug)]
pub struct UploadSession {
    pub transport: Transport,
    pub url: ProofUrl,
    pub sequence: Sequence,
    pub content_type: Option<HeaderValue>,
    /// What was read of the file.
    pub tally: Tally,
}

/// How far an upload is: so many bytes have arrived, and they look so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    pub at: u64,
    /// SHA-256 of everything before.
    pub sha256: [u8; 32],
}

/// Is told of every mark; says whether the upload is to go on.
pub type Note<'a> = dyn Fn(Mark) -> BoxFuture<'a, bool> + Send + Sync + 'a;

/// What Microsoft answered to the last chunk.
#[derive(Debug)]
pub struct Uploaded {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// An upload that did not come to its end. Nothing of the file is visible; the session lives on unless it is gone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UploadError {
    /// The session ended, was cancelled, or never was.
    #[error("the upload session is gone")]
    SessionGone,
    /// Microsoft refused the file, at the end or at a chunk.
    #[error("the upload was answered with {status}")]
    Refused {
        status: StatusCode,
        headers: HeaderMap,
        body: Bytes,
        retry_after: Option<Duration>,
    },
    /// The file does not begin as the one that the session was begun with.
    #[error("the file is another one than was begun")]
    AnotherFile,
    /// Somebody else goes on with it.
    #[error("another request goes on with this upload")]
    Overtaken,
    /// The bytes ended before the length that was announced, or went on after it, or could not be read.
    #[error("the file changed or could not be read: {0}")]
    Content(#[source] io::Error),
    #[error(transparent)]
    Transport(#[from] TransportError),
}

#[derive(Deserialize)]
struct Status {
    #[serde(rename = "nextExpectedRanges", alias = "NextExpectedRanges", default)]
    next: Vec<String>,
}

impl UploadSession {
    /// Where the session expects the next byte: after a restart, the way to go on.
    pub async fn expects(&self) -> Result<u64, UploadError> {
        let request = self.url.request(Method::GET, Repeat::Safe);
        let answer = self.transport.send(request).await?;
        match self.step(answer).await? {
            Step::GoOn(next) => Ok(next.unwrap_or(0)),
            Step::Done(done) => Err(UploadError::Refused {
                status: done.status,
                headers: done.headers,
                body: done.body,
                retry_after: None,
            }),
        }
    }

    /// Reads a file only to know what it looks like.
    pub async fn read(&self, mut content: Content) -> io::Result<()> {
        while let Some(piece) = content.bytes.next().await {
            self.tally.add(&piece?);
        }
        Ok(())
    }

    /// Gives up what was begun.
    pub async fn cancel(&self) -> Result<(), UploadError> {
        let request = self.url.request(Method::DELETE, Repeat::Safe);
        self.transport.send(request).await?;
        Ok(())
    }

    /// Sends what the session still expects. What is there already, up to the mark `from`, is passed over, and has to look
    /// as it did. `note` is told of every mark, where the tally is recognisable.
    pub async fn send(
        &self,
        content: Content,
        from: Option<Mark>,
        note: &Note<'_>,
    ) -> Result<Uploaded, UploadError> {
        let length = content.length;
        let source = Arc::new(Mutex::new(Source::new(content, self.tally.clone())));
        if let Some(mark) = from {
            source.lock().await.skip(mark.at).await?;
            if self.tally.sha256() != Some(mark.sha256) {
                return Err(UploadError::AnotherFile);
            }
        }
        let (mut at, mut breaks) = (from.map_or(0, |mark| mark.at), 0);
        // Whether a chunk from `at` on was sent and nobody said what became of it.
        let mut lost = false;
        loop {
            let end = (at + self.sequence.chunk()).min(length);
            if end == length {
                // Once the last byte is sent the file is there: what is wrong with it has to be found before.
                source.lock().await.finish(end - at).await?;
            }
            let sent = self.chunk(&source, at, end, length).await;
            let (mut refused, mut no_answer) = (None, false);
            let step = match sent {
                Ok(answer) if is_transient(answer.status) => {
                    refused = Some(answer);
                    None
                }
                Ok(answer) => match self.step(answer).await {
                    Err(UploadError::Transport(error)) if error.is_transient() => {
                        no_answer = true;
                        None
                    }
                    step => Some(step?),
                },
                Err(error) if error.is_transient() => {
                    no_answer = true;
                    None
                }
                Err(error) => return Err(error.into()),
            };
            if let Some(error) = source.lock().await.broken.take() {
                return Err(UploadError::Content(error));
            }
            let out_of_turn = refused
                .as_ref()
                .is_some_and(|answer| answer.status == StatusCode::RANGE_NOT_SATISFIABLE);
            let said = match step {
                Some(Step::Done(done)) => return Ok(done),
                Some(Step::GoOn(next)) => Some(next.unwrap_or(end)),
                None => None,
            };
            // A session that takes a chunk and stands still would be fed the same chunk for ever.
            if said.is_none_or(|next| next == at) {
                breaks += 1;
                let answer = refused.take();
                self.pause(breaks, answer, || self.broke_off(at, length))
                    .await?;
            }
            let next = match (said, self.sequence) {
                (Some(next), _) => next,
                (None, Sequence::Drive) => self.expects().await?,
                // It cannot be asked, and takes nothing but what follows on what it has.
                (None, Sequence::Attachment) if out_of_turn && lost => end,
                (None, Sequence::Attachment) => at,
            };
            lost |= no_answer;
            if next > at {
                lost = false;
            }
            if next == length && said.is_none() {
                return Err(UploadError::SessionGone);
            }
            // What Microsoft has is the truth; it never asks for what it acknowledged.
            if next < at || next > end {
                return Err(UploadError::SessionGone);
            }
            if next > at {
                breaks = 0;
            }
            source.lock().await.acknowledge(next - at);
            at = next;
            if at == end && !self.noted(at, note).await {
                return Err(UploadError::Overtaken);
            }
        }
    }

    /// Whether it is to go on. The tally is at the end of a chunk that arrived whole.
    async fn noted(&self, at: u64, note: &Note<'_>) -> bool {
        match self.tally.sha256() {
            Some(sha256) if self.tally.bytes() == at => note(Mark { at, sha256 }).await,
            _ => true,
        }
    }

    /// Waits before a chunk is sent again: as long as Microsoft says, and longer with each time where it says nothing. What
    /// Microsoft said stands when it was too often, or would take too long.
    async fn pause(
        &self,
        breaks: u32,
        refused: Option<Incoming>,
        broke_off: impl FnOnce() -> UploadError,
    ) -> Result<(), UploadError> {
        let named = refused.as_ref().and_then(|answer| answer.retry_after);
        if breaks > MOST_BREAKS || named.is_some_and(|wait| wait > LONGEST_PAUSE) {
            let Some(answer) = refused else {
                return Err(broke_off());
            };
            return Err(refusal(answer).await?);
        }
        // A break alone is no reason to wait: the session says what it has.
        let wait = named.or_else(|| {
            let again =
                refused.is_some_and(|answer| answer.status != StatusCode::RANGE_NOT_SATISFIABLE);
            again.then(|| self.transport.pause_after(breaks))
        });
        tokio::time::sleep(wait.unwrap_or_default()).await;
        Ok(())
    }

    fn broke_off(&self, at: u64, length: u64) -> UploadError {
        let text = format!("it broke off again and again at byte {at} of {length}");
        UploadError::Transport(TransportError::Interrupted {
            request: Box::new(self.url.request(Method::PUT, Repeat::Never).attempted()),
            source: text.into(),
        })
    }

    async fn chunk(
        &self,
        source: &Arc<Mutex<Source>>,
        at: u64,
        end: u64,
        length: u64,
    ) -> Result<Incoming, TransportError> {
        let range = if end == at {
            format!("bytes */{length}")
        } else {
            format!("bytes {at}-{}/{length}", end - 1)
        };
        // A range is acknowledged or not: sending it twice is the same as once, but the stream is read anew for it.
        let mut request = self
            .url
            .request(Method::PUT, Repeat::Never)
            .deadline(CHUNK_DEADLINE)
            .header(CONTENT_LENGTH, HeaderValue::from(end - at))
            .header(
                CONTENT_RANGE,
                HeaderValue::try_from(range).unwrap_or(HeaderValue::from_static("")),
            );
        if let Some(content_type) = &self.content_type {
            request = request.header(CONTENT_TYPE, content_type.clone());
        }
        let body = Source::chunk(Arc::clone(source), end - at);
        self.transport.send(request.body(Body::Stream(body))).await
    }

    async fn step(&self, answer: Incoming) -> Result<Step, UploadError> {
        let (status, headers) = (answer.status, answer.headers.clone());
        match status.as_u16() {
            // A session's status says 200 as well, without an item.
            200..=202 => {
                let body = answer.body.bytes(PAGE_BYTES).await?;
                let session = serde_json::from_slice::<Status>(&body).ok();
                match session
                    .filter(|session| status != StatusCode::CREATED && !session.next.is_empty())
                {
                    Some(session) => Ok(Step::GoOn(first(&session.next[0]))),
                    None if status == StatusCode::ACCEPTED => Ok(Step::GoOn(None)),
                    None => Ok(Step::Done(Uploaded {
                        status,
                        headers,
                        body,
                    })),
                }
            }
            404 | 410 => Err(UploadError::SessionGone),
            _ => Err(refusal(answer).await?),
        }
    }
}

async fn refusal(answer: Incoming) -> Result<UploadError, TransportError> {
    Ok(UploadError::Refused {
        status: answer.status,
        headers: answer.headers,
        retry_after: answer.retry_after,
        body: answer.body.bytes(ERROR_BYTES).await?,
    })
}

enum Step {
    /// The next byte that is expected, where it is said.
    GoOn(Option<u64>),
    Done(Uploaded),
}

/// `327680-`, `327680-655359`, or for attachments `327680`.
fn first(range: &str) -> Option<u64> {
    range.split('-').next()?.trim().parse().ok()
}

/// The range that is asked for after a conflict (416), and what may work a moment later.
fn is_transient(status: StatusCode) -> bool {
    matches!(status.as_u16(), 416 | 429 | 500 | 502 | 503 | 504 | 509)
}
