//! Pieces of an upload: <https://learn.microsoft.com/graph/api/driveitem-createuploadsession>

use axum::http::{HeaderMap, Method, StatusCode, header};
use bytes::Bytes;
use serde_json::Value;

use super::commit::commit;
use super::{Answer, Refusal, empty, invalid_range, json_answer, not_allowed, not_found};
use crate::entra::secrets;
use crate::graph::drive::upload::status;
use crate::shared::Shared;
use crate::state::drive::content::Content;
use crate::state::drive::upload::UploadSession;

/// All pieces but the last are multiples of this.
const PIECE_UNIT: u64 = 320 * 1024;
/// The largest file of OneDrive.
const LARGEST_FILE: u64 = 250 * 1024 * 1024 * 1024;

pub(super) fn upload(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    secret: &str,
    piece: &Bytes,
) -> Answer {
    let key = secrets::hash(secret);
    let now = shared.now();
    shared.write(|state| {
        state.drives.expire_uploads(now);
        let session = state.drives.uploads.get_mut(&key).ok_or_else(not_found)?;
        match *method {
            Method::GET => Ok(json_answer(StatusCode::OK, &Value::Object(status(session)))),
            Method::DELETE => {
                state.drives.uploads.remove(&key);
                Ok(empty(StatusCode::NO_CONTENT))
            }
            Method::POST if piece.is_empty() && session.is_complete() => commit(state, &key, now),
            Method::PUT => {
                let range = headers.get(header::CONTENT_RANGE).and_then(|value| value.to_str().ok());
                accept(session, range, piece)?;
                let files = &state.drives.files;
                let (at, mut content) = (session.received, std::mem::replace(&mut session.content, Content::Memory(Bytes::new())));
                let stored = files.append(&mut content, at, piece);
                session.content = content;
                if let Err(error) = stored {
                    tracing::error!(error = %error, "the sandbox could not keep a piece of an upload");
                    return Err(Refusal(StatusCode::INTERNAL_SERVER_ERROR, "generalException", "General exception while processing"));
                }
                session.grew(piece, now);
                if session.is_complete() && !session.is_deferred {
                    return commit(state, &key, now);
                }
                Ok(json_answer(StatusCode::ACCEPTED, &Value::Object(status(session))))
            }
            _ => Err(not_allowed()),
        }
    })
}

/// Holds a piece against what is expected next, and notes the size of the whole.
fn accept(session: &mut UploadSession, range: Option<&str>, piece: &Bytes) -> Result<(), Refusal> {
    let malformed = || {
        Refusal(
            StatusCode::BAD_REQUEST,
            "invalidRequest",
            "The Content-Range header is missing or malformed.",
        )
    };
    let (first, last, total) = range.and_then(content_range).ok_or_else(malformed)?;
    let length = piece.len() as u64;
    if last.checked_sub(first).map(|span| span + 1) != Some(length) || last >= total {
        return Err(Refusal(
            StatusCode::BAD_REQUEST,
            "invalidRequest",
            "The Content-Range header does not fit the length of the piece.",
        ));
    }
    if total > LARGEST_FILE {
        return Err(Refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "requestTooLarge",
            "The file is larger than OneDrive takes.",
        ));
    }
    if first != session.received || session.total.is_some_and(|known| known != total) {
        return Err(invalid_range(
            "The uploaded fragment overlaps with data that has already been received, or leaves a gap.",
        ));
    }
    if last + 1 < total && !length.is_multiple_of(PIECE_UNIT) {
        return Err(Refusal(
            StatusCode::BAD_REQUEST,
            "invalidRequest",
            "Pieces have to be multiples of 320 KiB, except the last one.",
        ));
    }
    session.total = Some(total);
    Ok(())
}

/// `bytes 0-9/100`
fn content_range(text: &str) -> Option<(u64, u64, u64)> {
    let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    Some((
        first.trim().parse().ok()?,
        last.trim().parse().ok()?,
        total.trim().parse().ok()?,
    ))
}
