//! Pieces of an upload: <https://learn.microsoft.com/graph/api/driveitem-createuploadsession>

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use axum::body::Body;
use axum::http::{HeaderMap, Method, StatusCode, header};
use futures_util::StreamExt;
use serde_json::Value;
use uuid::Uuid;

use super::commit::{commit, committed};
use super::{Answer, Refusal, empty, invalid_range, json_answer, not_allowed, not_found};
use crate::entra::secrets;
use crate::graph::drive::upload::status;
use crate::shared::Shared;
use crate::state::State;
use crate::state::drive::content::Content;
use crate::state::drive::quick_xor::QuickXor;
use crate::state::drive::upload::UploadSession;

/// Pieces have to be smaller than this.
const LARGEST_PIECE: u64 = 60 * 1024 * 1024;
/// All pieces but the last are multiples of this.
const PIECE_UNIT: u64 = 320 * 1024;
/// The largest file of OneDrive.
const LARGEST_FILE: u64 = 250 * 1024 * 1024 * 1024;

/// A piece on its way in: what the session expects next.
struct Piece {
    /// First byte.
    first: u64,
    length: u64,
    content: Content,
    /// Where it goes; none for contents that stay in memory.
    path: Option<PathBuf>,
    /// Of everything before.
    hash: QuickXor,
}

/// `…/uploadSession`
pub(super) async fn upload(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    secret: &str,
    body: Body,
) -> Answer {
    let key = secrets::hash(secret);
    let now = shared.now();
    shared.write(|state| state.drives.expire_uploads(now));
    match *method {
        Method::GET => shared.read(|state| {
            let session = open(state, &key)?;
            Ok(json_answer(StatusCode::OK, &Value::Object(status(session))))
        }),
        Method::DELETE => shared.write(|state| {
            open(state, &key)?;
            state.drives.uploads.remove(&key);
            Ok(empty(StatusCode::NO_CONTENT))
        }),
        Method::POST => shared.write(|state| {
            let is_whole = open(state, &key)?.is_complete();
            if is_whole {
                commit(state, &key, now)
            } else {
                Err(not_allowed())
            }
        }),
        Method::PUT => put(shared, headers, &key, body).await,
        _ => Err(not_allowed()),
    }
}

/// A session that is still under way.
fn open<'a>(state: &'a State, key: &str) -> Result<&'a UploadSession, Refusal> {
    let session = state.drives.uploads.get(key);
    session
        .filter(|session| session.became.is_none())
        .ok_or_else(not_found)
}

async fn put(shared: &Shared, headers: &HeaderMap, key: &str, body: Body) -> Answer {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let length: Option<u64> = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    let range = text(header::CONTENT_RANGE);
    if length.is_some_and(|length| length > LARGEST_PIECE) {
        return Err(too_large());
    }
    let piece = shared.write(|state| {
        let session = state.drives.uploads.get_mut(key).ok_or_else(not_found)?;
        if let Some(unique) = session.became {
            return if is_last_again(session, range) {
                Ok(Err(unique))
            } else {
                Err(not_found())
            };
        }
        let (first, length) = accept(session, range, length)?;
        let path = session.content.file_name();
        Ok(Ok(Piece {
            first,
            length,
            content: session.content.clone(),
            path: path.and_then(|name| state.drives.files.path(name)),
            hash: session.hash.clone(),
        }))
    });
    let mut piece = match piece {
        Ok(Ok(piece)) => piece,
        other => {
            // A client that is still sending would not see an answer before its end.
            drain(body).await;
            return again(shared, key, other?.err());
        }
    };
    receive(&mut piece, body).await?;
    let now = shared.now();
    shared.write(|state| {
        let session = state.drives.uploads.get_mut(key).ok_or_else(not_found)?;
        if session.received != piece.first {
            return Err(overlaps());
        }
        session.content = piece.content;
        session.grew(piece.length, piece.hash, now);
        if session.is_complete() && !session.is_deferred {
            return commit(state, key, now);
        }
        Ok(json_answer(
            StatusCode::ACCEPTED,
            &Value::Object(status(session)),
        ))
    })
}
/// Whether this is the last piece of a session that is over.
fn is_last_again(session: &UploadSession, range: Option<&str>) -> bool {
    let (first, total) = (session.last_piece, session.received);
    range.and_then(content_range) == Some((first, total.saturating_sub(1), total))
}

