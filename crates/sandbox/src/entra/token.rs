//! `POST /{tenant}/oauth2/v2.0/token`, and version 1's `POST /{tenant}/oauth2/token`.
//!
//! Checks run in Entra's order: the request's form, the tenant, the application, its proof, and only then the grant. So an
//! expired secret hides an expired refresh token.

mod answer;
mod client;
mod client_credentials;
mod code;
mod device;
mod form;
mod on_behalf_of;
mod password;
mod refresh;
mod v1;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method};
use axum::response::{Html, IntoResponse, Response};
use bytes::Bytes;

use super::assertion;
use super::authority::Authority;
use super::error::EntraError;
use super::trace::Trace;
use crate::shared::Shared;

use form::Form;

/// The token endpoint.
pub(crate) async fn token(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    respond(&shared, &trace, &tenant, Form::read(&headers, &body)).await
}

/// The token endpoint of version 1, where `resource` stands for `scope`.
pub(crate) async fn token_v1(
    State(shared): State<Shared>,
    trace: Trace,
    Path(tenant): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Form::read(&headers, &body).map(Form::in_v1);
    respond(&shared, &trace, &tenant, form).await
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

async fn respond(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    form: Result<Form, EntraError>,
) -> Response {
    let answer = async {
        let mut form = form?;
        form.require("grant_type")?;
        let authority = shared.read(|state| Authority::parse(state, tenant))?;
        prove(shared, trace, &authority, &mut form).await?;
        grant(shared, trace, &authority, &form)
    };
    match answer.await {
        Ok(response) => response,
        Err(error) => error.respond(trace),
    }
}

/// Checks a client assertion, which may mean to ask an outside issuer and is therefore done before the state is locked.
async fn prove(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &mut Form,
) -> Result<(), EntraError> {
    let Some(text) = form.get("client_assertion").map(str::to_owned) else {
        return Ok(());
    };
    if form.require("client_assertion_type")? != assertion::TYPE {
        return Err(EntraError::assertion_type_unsupported());
    }
    let client_id = match form.get("client_id") {
        Some(client_id) => client_id.to_owned(),
        None => assertion::subject(&text).ok_or_else(EntraError::assertion_malformed)?,
    };
    let application = shared.read(|state| {
        let (application, _) = authority.application(state, &client_id)?;
        Ok::<_, EntraError>(application.clone())
    })?;
    if application.is_public_client {
        return Err(EntraError::secret_of_public_client());
    }
    assertion::verify(shared, trace, &application, &text).await?;
    form.is_proved_for(application.client_id);
    Ok(())
}

fn grant(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    match form.require("grant_type")? {
        "authorization_code" => code::redeem(shared, trace, authority, form),
        "refresh_token" => refresh::redeem(shared, trace, authority, form),
        "client_credentials" => client_credentials::issue(shared, trace, authority, form),
        // Version 1 clients and some old libraries use the short name.
        "urn:ietf:params:oauth:grant-type:device_code" | "device_code" => {
            device::redeem(shared, trace, authority, form)
        }
        "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
            on_behalf_of::exchange(shared, trace, authority, form)
        }
        "password" => password::sign_in(shared, trace, authority, form),
        other => Err(EntraError::grant_type_unsupported(other)),
    }
}
