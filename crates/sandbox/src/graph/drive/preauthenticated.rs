//! What lies behind addresses that carry their own permission: downloads, pieces of uploads, monitors of copies. They
//! belong to the personal site, not to Graph. A token is not needed; Microsoft warns that one *may* be refused, yet clients
//! of long standing send theirs and are served: so a good token does no harm, and any other is refused.

use std::io::SeekFrom;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Handle};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::stream;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use uuid::Uuid;

use super::render::{is_signed, signed_text};
use super::upload::status;
use crate::entra::secrets;
use crate::graph::auth::Caller;
use crate::shared::Shared;
use crate::state::State;
use crate::state::drive::content::{Content, FileData};
use crate::state::drive::tree::Change;
use crate::state::drive::upload::{Place, UploadSession};

/// Pieces have to be smaller than this.
const LARGEST_PIECE: usize = 60 * 1024 * 1024;
/// All pieces but the last are multiples of this.
const PIECE_UNIT: u64 = 320 * 1024;
/// The largest file of OneDrive.
const LARGEST_FILE: u64 = 250 * 1024 * 1024 * 1024;
/// How much of a file is read at once.
const READ_AHEAD: usize = 256 * 1024;

type Answer = Result<Response<Body>, Refusal>;

/// Status, code and message; these services write `innererror`.
struct Refusal(StatusCode, &'static str, &'static str);

/// Routes below `/personal`.
pub(crate) fn router(shared: &Shared) -> Router {
    Router::new().fallback(handle).with_state(shared.clone())
}

async fn handle(Handle(shared): Handle<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_ascii_lowercase();
    let query: Map<String, Value> =
        form_urlencoded::parse(parts.uri.query().unwrap_or_default().as_bytes())
            .map(|(name, value)| (name.to_ascii_lowercase(), json!(value)))
            .collect();
    let argument = |name: &str| query.get(name).and_then(Value::as_str).unwrap_or_default();
    let is_upload = path.ends_with("/_api/v2.0/drive/uploadsession");
    let has_token = parts.headers.contains_key(header::AUTHORIZATION);
    let answer = if has_token && Caller::identify(&shared, &parts.headers).is_err() {
        Err(unauthenticated())
    } else if path.ends_with("/_layouts/15/download.aspx") {
        download(
            &shared,
            &parts.method,
            &parts.headers,
            argument("uniqueid"),
            argument("tempauth"),
        )
        .await
    } else if is_upload {
        match to_bytes(body, LARGEST_PIECE).await {
            Ok(piece) => upload(
                &shared,
                &parts.method,
                &parts.headers,
                argument("guid"),
                &piece,
            ),
            Err(_) => Err(Refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "requestTooLarge",
                "The piece is cut or too large.",
            )),
        }
    } else if let Some((_, secret)) = parts.uri.path().split_once("/_api/v2.0/monitor/") {
        monitor(&shared, &parts.method, secret)
    } else {
        Err(Refusal(
            StatusCode::NOT_IMPLEMENTED,
            "notImplemented",
            "The sandbox does not serve this part of a personal site.",
        ))
    };
    answer.unwrap_or_else(Refusal::into_response)
}

impl Refusal {
    fn into_response(self) -> Response<Body> {
        let Self(status, code, message) = self;
        let inner = json!({"code": code});
        json_answer(
            status,
            &json!({"error": {"code": code, "message": message, "innererror": inner}}),
        )
    }
}

fn unauthenticated() -> Refusal {
    Refusal(
        StatusCode::UNAUTHORIZED,
        "unauthenticated",
        "The caller is not authenticated.",
    )
}

fn not_found() -> Refusal {
    Refusal(
        StatusCode::NOT_FOUND,
        "itemNotFound",
        "The upload session was not found",
    )
}

fn invalid_range(message: &'static str) -> Refusal {
    Refusal(StatusCode::RANGE_NOT_SATISFIABLE, "invalidRange", message)
}

fn not_allowed() -> Refusal {
    Refusal(
        StatusCode::METHOD_NOT_ALLOWED,
        "invalidRequest",
        "The method is not allowed here.",
    )
}