/// The file that a session became, once more.
fn again(shared: &Shared, key: &str, unique: Option<Uuid>) -> Answer {
    let unique = unique.ok_or_else(not_found)?;
    shared.read(|state| {
        let session = state.drives.uploads.get(key).ok_or_else(not_found)?;
        let drive = state.drives.of(&session.drive).ok_or_else(not_found)?;
        let entity = committed(drive, unique).ok_or_else(not_found)?;
        Ok(json_answer(StatusCode::OK, &entity))
    })
}

/// Reads what is left of a body, to no end.
async fn drain(body: Body) {
    let mut frames = body.into_data_stream();
    while let Some(Ok(_)) = frames.next().await {}
}

/// Takes a piece in as it comes, without ever holding all of it.
async fn receive(piece: &mut Piece, body: Body) -> Result<(), Refusal> {
    let mut file = match &piece.path {
        Some(path) => Some(at(path, piece.first).map_err(|error| unkept(&error))?),
        None => None,
    };
    let mut frames = body.into_data_stream();
    let mut came = 0;
    while let Some(frame) = frames.next().await {
        let frame = frame.map_err(|_| cut())?;
        came += frame.len() as u64;
        if came > piece.length {
            return Err(unfit());
        }
        piece.hash.update(&frame);
        match (&mut file, &mut piece.content) {
            (Some(file), _) => file.write_all(&frame).map_err(|error| unkept(&error))?,
            (None, Content::Memory(bytes)) => {
                let grown = std::mem::take(bytes);
                // Nobody else holds an upload's bytes, so they mostly grow in place.
                let mut grown = grown
                    .try_into_mut()
                    .unwrap_or_else(|shared| shared[..].into());
                grown.extend_from_slice(&frame);
                *bytes = grown.freeze();
            }
            (None, Content::File(_)) => return Err(not_found()),
        }
    }
    if came == piece.length {
        Ok(())
    } else {
        Err(cut())
    }
}

/// A file that is to be written on from here, whatever an earlier attempt left behind.
fn at(path: &Path, first: u64) -> io::Result<File> {
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(false)
        .open(path)?;
    file.set_len(first)?;
    file.seek(SeekFrom::Start(first))?;
    Ok(file)
}

fn unkept(error: &io::Error) -> Refusal {
    tracing::error!(error = %error, "the sandbox could not keep a piece of an upload");
    Refusal(
        StatusCode::INTERNAL_SERVER_ERROR,
        "generalException",
        "General exception while processing",
    )
}

fn cut() -> Refusal {
    Refusal(
        StatusCode::BAD_REQUEST,
        "invalidRequest",
        "The piece ended before its length was reached.",
    )
}

fn too_large() -> Refusal {
    Refusal(
        StatusCode::PAYLOAD_TOO_LARGE,
        "requestTooLarge",
        "A piece has to be smaller than 60 MiB.",
    )
}

fn unfit() -> Refusal {
    Refusal(
        StatusCode::BAD_REQUEST,
        "invalidRequest",
        "The Content-Range header does not fit the length of the piece.",
    )
}

fn overlaps() -> Refusal {
    invalid_range(
        "The uploaded fragment overlaps with data that has already been received, or leaves a gap.",
    )
}

/// Holds a piece against what is expected next, and notes the size of the whole. Answers its first byte and its length.
fn accept(
    session: &mut UploadSession,
    range: Option<&str>,
    announced: Option<u64>,
) -> Result<(u64, u64), Refusal> {
    let malformed = || {
        Refusal(
            StatusCode::BAD_REQUEST,
            "invalidRequest",
            "The Content-Range header is missing or malformed.",
        )
    };
    let (first, last, total) = range.and_then(content_range).ok_or_else(malformed)?;
    let length = last.checked_sub(first).ok_or_else(unfit)?.saturating_add(1);
    if announced.is_some_and(|announced| announced != length) || last >= total {
        return Err(unfit());
    }
    if length > LARGEST_PIECE {
        return Err(too_large());
    }
    if total > LARGEST_FILE {
        return Err(Refusal(
            StatusCode::PAYLOAD_TOO_LARGE,
            "requestTooLarge",
            "The file is larger than OneDrive takes.",
        ));
    }
    if first != session.received || session.total.is_some_and(|known| known != total) {
        return Err(overlaps());
    }
    if last + 1 < total && !length.is_multiple_of(PIECE_UNIT) {
        return Err(Refusal(
            StatusCode::BAD_REQUEST,
            "invalidRequest",
            "Pieces have to be multiples of 320 KiB, except the last one.",
        ));
    }
    session.total = Some(total);
    Ok((first, length))
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
