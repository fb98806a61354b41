//! Bytes on their way back, counted. A read's line of the log is written when the last byte has passed, or when the caller has
//! gone.

use bytes::Bytes;
use connections::Context;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use http::{HeaderMap, header};
use model::{Activity, Outcome};

use crate::Result;

/// Counts what passes, and tells how it ended.
pub(crate) struct Tally {
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
    pub(crate) fn new(context: &Context, line: Activity, length: Option<u64>) -> Self {
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

    /// The same for the answer with these headers, which may say how long it is.
    pub(crate) fn of(context: &Context, line: Activity, headers: &HeaderMap) -> Self {
        let length = headers.get(header::CONTENT_LENGTH);
        let length = length.and_then(|value| value.to_str().ok()?.parse().ok());
        Self::new(context, line, length)
    }

    /// Passes `bytes` on.
    pub(crate) fn over(
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

    async fn end(&mut self, code: Option<&str>) {
        if let Some(line) = self.closed(code) {
            self.context.journal.note(line).await;
        }
    }

    fn closed(&mut self, code: Option<&str>) -> Option<Activity> {
        let mut line = self.line.take()?;
        line.at = self.context.now();
        line.bytes_received = i64::try_from(self.bytes).ok();
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