fn json_answer(status: StatusCode, value: &Value) -> Response<Body> {
    let mut response = Response::new(Body::from(value.to_string()));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

fn empty(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

async fn download(
    shared: &Shared,
    method: &Method,
    headers: &HeaderMap,
    unique: &str,
    token: &str,
) -> Answer {
    if method != Method::GET && method != Method::HEAD {
        return Err(not_allowed());
    }
    let now = shared.now().as_second();
    let found = shared.read(|state| {
        let unique: Uuid = unique.parse().ok()?;
        let drive = state.drives.find(unique)?;
        let mut fields = token.strip_prefix("v1.")?.splitn(3, '.');
        let number: u32 = fields.next()?.parse().ok()?;
        let until: i64 = fields.next()?.parse().ok()?;
        let text = signed_text(drive, unique, number, until);
        if until <= now || !is_signed(&state.drives.link_key, &text, fields.next()?) {
            return None;
        }
        let item = drive.item(unique)?;
        let version = item
            .versions()
            .iter()
            .find(|version| version.number == number)?;
        let tag = super::render::e_tag(unique, item);
        let path = version
            .file
            .content
            .file_name()
            .and_then(|name| state.drives.files.path(name));
        Some((item.name.clone(), tag, version.file.clone(), path))
    });
    let (name, tag, file, path) = found.ok_or_else(unauthenticated)?;
    let range = headers
        .get(header::RANGE)
        .and_then(|value| value.to_str().ok());
    let (start, end) = match range.map(|text| parse_range(text, file.size)) {
        None => (0, file.size),
        Some(Some(bounds)) => bounds,
        Some(None) => return Ok(unsatisfiable(file.size)),
    };
    let body = if method == Method::HEAD {
        Body::empty()
    } else {
        bytes_of(&file, path, start, end).await?
    };
    let mut response = Response::new(body);
    let mut set = |name, value: String| {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    };
    set(
        header::CONTENT_TYPE,
        super::names::media_type(&name).to_owned(),
    );
    set(header::CONTENT_LENGTH, (end - start).to_string());
    set(header::ACCEPT_RANGES, "bytes".to_owned());
    set(header::ETAG, tag);
    let name = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC);
    set(
        header::CONTENT_DISPOSITION,
        format!("attachment; filename*=UTF-8''{name}"),
    );
    if range.is_some() {
        set(
            header::CONTENT_RANGE,
            format!("bytes {start}-{}/{}", end.saturating_sub(1), file.size),
        );
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    Ok(response)
}

fn unsatisfiable(size: u64) -> Response<Body> {
    let mut response = invalid_range("The requested range cannot be satisfied.").into_response();
    if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
        response.headers_mut().insert(header::CONTENT_RANGE, value);
    }
    response
}

/// First byte and one past the last of `bytes=0-9`, `bytes=10-`, `bytes=-5`; none when outside of the file.
fn parse_range(text: &str, size: u64) -> Option<(u64, u64)> {
    let (first, last) = text.trim().strip_prefix("bytes=")?.split_once('-')?;
    let (start, end) = match (first.trim(), last.trim()) {
        ("", length) => (size.saturating_sub(length.parse().ok()?), size),
        (start, "") => (start.parse().ok()?, size),
        (start, last) => (
            start.parse().ok()?,
            last.parse::<u64>().ok()?.saturating_add(1).min(size),
        ),
    };
    (start < end).then_some((start, end))
}

async fn bytes_of(
    file: &FileData,
    path: Option<std::path::PathBuf>,
    start: u64,
    end: u64,
) -> Result<Body, Refusal> {
    let place = |at: u64| usize::try_from(at).unwrap_or(usize::MAX);
    match (&file.content, path) {
        (Content::Memory(bytes), _) => Ok(Body::from(bytes.slice(place(start)..place(end)))),
        (Content::File(_), Some(path)) => {
            let lost = |error: std::io::Error| {
                tracing::error!(error = %error, "the sandbox lost a file of a drive");
                Refusal(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "generalException",
                    "General exception while processing",
                )
            };
            let mut opened = tokio::fs::File::open(path).await.map_err(lost)?;
            opened.seek(SeekFrom::Start(start)).await.map_err(lost)?;
            let pieces = stream::try_unfold(opened.take(end - start), |mut opened| async move {
                let mut piece = Vec::with_capacity(READ_AHEAD);
                (&mut opened)
                    .take(READ_AHEAD as u64)
                    .read_to_end(&mut piece)
                    .await?;
                let piece = (!piece.is_empty()).then(|| (Bytes::from(piece), opened));
                Ok::<_, std::io::Error>(piece)
            });
            Ok(Body::from_stream(pieces))
        }
        (Content::File(_), None) => Err(not_found()),
    }
}

fn upload(
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

/// Puts the whole file in its place.
fn commit(state: &mut State, key: &str, now: jiff::Timestamp) -> Answer {
    let State { drives, ids, .. } = state;
    let session = drives.uploads.remove(key).ok_or_else(not_found)?;
    let (drive, _) = drives.of_mut(&session.owner).ok_or_else(not_found)?;
    if !drive.has_room(session.received) {
        return Err(Refusal(
            StatusCode::INSUFFICIENT_STORAGE,
            "quotaLimitReached",
            "Insufficient Space Available",
        ));
    }
    let change = Change {
        author: session.author.clone(),
        at: now,
    };
    let file = session.data();
    let (unique, is_new) = match &session.place {
        Place::Item(unique) if drive.item(*unique).is_some() => {
            drive.replace(*unique, file, &change);
            (*unique, false)
        }
        Place::Item(_) => return Err(not_found()),
        Place::Name(parent, name) => {
            if drive.item(*parent).is_none() {
                return Err(not_found());
            }
            let put = drive.put_file(*parent, name, file, session.conflict, &change, ids);
            let Ok(put) = put else {
                // The bytes stay: the client may ask for another name, or give up.
                drives.uploads.insert(key.to_owned(), session);
                return Err(Refusal(
                    StatusCode::CONFLICT,
                    "nameAlreadyExists",
                    "An item with the same name already exists under the parent",
                ));
            };
            put
        }
    };
    if let Some(item) = drive.item_mut(unique) {
        item.times.created = session.times.created.or(item.times.created);
        item.times.modified = session.times.modified;
        item.description = session.description.or(item.description.take());
    }
    let entity = committed(drive, unique).ok_or_else(not_found)?;
    Ok(json_answer(
        if is_new {
            StatusCode::CREATED
        } else {
            StatusCode::OK
        },
        &entity,
    ))
}

/// The new item as the personal site tells it: what Graph shows, without addresses of Graph.
fn committed(drive: &crate::state::drive::tree::Drive, unique: Uuid) -> Option<Value> {
    let item = drive.item(unique)?;
    let file = item.file()?;
    let author =
        |author| json!({super::render::identity_kind(author): super::render::identity(author)});
    let parent = item.parent?;
    Some(json!({
        "id": drive.id_of(unique),
        "name": item.name,
        "size": file.size,
        "eTag": super::render::e_tag(unique, item),
        "cTag": super::render::c_tag(unique, item),
        "createdDateTime": super::time(item.created),
        "lastModifiedDateTime": super::time(item.modified),
        "createdBy": author(&item.created_by),
        "lastModifiedBy": author(&item.modified_by),
        "parentReference": {
            "driveType": "business",
            "driveId": drive.id,
            "id": drive.id_of(parent),
            "path": super::render::drive_path(drive, parent),
        },
        "file": {"mimeType": super::names::media_type(&item.name), "hashes": {"quickXorHash": file.hash}},
        "fileSystemInfo": {
            "createdDateTime": super::time(item.times.created.unwrap_or(item.created)),
            "lastModifiedDateTime": super::time(item.times.modified.unwrap_or(item.modified)),
        },
    }))
}

/// How a copy went.
fn monitor(shared: &Shared, method: &Method, secret: &str) -> Answer {
    if method != Method::GET {
        return Err(not_allowed());
    }
    let key = secrets::hash(secret);
    shared.write(|state| {
        let job = state.drives.copies.get_mut(&key);
        let job = job.ok_or(Refusal(StatusCode::NOT_FOUND, "itemNotFound", "The operation was not found."))?;
        if !job.was_asked {
            job.was_asked = true;
            let body = json!({"operation": "itemCopy", "percentageComplete": 50.0, "status": "inProgress"});
            return Ok(json_answer(StatusCode::ACCEPTED, &body));
        }
        let body = match &job.outcome {
            Ok(id) => json!({"operation": "itemCopy", "percentageComplete": 100.0, "resourceId": id, "status": "completed"}),
            Err((code, message)) => json!({"operation": "itemCopy", "status": "failed", "error": {"code": code, "message": message}}),
        };
        Ok(json_answer(StatusCode::OK, &body))
    })
}
