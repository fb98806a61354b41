use std::fmt;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use http::header::{ACCEPT_ENCODING, CONTENT_RANGE, ETAG, IF_RANGE, RANGE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::ProofUrl;
use crate::{Incoming, Repeat, Transport, TransportError};

/// Breaks in a row, without a byte between them, after which a download ends.
const MOST_BREAKS: u32 = 4;

/// Asks for the file's address anew, when the one at hand has come to its end.
type Relocate = Box<dyn Fn() -> BoxFuture<'static, Option<ProofUrl>> + Send + Sync>;

/// A file's bytes, to come from where its address leads.
pub struct Download {
    pub transport: Transport,
    pub url: ProofUrl,
    /// `bytes=0-1048575`, or the whole file.
    pub range: Option<HeaderValue>,
    pub relocate: Relocate,
}

/// An answer that has begun.
pub struct Opened {
    /// 200, or 206 for a part.
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// A break is resumed where it was; an error ends it.
    pub bytes: BoxStream<'static, Result<Bytes, TransportError>>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Download {
    /// `Err(answer)` where the file's host refuses.
    pub async fn open(mut self) -> Result<Result<Opened, Box<Incoming>>, TransportError> {
        let mut answer = self.ask(self.range.clone(), None).await?;
        if is_over(answer.status)
            && let Some(url) = (self.relocate)().await
        {
            self.url = url;
            answer = self.ask(self.range.clone(), None).await?;
        }
        if !answer.status.is_success() {
            return Ok(Err(Box::new(answer)));
        }
        let headers = answer.headers.clone();
        let place = Place::of(&answer);
        let walk = Walk {
            download: self,
            bytes: answer.body.stream(),
            place,
            breaks: 0,
        };
        Ok(Ok(Opened {
            status: answer.status,
            headers,
            bytes: stream::try_unfold(walk, Walk::next).boxed(),
        }))
    }

    async fn ask(
        &self,
        range: Option<HeaderValue>,
        version: Option<HeaderValue>,
    ) -> Result<Incoming, TransportError> {
        // A break is resumed by counting bytes, which a compressed answer has others of.
        let identity = HeaderValue::from_static("identity");
        let request = self.url.request(Method::GET, Repeat::Safe);
        let mut request = request.header(ACCEPT_ENCODING, identity);
        if let Some(range) = range {
            request = request.header(RANGE, range);
        }
        if let Some(version) = version {
            request = request.header(IF_RANGE, version);
        }
        self.transport.send(request).await
    }
}

/// Where in the file the next byte is.
struct Place {
    next: u64,
    /// The last byte wanted; the file's last one where it is not known.
    last: Option<u64>,
    /// Of the version that was begun; without it a break cannot be resumed.
    version: Option<HeaderValue>,
}

impl Place {
    fn of(answer: &Incoming) -> Self {
        let (next, last) = content_range(&answer.headers).unwrap_or((0, None));
        let version = answer.headers.get(ETAG).cloned();
        Self {
            next,
            last,
            // A weak one does not promise the same bytes.
            version: version.filter(|tag| !tag.as_bytes().starts_with(b"W/")),
        }
    }

    fn range(&self) -> Option<HeaderValue> {
        let last = self.last.map(|last| last.to_string()).unwrap_or_default();
        HeaderValue::try_from(format!("bytes={}-{last}", self.next)).ok()
    }
}

/// `bytes 0-99/1000` says where the part begins and ends.
fn content_range(headers: &HeaderMap) -> Option<(u64, Option<u64>)> {
    let text = headers.get(CONTENT_RANGE)?.to_str().ok()?;
    let (range, _) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()))
}

struct Walk {
    download: Download,
    bytes: BoxStream<'static, Result<Bytes, TransportError>>,
    place: Place,
    breaks: u32,
}

impl Walk {
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, TransportError> {
        loop {
            match self.bytes.next().await {
                None => return Ok(None),
                Some(Ok(piece)) => {
                    self.place.next = self.place.next.saturating_add(piece.len() as u64);
                    self.breaks = 0;
                    return Ok(Some((piece, self)));
                }
                Some(Err(error)) => self.resume(error).await?,
            }
        }
    }

    /// Goes on where the break was, in the same version of the file; otherwise the break stands.
    async fn resume(&mut self, error: TransportError) -> Result<(), TransportError> {
        self.breaks += 1;
        let (Some(version), Some(range)) = (self.place.version.clone(), self.place.range()) else {
            return Err(error);
        };
        if self.breaks > MOST_BREAKS {
            return Err(error);
        }
        let mut answer = self
            .download
            .ask(Some(range.clone()), Some(version.clone()))
            .await?;
        if is_over(answer.status)
            && let Some(url) = (self.download.relocate)().await
        {
            self.download.url = url;
            answer = self.download.ask(Some(range), Some(version)).await?;
        }
        let goes_on = answer.status == StatusCode::PARTIAL_CONTENT
            && content_range(&answer.headers).is_some_and(|(first, _)| first == self.place.next);
        if !goes_on {
            return Err(error);
        }
        self.bytes = answer.body.stream();
        Ok(())
    }
}

/// What the host of the files answers when an address has come to its end.
fn is_over(status: StatusCode) -> bool {
    matches!(status.as_u16(), 401 | 403 | 404 | 410)
}
