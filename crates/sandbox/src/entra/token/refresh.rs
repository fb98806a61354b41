//! A refresh token for new tokens. It lives on beside the new one, unless the sandbox is told to be stricter than Entra.
//! Source: learn.microsoft.com/entra/identity-platform/refresh-tokens

use axum::response::Response;
use jiff::{SignedDuration, Timestamp};

use super::answer::{Grant, answer};
use super::client::Client;
use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::secrets;
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::State;
use crate::state::sign_in::RefreshToken;

const INACTIVITY: SignedDuration = SignedDuration::from_hours(90 * 24);

pub(super) fn redeem(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    let tokens = shared.write(|state| {
        let mut client = Client::authenticate(state, authority, form, trace.at)?;
        let key = secrets::hash(form.require("refresh_token")?);
        let single_use = state.settings.single_use_refresh_tokens;
        let token = state
            .sign_in
            .refresh_tokens
            .get(&key)
            .ok_or_else(EntraError::grant_unreadable)?;
        check(token, &client, trace.at, single_use)?;
        let user_id = user_here(state, token, &mut client)?;
        let grant = Grant {
            user_id,
            session_id: token.session_id.clone(),
            signed_in_at: token.signed_in_at,
            issued_at: token.issued_at,
            revoked_at: token.revoked_at,
            scopes: token.scopes.clone(),
            nonce: None,
            is_strong: token.is_strong,
        };
        let tokens = answer(state, &client, grant, form, trace)?;
        if let Some(token) = state.sign_in.refresh_tokens.get_mut(&key) {
            token.redeemed = true;
        }
        Ok(tokens)
    })?;
    Ok(tokens.respond(shared, form))
}

/// A refresh token is bound to a person, not to a tenant: where they are a guest it serves too.
fn user_here(
    state: &State,
    token: &RefreshToken,
    client: &mut Client,
) -> Result<String, EntraError> {
    if client.settle(state, &token.tenant_id) {
        return Ok(token.user_id.clone());
    }
    let home = state.directory.user(&token.user_id);
    let here = home.and_then(|user| state.directory.in_tenant(user, &client.tenant.id));
    here.map(|user| user.id.clone()).ok_or_else(|| {
        EntraError::not_in_tenant(
            &client.tenant.display_name,
            &token.tenant_id,
            &client.application.client_id,
        )
    })
}

fn check(
    token: &RefreshToken,
    client: &Client,
    now: Timestamp,
    single_use: bool,
) -> Result<(), EntraError> {
    if token.client_id != client.application.client_id {
        return Err(EntraError::grant_of_another_client());
    }
    if single_use && token.redeemed {
        return Err(EntraError::refresh_token_redeemed());
    }
    if now.duration_since(token.issued_at) > INACTIVITY {
        return Err(EntraError::refresh_token_inactive(token.issued_at));
    }
    Ok(())
}
