//! An authorization code for tokens.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow

use axum::response::Response;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest, Sha256};

use super::answer::{Grant, answer};
use super::client::Client;
use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::redirect;
use crate::entra::secrets;
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::sign_in::{Challenge, Code};

const CODE_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

pub(super) fn redeem(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    let tokens = shared.write(|state| {
        let mut client = Client::authenticate(state, authority, form, trace.at)?;
        let key = secrets::hash(form.require("code")?);
        let code = state
            .sign_in
            .codes
            .get(&key)
            .ok_or_else(EntraError::grant_unreadable)?;
        let is_of_tenant = client.settle(state, &code.tenant_id);
        check(code, &client, is_of_tenant, form, trace.at)?;
        let tokens = answer(state, &client, Grant::of_code(code), form, trace)?;
        // Only now: a request that was refused for another reason may be repeated.
        if let Some(code) = state.sign_in.codes.get_mut(&key) {
            code.redeemed = true;
        }
        Ok(tokens)
    })?;
    Ok(tokens.respond(shared, form))
}

fn check(
    code: &Code,
    client: &Client,
    is_of_tenant: bool,
    form: &Form,
    now: Timestamp,
) -> Result<(), EntraError> {
    if code.client_id != client.application.client_id {
        return Err(EntraError::grant_of_another_client());
    }
    if code.redeemed {
        return Err(EntraError::code_redeemed());
    }
    if now.duration_since(code.issued_at) > CODE_LIFETIME {
        return Err(EntraError::code_expired());
    }
    if !is_of_tenant {
        return Err(EntraError::code_of_another_tenant());
    }
    let redirect_uri = form.require("redirect_uri")?;
    if redirect_uri != code.redirect_uri {
        redirect::check(&client.application, Some(redirect_uri))?;
        let given = code.redirect_uri.as_str();
        return Err(EntraError::redirect_differs(redirect_uri, given));
    }
    check_verifier(code.challenge.as_ref(), form.get("code_verifier"))
}

/// RFC 7636. A verifier without a challenge proves nothing and is refused too.
fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), EntraError> {
    let matches = match (challenge, verifier) {
        (None, None) => true,
        (None, Some(_)) => false,
        (Some(_), None) => return Err(EntraError::verifier_missing()),
        (Some(Challenge::Plain(challenge)), Some(verifier)) => challenge == verifier,
        (Some(Challenge::S256(challenge)), Some(verifier)) => {
            *challenge == URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
        }
    };
    if matches {
        Ok(())
    } else {
        Err(EntraError::verifier_wrong())
    }
}
