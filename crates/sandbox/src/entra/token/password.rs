//! A name and password for tokens, which Microsoft advises against and still serves.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth-ropc

use axum::response::Response;

use super::answer::{Grant, answer};
use super::client::Client;
use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::lockout;
use crate::entra::trace::Trace;
use crate::shared::Shared;

pub(super) fn sign_in(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    if matches!(authority, Authority::Common | Authority::Consumers) {
        return Err(EntraError::grant_needs_tenant());
    }
    let tokens = shared.write(|state| {
        let mut client = Client::authenticate(state, authority, form, trace.at)?;
        let name = form.require("username")?;
        let password = form.require("password")?;
        let user = state
            .directory
            .user(name)
            .ok_or_else(|| EntraError::user_not_found(&client.tenant.display_name))?
            .clone();
        lockout::check(&mut state.sign_in, &user, password, trace.at)?;
        let home = user.tenant_id.clone();
        let user = if client.settle(state, &home) {
            user
        } else {
            // Guests have their password elsewhere, and this grant asks nobody else.
            return Err(EntraError::user_not_found(&client.tenant.display_name));
        };
        let scopes = form.require_scope()?.split_whitespace().map(str::to_owned);
        let grant = Grant {
            user_id: user.id,
            session_id: state.ids.uuid().to_string(),
            signed_in_at: trace.at,
            issued_at: trace.at,
            revoked_at: None,
            scopes: scopes.collect(),
            nonce: None,
            is_strong: false,
        };
        answer(state, &client, grant, form, trace)
    })?;
    Ok(tokens.respond(shared, form))
}
