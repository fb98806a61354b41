use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::{BoxStream, try_unfold};
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::{Instant, timeout_at};

use super::TransportError;
use super::error::Attempted;
use crate::budget::Pass;

/// An answer of any status.
#[derive(Debug)]
pub struct Incoming {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: IncomingBody,
    pub attempts: u32,
    /// From the first attempt to these headers.
    pub elapsed: Duration,
    /// How long Microsoft asks to wait, whatever the status.
    pub retry_after: Option<Duration>,
    /// The id that this request was sent under.
    pub client_request_id: Option<String>,
    /// Id of the token that was sent along, where the client knows one.
    pub token_id: Option<String>,
}

/// The rest of an answer. Dropping it closes the connection where more would come.
#[derive(Debug)]
pub struct IncomingBody {
    response: reqwest::Response,
    request: Attempted,
    started: Instant,
    waits: Waits,
    /// Its place among the requests under way, until the body is read or dropped.
    _pass: Option<Pass>,
}

/// How long a body is waited for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// The longest wait for one piece.
    pub(super) piece: Duration,
    /// When it has to be there, where it is read whole.
    pub(super) ends: Instant,
}

impl IncomingBody {
    pub(super) fn new(
        response: reqwest::Response,
        request: Attempted,
        started: Instant,
        waits: Waits,
        pass: Option<Pass>,
    ) -> Self {
        Self {
            response,
            request,
            started,
            waits,
            _pass: pass,
        }
    }

    /// The whole body, inside the request's deadline. [`TransportError::TooLarge`] beyond `limit` bytes, counted after
    /// decompression.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes, TransportError> {
        let length = self.response.content_length().unwrap_or(0);
        let mut whole = BytesMut::new();
        while let Some(piece) = self.next().await? {
            if whole.len() + piece.len() > limit {
                return Err(TransportError::TooLarge {
                    request: Box::new(self.attempted()),
                    limit,
                });
            }
            if whole.is_empty() {
                if length == piece.len() as u64 {
                    return Ok(piece);
                }
                whole.reserve(usize::try_from(length).unwrap_or(limit).min(limit));
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    /// The whole body read as JSON. [`TransportError::Invalid`] when it is something else; what it held is not repeated,
    /// since it may be a secret.
    pub async fn json<T: DeserializeOwned>(self, limit: usize) -> Result<T, TransportError> {
        let request = Box::new(self.attempted());
        let bytes = self.bytes(limit).await?;
        serde_json::from_slice(&bytes).map_err(|_| TransportError::Invalid {
            request,
            reason: "the answer is not JSON of the expected shape",
        })
    }

    /// The body piece by piece, with no deadline but the longest wait for each piece.
    pub fn stream(self) -> BoxStream<'static, Result<Bytes, TransportError>> {
        try_unfold(self, |mut body| async move {
            let by = Instant::now() + body.waits.piece;
            Ok(body.piece(by).await?.map(|piece| (piece, body)))
        })
        .boxed()
    }

    /// The next piece of a body that is read whole.
    async fn next(&mut self) -> Result<Option<Bytes>, TransportError> {
        let by = Instant::now() + self.waits.piece;
        self.piece(by.min(self.waits.ends)).await
    }

    async fn piece(&mut self, by: Instant) -> Result<Option<Bytes>, TransportError> {
        match timeout_at(by, self.response.chunk()).await {
            Ok(Ok(piece)) => Ok(piece),
            Ok(Err(error)) => Err(TransportError::Interrupted {
                request: Box::new(self.attempted()),
                source: error.without_url().into(),
            }),
            Err(_) => Err(TransportError::TimedOut {
                request: Box::new(self.attempted()),
                sent: true,
            }),
        }
    }

    fn attempted(&self) -> Attempted {
        Attempted {
            elapsed: self.started.elapsed(),
            ..self.request.clone()
        }
    }
}
