//! What lies behind addresses that carry their own permission: downloads, pieces of uploads, monitors of copies. They
//! belong to the site itself, personal or not, and not to Graph. A token is not needed; Microsoft warns that one *may* be refused, yet clients
//! of long standing send theirs and are served: so a good token does no harm, and any other is refused.

mod commit;
mod download;
mod upload;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State as Handle};
use axum::http::{HeaderValue, Method, Response, StatusCode, header};
use serde_json::{Map, Value, json};

use crate::entra::secrets;
use crate::graph::auth::Caller;
use crate::shared::Shared;

type Answer = Result<Response<Body>, Refusal>;

/// Status, code and message; these services write `innererror`.
struct Refusal(StatusCode, &'static str, &'static str);

/// Everything that a site's own host serves.
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
        download::download(
            &shared,
            &parts.method,
            &parts.headers,
            argument("uniqueid"),
            argument("tempauth"),
            argument("format") == "pdf",
        )
        .await
    } else if is_upload {
        let (method, headers) = (&parts.method, &parts.headers);
        upload::upload(&shared, method, headers, argument("guid"), body).await
    } else if let Some((_, secret)) = parts.uri.path().split_once("/_api/v2.0/monitor/") {
        monitor(&shared, &parts.method, secret)
    } else {
        Err(Refusal(
            StatusCode::NOT_IMPLEMENTED,
            "notImplemented",
            "The sandbox does not serve this part of a site.",
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
