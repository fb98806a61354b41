//! `GET /{tenant}/oauth2/v2.0/logout`.

use std::collections::HashMap;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::{pages, redirect, session};
use crate::shared::Shared;

/// Ends the browser's session, and returns it to the application when the address is one of a registered application's.
pub(crate) async fn logout(
    State(shared): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    headers: HeaderMap,
) -> Response {
    shared.write(|state| session::end(state, &headers));
    let asked = query.get("post_logout_redirect_uri").filter(|uri| {
        shared.read(|state| {
            let mut applications = state.directory.applications.iter();
            applications.any(|application| redirect::check(application, Some(uri)).is_ok())
        })
    });
    let mut response = match asked {
        Some(uri) => (StatusCode::FOUND, [(header::LOCATION, uri.clone())]).into_response(),
        None => Html(pages::signed_out()).into_response(),
    };
    session::clear_cookie(&mut response);
    response
}
