//! Attaching large files in pieces: <https://learn.microsoft.com/graph/outlook-large-attachments>
//!
//! The address of a session carries its own permission and belongs to Outlook, not to Graph; no token goes along.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State as Handle};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use super::attached::MAX_INLINE;
use crate::entra::secrets;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::http::{base_url, names};
use crate::odata::envelope;
use crate::shared::Shared;
use crate::state::State;
use crate::state::mail::item_id;
use crate::state::mail::message::{Attachment, AttachmentKind};
use crate::state::mail::upload::{AttachmentUpload, UploadParent};

/// The largest attachment of a message.
const MAX_FILE: usize = 150 * 1024 * 1024;
/// The largest piece.
const MAX_PIECE: usize = 4 * 1024 * 1024;
/// Where sessions are, below the host of Outlook.
const PATH: &str = "/api/v2.0";

/// `POST …/attachments/createUploadSession`; `place` names the item in the address.
pub(in crate::graph) fn create(
    call: &Call,
    owner: &str,
    parent: UploadParent,
    place: &str,
) -> Result<Reply, Fault> {
    let body = call.json()?;
    let named = |wanted: &'static str| {
        move |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case(wanted)
    };
    let item = body.iter().find(named("AttachmentItem"));
    let item = item.and_then(|(_, item)| item.as_object());
    let item = item.ok_or_else(|| Fault::missing_property("AttachmentItem"))?;
    let get = |name: &'static str| item.iter().find(named(name)).map(|(_, value)| value);
    let words = |name: &'static str| get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = words("attachmentType").ok_or_else(|| Fault::missing_property("attachmentType"))?;
    if !kind.eq_ignore_ascii_case("file") {
        return Err(Fault::invalid_value(
            "attachmentType",
            "microsoft.graph.attachmentType",
        ));
    }
    let size = get("size").and_then(Value::as_u64);
    let size = size.ok_or_else(|| Fault::missing_property("size"))?;
    let size = check_size(size)?;
    let name = words("name").ok_or_else(|| Fault::missing_property("name"))?;
    let content_type =
        words("contentType").unwrap_or_else(|| "application/octet-stream".to_owned());
    let secret = secrets::nonce();
    let session = call.shared.write(|state| {
        let attachment = Attachment {
            id: state.ids.uuid(),
            name,
            content_type,
            is_inline: get("isInline").and_then(Value::as_bool).unwrap_or_default(),
            content_id: words("contentId"),
            modified: call.now,
            content: Vec::new(),
            kind: AttachmentKind::File,
        };
        state
            .mail
            .uploads
            .retain(|_, upload| upload.expires_at > call.now);
        let session = AttachmentUpload::new(owner, parent, attachment, size, call.now);
        let answer = status(&session, "0-");
        state.mail.uploads.insert(secrets::hash(&secret), session);
        answer
    });
    let outlook = site(call.origin());
    let address = format!(
        "{outlook}{PATH}/Users('{owner}')/{place}/AttachmentSessions('{secret}')?authtoken={secret}"
    );
    let mut entity = Map::from_iter([("uploadUrl".to_owned(), json!(address))]);
    entity.extend(session);
    let context = call.context("microsoft.graph.uploadSession");
    let answer = Reply::json(&envelope::entity(&context, entity));
    Ok(answer.with_status(StatusCode::CREATED))
}

fn check_size(size: u64) -> Result<usize, Fault> {
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    if size > MAX_FILE {
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "ErrorAttachmentSizeLimitExceeded",
            "The size of the attachment exceeds the maximum of 150 MB.",
        ));
    }
    if size < MAX_INLINE {
        return Err(Fault::new(
            StatusCode::BAD_REQUEST,
            "ErrorAttachmentSizeShouldNotBeLessThanMinimumSize",
            "The size of the attachment should not be less than 3 MB; smaller files are attached by one request.",
        ));
    }
    Ok(size)
}

/// Outlook as this client reaches it: by its real name when it came by a real name, else here.
fn site(origin: &str) -> String {
    if origin == names::GRAPH {
        "https://outlook.office.com".to_owned()
    } else {
        origin.to_owned()
    }
}

fn status(session: &AttachmentUpload, next: &str) -> Map<String, Value> {
    Map::from_iter([
        (
            "expirationDateTime".to_owned(),
            super::render::time(session.expires_at),
        ),
        ("nextExpectedRanges".to_owned(), json!([next])),
    ])
}

/// What is at Outlook's own host.
pub(crate) fn router(shared: &Shared) -> Router {
    let sessions = Router::new().fallback(handle).with_state(shared.clone());
    Router::new().nest(PATH, sessions)
}

/// Status, code and message.
struct Refusal(StatusCode, &'static str, &'static str);

