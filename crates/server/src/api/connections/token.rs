//! The one way for a token to leave: a raw access token, for a caller who is trusted with it.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use jiff::{SignedDuration, Timestamp};
use operations::TokenCall;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::api::input::{At, Given, called};
use crate::api::operations::ACTIVITY;
use crate::auth::Caller;
use crate::problem::Problem;
use crate::{App, metrics};

/// Which token. Without a body it is one for the connection's own API, good for five minutes at least.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct TokenRequest {
    /// The resource that it is meant for. Refused where the connection's tokens are for another: a connection has one.
    resource: Option<String>,
    /// Life that it has to have left, in seconds: 300 unless given, 1800 at most. Where Entra's tokens are shorter, so is what
    /// comes: `expires_in` tells.
    min_validity_secs: Option<u32>,
    /// The `token_id` of a token that Microsoft refused with 401: it is forgotten, and another one comes.
    instead_of: Option<String>,
}

/// In the words of RFC 6749, as far as it has them. Not `Debug`: it holds the token.
#[derive(Serialize)]
struct Shown<'a> {
    access_token: &'a str,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    expires_at: Timestamp,
    resource: &'a str,
    scopes: &'a [String],
    roles: &'a [String],
    token_id: Option<&'a str>,
}

pub(crate) async fn token(
    State(app): State<App>,
    caller: Caller,
    At(id): At<String>,
    Given(request): Given<TokenRequest>,
) -> Result<Response, Problem> {
    let call = TokenCall {
        caller: &caller,
        connection: called(&app, &caller, &id).await?,
        resource: request.resource.as_deref(),
        least: request
            .min_validity_secs
            .map(|secs| SignedDuration::from_secs(secs.into())),
        instead_of: request.instead_of.as_deref(),
    };
    let outcome = app.runner().hand_out(&call).await;
    metrics::token_asked(if outcome.is_ok() { "ok" } else { "failed" });
    let given = outcome?;
    let access = &given.token.access;
    let mut response = Json(Shown {
        access_token: access.expose(),
        token_type: "Bearer",
        expires_in: given.expires_in.as_secs(),
        expires_at: given.token.expires_at,
        resource: &given.resource,
        scopes: &given.scopes,
        roles: &given.roles,
        token_id: access.id(),
    })
    .into_response();
    let headers = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::PRAGMA, HeaderValue::from_static("no-cache"));
    if let Ok(activity) = HeaderValue::try_from(given.activity.to_string()) {
        headers.insert(ACTIVITY, activity);
    }
    Ok(response)
}
