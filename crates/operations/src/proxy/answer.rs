//! Microsoft's answer on its way back, counted. A read's line of the log is written when the last byte has passed, or when the
//! caller has gone.

use std::fmt;

use bytes::Bytes;
use connections::Context;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::{HeaderMap, StatusCode};
use model::{Activity, Outcome};

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

/// Counts what passes, and tells how it ended.
pub(super) struct Tally {
    context: Context,
    /// `None` when it is written, or nothing is left to say.
    line: Option<Activity>,
    begun_at: jiff::Timestamp,
    bytes: u64,
    /// All that will come, where the answer says so: whoever serves it may not ask for an end that it knows of.
    length: Option<u64>,
}

impl Tally {
    /// `line` says that all went well, and is corrected if it does not.
    pub(super) fn new(context: &Context, line: Activity, length: Option<u64>) -> Self {
        let duration = line.duration_us.unwrap_or_default();
        let begun_at = line
            .at
            .checked_sub(jiff::SignedDuration::from_micros(duration))
            .unwrap_or(line.at);
        Self {
            context: context.clone(),
            line: Some(line),
            begun_at,
            bytes: 0,
            length,
        }
    }

    /// Passes `bytes` on.
    pub(super) fn over(
        self,
        bytes: BoxStream<'static, Result<Bytes>>,
    ) -> BoxStream<'static, Result<Bytes>> {
        stream::unfold((bytes, self), |(mut bytes, mut tally)| async move {
            let piece = bytes.next().await;
            match &piece {
                Some(Ok(piece)) => tally.bytes += piece.len() as u64,
                Some(Err(error)) => tally.end(Some(error.code())).await,
                None => tally.end(None).await,
            }
            Some((piece?, (bytes, tally)))
        })
        .boxed()
    }

    pub(super) async fn end(&mut self, code: Option<&str>) {
        if let Some(line) = self.closed(code) {
            self.context.journal.note(line).await;
        }
    }

    fn closed(&mut self, code: Option<&str>) -> Option<Activity> {
        let mut line = self.line.take()?;
        line.at = self.context.now();
        line.duration_us = i64::try_from(line.at.duration_since(self.begun_at).as_micros()).ok();
        if let Some(code) = code {
            line.outcome = Outcome::Failed;
            line.code = Some(code.to_owned());
        }
        tracing::debug!(
            action = line.action,
            bytes = self.bytes,
            code,
            "an answer was passed on"
        );
        Some(line)
    }
}

/// A caller that went away in the middle leaves a line too.
impl Drop for Tally {
    fn drop(&mut self) {
        let is_whole = self.length == Some(self.bytes);
        let code = (!is_whole).then_some("cancelled");
        if let Some(line) = self.closed(code) {
            let journal = self.context.journal.clone();
            self.context
                .tasks
                .spawn(async move { journal.note(line).await });
        }
    }
}

/// A body that cannot be passed on any more.
pub(super) fn cut(error: microsoft::TransportError) -> Error {
    crate::exchange::settled(error.into())
}