async fn handle(Handle(shared): Handle<Shared>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let query = parts.uri.query().unwrap_or_default();
    let secret = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "authtoken");
    let secret = secret
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default();
    let key = secrets::hash(&secret);
    let answer = match parts.method {
        Method::PUT => match to_bytes(body, MAX_PIECE).await {
            Ok(piece) => put(&shared, &parts.headers, &key, &piece),
            Err(_) => Err(Refusal(
                StatusCode::PAYLOAD_TOO_LARGE,
                "RequestEntityTooLarge",
                "A piece is at most 4 MB.",
            )),
        },
        Method::DELETE => cancel(&shared, &key),
        _ => Err(Refusal(
            StatusCode::METHOD_NOT_ALLOWED,
            "ErrorInvalidRequest",
            "The method is not allowed here.",
        )),
    };
    answer.unwrap_or_else(|Refusal(status, code, message)| {
        respond(
            status,
            Some(&json!({"error": {"code": code, "message": message}})),
        )
    })
}

fn respond(status: StatusCode, body: Option<&Value>) -> Response<Body> {
    let mut response =
        Response::new(body.map_or_else(Body::empty, |body| Body::from(body.to_string())));
    *response.status_mut() = status;
    if body.is_some() {
        let json = HeaderValue::from_static("application/json; charset=utf-8");
        response.headers_mut().insert(header::CONTENT_TYPE, json);
    }
    response
}

fn not_found() -> Refusal {
    Refusal(
        StatusCode::NOT_FOUND,
        "ErrorItemNotFound",
        "The upload session was not found, or it is over.",
    )
}

fn cancel(shared: &Shared, key: &str) -> Result<Response<Body>, Refusal> {
    shared.write(|state| state.mail.uploads.remove(key).ok_or_else(not_found))?;
    Ok(respond(StatusCode::NO_CONTENT, None))
}

/// One piece: 200 with where to go on, or 201 with the address of the attachment.
fn put(
    shared: &Shared,
    headers: &HeaderMap,
    key: &str,
    piece: &[u8],
) -> Result<Response<Body>, Refusal> {
    let now = shared.now();
    let origin = base_url(headers);
    shared.write(|state| {
        let session = state.mail.uploads.get_mut(key);
        let session = session
            .filter(|session| session.expires_at > now)
            .ok_or_else(not_found)?;
        check_range(headers, session, piece.len())?;
        session.attachment.content.extend_from_slice(piece);
        let received = session.received();
        if received < session.size {
            let mut body = Map::from_iter([(
                "@odata.context".to_owned(),
                json!(format!(
                    "{}{PATH}/$metadata#Users/Messages/AttachmentSessions/$entity",
                    site(&origin)
                )),
            )]);
            body.extend(status(session, &received.to_string()));
            return Ok(respond(StatusCode::OK, Some(&Value::Object(body))));
        }
        let place = commit(state, key, now).ok_or_else(not_found)?;
        let mut response = respond(StatusCode::CREATED, None);
        if let Ok(location) = HeaderValue::from_str(&format!("{}{PATH}/{place}", site(&origin))) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        Ok(response)
    })
}

/// `Content-Range: bytes 0-2097151/3483322`, each piece after the one before.
fn check_range(
    headers: &HeaderMap,
    session: &AttachmentUpload,
    length: usize,
) -> Result<(), Refusal> {
    let text = headers
        .get(header::CONTENT_RANGE)
        .and_then(|value| value.to_str().ok());
    let range = text.and_then(|text| {
        let (range, total) = text.trim().strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        let number = |text: &str| text.trim().parse::<usize>().ok();
        Some((number(first)?, number(last)?, number(total)?))
    });
    let (first, last, total) = range.ok_or(Refusal(
        StatusCode::BAD_REQUEST,
        "ErrorInvalidRequest",
        "The Content-Range header is missing or malformed.",
    ))?;
    let fits = last.checked_sub(first).map(|span| span + 1) == Some(length);
    if !fits || total != session.size {
        return Err(Refusal(
            StatusCode::BAD_REQUEST,
            "ErrorInvalidRequest",
            "The Content-Range header does not fit the piece or the announced size.",
        ));
    }
    if first != session.received() || last >= total {
        return Err(Refusal(
            StatusCode::RANGE_NOT_SATISFIABLE,
            "ErrorInvalidRange",
            "The piece does not follow the one before.",
        ));
    }
    Ok(())
}

/// Attaches the whole file and tells where it is.
fn commit(state: &mut State, key: &str, now: jiff::Timestamp) -> Option<String> {
    let State { mail, ids, .. } = state;
    let session = mail.uploads.remove(key)?;
    let owner = session.owner;
    let mailbox = mail.open(&owner, ids);
    let attachment = session.attachment.id;
    let (set, folder, item) = match session.parent {
        UploadParent::Message(key) => mailbox.change(key, now, |message| {
            message.content.attachments.push(session.attachment);
            ("Messages", message.folder, message.item)
        })?,
        UploadParent::Event(key) => mailbox.change_event(key, now, |event| {
            event.details.attachments.push(session.attachment);
            ("Events", event.calendar, event.key)
        })?,
    };
    let parent = item_id::message(mailbox.id, folder, item);
    let attachment = item_id::attachment(mailbox.id, folder, item, attachment);
    Some(format!(
        "Users('{owner}')/{set}('{parent}')/Attachments('{attachment}')"
    ))
}
