//! A user's token for one API, exchanged by that API for the user's token to another.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-on-behalf-of-flow

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::Value;

use super::answer::{Grant, answer};
use super::client::Client;
use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::tokens::{self, AccessClaims, TokenError, first_good_second};
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::State;

pub(super) fn exchange(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    let verified = form.get("assertion").map(|text| {
        let claims = tokens::verify(shared, text);
        claims.map_err(|error| refusal(error, text))
    });
    let tokens = shared.write(|state| {
        let mut client = Client::authenticate(state, authority, form, trace.at)?;
        if form.require("requested_token_use")? != "on_behalf_of" {
            return Err(EntraError::parameter_missing("requested_token_use"));
        }
        form.require("assertion")?;
        let claims = verified.ok_or_else(|| EntraError::parameter_missing("assertion"))??;
        check_audience(&client, &claims)?;
        if claims.is_app_only() {
            let client_id = &client.application.client_id;
            return Err(EntraError::on_behalf_of_application(client_id));
        }
        if !client.settle(state, &claims.tid) {
            let reason = "The token was issued in another tenant";
            return Err(EntraError::user_assertion_wrong(reason));
        }
        let grant = grant(state, &claims, form)?;
        // Only the person can mend what is missing, and the middle tier has to pass that on.
        answer(state, &client, grant, form, trace).map_err(|error| match error.code {
            50076 | 50079 => error.into_interaction(),
            _ => error,
        })
    })?;
    Ok(tokens.respond(shared, form))
}

fn grant(state: &mut State, claims: &AccessClaims, form: &Form) -> Result<Grant, EntraError> {
    let issued_at = Timestamp::from_second(claims.iat).unwrap_or_default();
    let user = state.directory.user(&claims.oid);
    let revoked_at = user
        .and_then(|user| user.tokens_valid_from)
        .filter(|at| claims.iat < first_good_second(*at));
    let scopes = form.require_scope()?.split_whitespace().map(str::to_owned);
    Ok(Grant {
        user_id: claims.oid.clone(),
        session_id: state.ids.uuid().to_string(),
        signed_in_at: issued_at,
        issued_at,
        revoked_at,
        scopes: scopes.collect(),
        nonce: None,
        is_strong: claims.is_strong(),
    })
}

fn check_audience(client: &Client, claims: &AccessClaims) -> Result<(), EntraError> {
    let application = &client.application;
    let is_own =
        claims.aud == application.client_id || application.identifier_uris.contains(&claims.aud);
    if is_own {
        return Ok(());
    }
    let reason = "Assertion audience does not match the Client app presenting the assertion";
    Err(EntraError::user_assertion_wrong(reason))
}

fn refusal(error: TokenError, text: &str) -> EntraError {
    match error {
        TokenError::Expired => EntraError::user_assertion_outside_its_time(),
        TokenError::Signature => {
            EntraError::user_assertion_wrong("The provided signature value did not match")
        }
        TokenError::Malformed if is_id_token(text) => EntraError::id_token_as_assertion(),
        TokenError::Malformed => EntraError::user_assertion_wrong("The token is malformed"),
    }
}

/// ID tokens have no `appid`, and access tokens have no `preferred_username` or `sid`.
fn is_id_token(text: &str) -> bool {
    let claims = text
        .split('.')
        .nth(1)
        .and_then(|part| URL_SAFE_NO_PAD.decode(part).ok())
        .and_then(|json| serde_json::from_slice::<Value>(&json).ok());
    claims.is_some_and(|claims| claims["ver"] == "2.0" && claims.get("appid").is_none())
}
