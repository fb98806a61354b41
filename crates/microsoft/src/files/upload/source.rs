//! The bytes that an upload reads, once.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use tokio::sync::Mutex;

use super::UploadError;
use crate::files::Tally;

/// A file on its way: so many bytes, in the order in which they come.
pub struct Content {
    pub length: u64,
    pub bytes: BoxStream<'static, io::Result<Bytes>>,
}

/// The file's bytes, with those kept that were read and not acknowledged.
pub(super) struct Source {
    bytes: BoxStream<'static, io::Result<Bytes>>,
    kept: Vec<Bytes>,
    /// What was read beyond the chunk that asked for it.
    ahead: Option<Bytes>,
    pub(super) broken: Option<io::Error>,
    tally: Tally,
}

impl Source {
    pub(super) fn new(content: Content, tally: Tally) -> Self {
        Self {
            tally,
            bytes: content.bytes,
            kept: Vec::new(),
            ahead: None,
            broken: None,
        }
    }

    /// Passes over what the session has.
    pub(super) async fn skip(&mut self, mut count: u64) -> Result<(), UploadError> {
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
        self.tally.add(&piece);
        Ok(piece)
    }

    pub(super) fn acknowledge(&mut self, mut count: u64) {
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
    pub(super) async fn finish(&mut self, last: u64) -> Result<(), UploadError> {
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
    pub(super) fn chunk(
        source: Arc<Mutex<Self>>,
        length: u64,
    ) -> BoxStream<'static, io::Result<Bytes>> {
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
