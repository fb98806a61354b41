use http::header::ORIGIN;
use http::request::Parts;
use http::{Method, StatusCode};

use crate::App;
use crate::problem::Problem;

/// Whether it may change anything.
pub(super) fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// A browser says where an unsafe request was made; another site's is refused. Programs say nothing.
pub(crate) fn same_origin(app: &App, parts: &Parts) -> Result<(), Problem> {
    if !is_unsafe(&parts.method) {
        return Ok(());
    }
    let site = parts
        .headers
        .get("sec-fetch-site")
        .map(http::HeaderValue::as_bytes);
    let from_here = site.is_none_or(|site| matches!(site, b"same-origin" | b"none"));
    let origin = parts
        .headers
        .get(ORIGIN)
        .map(|origin| origin.to_str().unwrap_or_default());
    if from_here && origin.is_none_or(|origin| is_ours(app, origin)) {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "foreign_origin",
        "the request was made by a page of another site",
    )
    .next("do it on this server's own pages; a program uses an API key and sends no `Origin`"))
}

fn is_ours(app: &App, origin: &str) -> bool {
    let scheme = app.context().public_url.scheme();
    origin
        .split_once("://")
        .is_some_and(|(given, host)| given == scheme && app.hosts().has(host))
}
