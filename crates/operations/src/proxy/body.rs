//! A raw request's body on its way: streamed where nothing in it decides, read whole and for certain where it does.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::{HeaderMap, header};
use serde_json::Value;

use super::pass::Sent;
use super::{denied, json};
use crate::{Error, Result};

/// Shorter ones are kept while they are sent, so that a 401 or 429 can be answered by sending them again.
const KEPT: u64 = 64 * 1024;

/// A body as it comes from the caller.
pub struct RawBody {
    /// Where the caller said so.
    pub length: Option<u64>,
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

impl RawBody {
    pub fn empty() -> Self {
        Self::whole(Bytes::new())
    }

    pub fn whole(bytes: Bytes) -> Self {
        Self {
            length: Some(bytes.len() as u64),
            bytes: stream::iter([Ok(bytes)]).boxed(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.length == Some(0)
    }

    pub(super) fn is_short(&self) -> bool {
        self.length.is_some_and(|length| length <= KEPT)
    }

    /// All of it. Nothing was sent yet when it is too long or breaks off.
    pub(super) async fn read(mut self, limit: usize) -> Result<Bytes> {
        let too_large = || Error::Input {
            code: "body_too_large",
            field: None,
            message: format!(
                "the body has to be read before it is sent, and is longer than {limit} bytes"
            ),
        };
        if self.length.is_some_and(|length| length > limit as u64) {
            return Err(too_large());
        }
        let mut whole = BytesMut::new();
        while let Some(piece) = self.bytes.next().await {
            let piece = piece.map_err(|_| broken())?;
            if whole.len() + piece.len() > limit {
                return Err(too_large());
            }
            if whole.is_empty() && self.length == Some(piece.len() as u64) {
                return Ok(piece);
            }
            whole.extend_from_slice(&piece);
        }
        Ok(whole.freeze())
    }

    pub(super) fn counted(mut self, sent: &Sent) -> Self {
        let sent = sent.clone();
        let pieces = self.bytes.inspect(move |piece| {
            if let Ok(piece) = piece {
                sent.add(piece.len());
            }
        });
        self.bytes = pieces.boxed();
        self
    }

    /// The body, and whether the caller broke off before its end.
    pub(super) fn watched(mut self) -> (Self, Broken) {
        let broken = Broken(Arc::default());
        let told = broken.clone();
        let pieces = self.bytes.inspect(move |piece| {
            if piece.is_err() {
                told.0.store(true, Ordering::Release);
            }
        });
        self.bytes = pieces.boxed();
        (self, broken)
    }
}

impl fmt::Debug for RawBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawBody")
            .field("length", &self.length)
            .finish_non_exhaustive()
    }
}

/// Whether a caller broke off. Then Microsoft never got the end of the request, and cannot have done it.
#[derive(Clone)]
pub(super) struct Broken(Arc<AtomicBool>);

impl Broken {
    pub(super) fn is_true(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

pub(super) fn broken() -> Error {
    Error::Input {
        code: "body_unreadable",
        field: None,
        message: "the body broke off before its end, and nothing was done".to_owned(),
    }
}

/// What a body says that may decide: JSON in UTF-8 and nothing else. `None` when there is none.
pub(super) fn told(headers: &HeaderMap, bytes: &[u8]) -> Result<Option<Value>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let content_type = headers.get(header::CONTENT_TYPE);
    is_json(content_type.and_then(|value| value.to_str().ok()))?;
    json::parse(bytes)
        .map(Some)
        .map_err(|reason| unreadable(&reason))
}

/// `application/json`, in UTF-8 where a character set is named.
pub(super) fn is_json(content_type: Option<&str>) -> Result<()> {
    let text = content_type.unwrap_or_default().to_ascii_lowercase();
    let mut parts = text.split(';').map(str::trim);
    let other_charset = |part: &str| {
        part.split_once('=').is_some_and(|(name, value)| {
            name.trim() == "charset" && !matches!(value.trim().trim_matches('"'), "utf-8" | "utf8")
        })
    };
    if parts.next() != Some("application/json") || parts.any(other_charset) {
        return Err(unreadable(
            "its content type is not `application/json` in UTF-8",
        ));
    }
    Ok(())
}

pub(super) fn unreadable(reason: &str) -> Error {
    denied(
        format!(
            "the body decides what the request acts on, and cannot be read for certain: {reason}"
        ),
        "send it as plain JSON",
    )
}
