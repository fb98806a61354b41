//! `GET /error?code=…`, where `error_uri` points.

use std::collections::HashMap;

use axum::extract::Query;
use axum::response::Html;

use super::pages;

/// Names the code and where Microsoft explains it.
pub(crate) async fn error(Query(query): Query<HashMap<String, String>>) -> Html<String> {
    let code = query.get("code").map(String::as_str).unwrap_or_default();
    Html(pages::lookup(code))
}
