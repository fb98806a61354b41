use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Deserialize;
use tokio::sync::Mutex;

use super::ProofUrl;
use crate::graph::{ERROR_BYTES, PAGE_BYTES};
use crate::{Body, Incoming, Repeat, Transport, TransportError};

/// What a chunk's size is a multiple of.
const UNIT: u64 = 320 * 1024;
/// One chunk is kept until it is acknowledged, since a stream cannot be read twice: this bounds the memory of an upload.
const CHUNK: u64 = 16 * UNIT;
/// Longest that one chunk may take.
const CHUNK_DEADLINE: Duration = Duration::from_mins(10);
/// Breaks in a row, without progress, after which an upload stops. It can be resumed.
const MOST_BREAKS: u32 = 5;

/// A file on its way: so many bytes, in the order in which they come.
pub struct Content {
    pub length: u64,
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

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
}

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
    },
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
        match self.read(answer).await? {
            Step::GoOn(next) => Ok(next.unwrap_or(0)),
            Step::Done(done) => Err(UploadError::Refused {
                status: done.status,
                headers: done.headers,
                body: done.body,
            }),
        }
    }

    /// Gives up what was begun.
    pub async fn cancel(&self) -> Result<(), UploadError> {
        let request = self.url.request(Method::DELETE, Repeat::Safe);
        self.transport.send(request).await?;
        Ok(())
    }

    /// Sends what the session still expects; `from` bytes of `content` are there already and are passed over.
    pub async fn send(&self, content: Content, from: u64) -> Result<Uploaded, UploadError> {
        let length = content.length;
        let source = Arc::new(Mutex::new(Source::new(content)));
        source.lock().await.skip(from).await?;
        let (mut at, mut breaks) = (from, 0);
        loop {
            let end = (at + self.sequence.chunk()).min(length);
            if end == length {
                // Once the last byte is sent the file is there: what is wrong with it has to be found before.
                source.lock().await.finish(end - at).await?;
            }
            let sent = self.chunk(&source, at, end, length).await;
            let step = match sent {
                Ok(answer) if is_transient(answer.status) => None,
                Ok(answer) => Some(self.read(answer).await?),
                Err(error) if error.is_transient() => None,
                Err(error) => return Err(error.into()),
            };
            if let Some(error) = source.lock().await.broken.take() {
                return Err(UploadError::Content(error));
            }
            let said = match step {
                Some(Step::Done(done)) => return Ok(done),
                Some(Step::GoOn(next)) => Some(next.unwrap_or(end)),
                None => None,
            };
            // A session that takes a chunk and stands still would be fed the same chunk for ever.
            if said.is_none_or(|next| next == at) {
                breaks += 1;
                if breaks > MOST_BREAKS {
                    return Err(self.broke_off(at, length));
                }
            }
            let next = match said {
                Some(next) => next,
                None => self.expects().await?,
            };
            // What Microsoft has is the truth; it never asks for what it acknowledged.
            if next < at || next > end {
                return Err(UploadError::SessionGone);
            }
            if next > at {
                breaks = 0;
            }
            source.lock().await.acknowledge(next - at);
            at = next;
        }
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

    async fn read(&self, answer: Incoming) -> Result<Step, UploadError> {
        let (status, headers) = (answer.status, answer.headers);
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
            _ => {
                let body = answer.body.bytes(ERROR_BYTES).await?;
                Err(UploadError::Refused {
                    status,
                    headers,
                    body,
                })
            }
        }
    }
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

/// The file's bytes, with those kept that were read and not acknowledged.
struct Source {
    bytes: BoxStream<'static, io::Result<Bytes>>,
    kept: Vec<Bytes>,
    /// What was read beyond the chunk that asked for it.
    ahead: Option<Bytes>,
    broken: Option<io::Error>,
}

impl Source {
    fn new(content: Content) -> Self {
        Self {
            bytes: content.bytes,
            kept: Vec::new(),
            ahead: None,
            broken: None,
        }
    }

    /// Passes over what the session has.
    async fn skip(&mut self, mut count: u64) -> Result<(), UploadError> {
        while count > 0 {
            let piece = self.take(count).await.map_err(UploadError::Content)?;
            count -= piece.len() as u64;
        }
        Ok(())
    }

    /// The next piece, at most `most` bytes of it.
    async fn take(&mut self, most: u64) -> io::Result<Bytes> {
        let mut piece = match self.ahead.take() {
            Some(piece) => piece,
            None => match self.bytes.next().await {
                Some(piece) => piece?,
                None => return Err(ended_early()),
            },
        };
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        if piece.len() > most {
            self.ahead = Some(piece.split_off(most));
        }
        Ok(piece)
    }

    fn acknowledge(&mut self, mut count: u64) {
        while count > 0 && !self.kept.is_empty() {
            let length = self.kept[0].len() as u64;
            if length > count {
                let rest = self.kept[0].split_off(usize::try_from(count).unwrap_or(0));
                self.kept[0] = rest;
                return;
            }
            self.kept.remove(0);
            count -= length;
        }
    }

    /// Reads to the end, which has to be where it was said to be.
    async fn finish(&mut self, last: u64) -> Result<(), UploadError> {
        let mut kept: u64 = self.kept.iter().map(|piece| piece.len() as u64).sum();
        while kept < last {
            let piece = self.take(last - kept).await.map_err(UploadError::Content)?;
            kept += piece.len() as u64;
            self.kept.push(piece);
        }
        let more = self.ahead.is_some()
            || matches!(self.bytes.next().await, Some(Ok(piece)) if !piece.is_empty());
        if more {
            let text = "it is longer than was announced";
            return Err(UploadError::Content(io::Error::other(text)));
        }
        Ok(())
    }

    /// `length` bytes: those kept first, the rest as they come.
    fn chunk(source: Arc<Mutex<Self>>, length: u64) -> BoxStream<'static, io::Result<Bytes>> {
        let start = (source, 0_usize, length);
        stream::try_unfold(start, |(source, index, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let mut held = source.lock().await;
            let piece = match held.kept.get(index) {
                Some(piece) => piece.clone(),
                None => match held.take(left).await {
                    Ok(piece) => {
                        held.kept.push(piece.clone());
                        piece
                    }
                    Err(error) => {
                        let told = io::Error::new(error.kind(), error.to_string());
                        held.broken = Some(error);
                        return Err(told);
                    }
                },
            };
            drop(held);
            let left = left - piece.len() as u64;
            Ok(Some((piece, (source, index + 1, left))))
        })
        .boxed()
    }
}

fn ended_early() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "it is shorter than was announced",
    )
}
