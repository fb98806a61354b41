//! The one port that everything is served on: the server, its log, and the faults it is told to commit.

mod faults;
mod log;
mod server;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::shared::Shared;
use crate::{control, entra, graph};

pub use faults::{Action, Fault};
pub use log::{LoggedRequest, UnimplementedRequest};

pub(crate) use faults::Faults;
pub(crate) use log::RequestLog;
pub(crate) use server::Server;

/// The largest request body accepted, above the 60 MiB that Microsoft Graph takes in one piece of an upload.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// Everything, dispatched by path.
pub(crate) fn router(shared: &Shared) -> Router {
    Router::new()
        .nest("/v1.0", graph::router(shared))
        .nest("/beta", graph::router(shared))
        .nest("/_sandbox", control::router(shared))
        .merge(entra::router(shared))
        .method_not_allowed_fallback(not_implemented)
        .fallback(not_implemented)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// Scheme and authority under which the caller reached us, without a slash at the end. Every URL that the sandbox emits
/// starts with it, so that it works through a container's or a tunnel's address too.
pub(crate) fn base_url(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
        .unwrap_or("localhost");
    format!("http://{host}")
}

/// The answer to anything that the sandbox does not do. The log lists every request that ends in a 501.
pub(crate) async fn not_implemented(method: Method, uri: OriginalUri) -> Response {
    let path = uri.path();
    let body = json!({ "error": {
        "code": "notImplemented",
        "message": format!("the sandbox does not implement `{method} {path}`"),
    }});
    (StatusCode::NOT_IMPLEMENTED, axum::Json(body)).into_response()
}
