//! The bytes of a file, as the caller brings them.

use std::io;

use futures_util::StreamExt;
use microsoft::Content;

use crate::ready::Ready;
use crate::{Error, Result};

/// Files up to this may go in one request: what Microsoft takes without a session, and memory holds.
const ONE_REQUEST: u64 = 4 * 1024 * 1024;

pub(super) fn content(ready: &Ready) -> Result<Content> {
    ready.take_content().ok_or_else(|| Error::Input {
        code: "content_missing",
        field: Some("content".to_owned()),
        message: "the file's bytes are the request's body, as `application/octet-stream`, and the fields its query".to_owned(),
    })
}

/// A file that fits into one request.
pub(crate) async fn whole_file(mut content: Content) -> Result<Vec<u8>> {
    if content.length > ONE_REQUEST {
        return Err(Error::Input {
            code: "content_too_large",
            field: Some("content".to_owned()),
            message: format!(
                "the file has {} bytes, and one request takes {ONE_REQUEST}; use the operation that uploads large files",
                content.length
            ),
        });
    }
    let mut whole = Vec::new();
    while let Some(piece) = content.bytes.next().await {
        whole.extend_from_slice(&piece.map_err(|error| content_error(&error))?);
        if whole.len() as u64 > content.length {
            break;
        }
    }
    if whole.len() as u64 == content.length {
        return Ok(whole);
    }
    Err(content_error(&io::Error::other(
        "it is not as long as was announced",
    )))
}

pub(super) fn content_error(error: &io::Error) -> Error {
    Error::Input {
        code: "content_changed",
        field: Some("content".to_owned()),
        message: unreadable(error),
    }
}

fn unreadable(error: &io::Error) -> String {
    format!("the file changed or could not be read, and nothing of it was kept: {error}")
}
