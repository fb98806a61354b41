//! Microsoft's answer on its way back, and what it is to the caller.

use std::fmt;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use http::{HeaderMap, StatusCode};

use crate::{Error, Result};

/// Microsoft's answer, whatever its status.
#[derive(Debug)]
pub struct ProxyAnswer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: ProxyBody,
}

/// What was kept under an idempotency key is whole; all else streams.
pub enum ProxyBody {
    Whole(Bytes),
    Stream(BoxStream<'static, Result<Bytes>>),
}

impl fmt::Debug for ProxyBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "{} bytes", bytes.len()),
            Self::Stream(_) => f.write_str("stream"),
        }
    }
}

/// A body that cannot be passed on any more.
pub(super) fn cut(error: microsoft::TransportError) -> Error {
    crate::exchange::settled(error.into())
}
