//! `POST /{tenant}/oauth2/v2.0/token`.
//!
//! Checks run in Entra's order: the request's form, the tenant, the application, its proof, and only then the grant. So an
//! expired secret hides an expired refresh token.

mod answer;
mod client;
mod client_credentials;
mod code;
mod form;
mod refresh;

use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;

use super::authority::Authority;
use super::error::EntraError;
use super::trace::Trace;
use crate::http::not_implemented;
use crate::shared::Shared;

use form::Form;

/// Grants that Entra has and the sandbox has not.
const NOT_IMPLEMENTED: [&str; 3] = [
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:jwt-bearer",
    "password",
];

/// The token endpoint.
pub(crate) async fn token(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    method: Method,
    uri: OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = match Form::read(&headers, &body) {
        Ok(form) => form,
        Err(error) => return error.respond(&trace),
    };
    let grant_type = form.get("grant_type").unwrap_or_default();
    if NOT_IMPLEMENTED.contains(&grant_type) || form.get("client_assertion").is_some() {
        return not_implemented(method, uri).await;
    }
    match grant(&shared, &trace, &tenant, &form) {
        Ok(response) => response,
        Err(error) => error.respond(&trace),
    }
}

/// Any other method than POST gets a page, as it comes from a person's browser.
pub(crate) async fn only_post(trace: Trace, method: Method) -> Response {
    let error = EntraError::only_post(method.as_str());
    let mut response = error.respond(&trace);
    let page = Html(super::pages::error(&error, &trace)).into_response();
    let (parts, body) = page.into_parts();
    *response.body_mut() = body;
    response.headers_mut().extend(parts.headers);
    response
}

fn grant(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: &Form,
) -> Result<Response, EntraError> {
    let authority = shared.read(|state| Authority::parse(state, tenant))?;
    match form.require("grant_type")? {
        "authorization_code" => code::redeem(shared, trace, &authority, form),
        "refresh_token" => refresh::redeem(shared, trace, &authority, form),
        "client_credentials" => client_credentials::issue(shared, trace, &authority, form),
        other => Err(EntraError::grant_type_unsupported(other)),
    }
}
