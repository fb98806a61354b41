//! Tokens that an application gets for itself.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::client::Client;
use super::form::{Form, Version};
use super::v1;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::policy;
use crate::entra::scopes::default_resource;
use crate::entra::tokens::{self, AccessClaims, NewAccess, Subject};
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::State;

/// What Entra gives an application that does not declare continuous access evaluation.
const LIFETIME_SECS: u32 = 3599;
/// What it gives one that does.
const LONG_LIFETIME_SECS: u32 = 86_399;

pub(super) fn issue(
    shared: &Shared,
    trace: &Trace,
    authority: &Authority,
    form: &Form,
) -> Result<Response, EntraError> {
    if !matches!(authority, Authority::Tenant { .. }) {
        return Err(EntraError::grant_needs_tenant());
    }
    let (claims, lifetime) = shared.write(|state| {
        let client = Client::authenticate(state, authority, form, trace.at)?;
        client.require_principal(state)?;
        policy::check_application(&state.settings)?;
        claims(state, trace, &client, form)
    })?;
    let mut body = json!({
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": tokens::sign(shared, &claims),
    });
    if lifetime > 7200 {
        body["refresh_in"] = (lifetime / 2).into();
    }
    if form.version == Version::V1 {
        v1::rewrite(&mut body, &claims);
    }
    Ok(Json(body).into_response())
}

fn claims(
    state: &mut State,
    trace: &Trace,
    client: &Client,
    form: &Form,
) -> Result<(AccessClaims, u32), EntraError> {
    let resource = default_resource(
        form.require_scope()?,
        &trace.base,
        &state.directory,
        &client.tenant.display_name,
    )?;
    let application = &client.application;
    let roles =
        state
            .directory
            .granted_roles(&application.client_id, &client.tenant.id, &resource.app_id);
    let is_required = state
        .directory
        .requires_assignment(&resource.app_id, &client.tenant.id);
    if is_required && roles.is_empty() {
        return Err(EntraError::application_not_assigned(
            &application.client_id,
            &resource.app_id,
        ));
    }
    let usual = if form.claims.is_cae {
        LONG_LIFETIME_SECS
    } else {
        LIFETIME_SECS
    };
    let lifetime_secs = state.settings.access_token_lifetime.unwrap_or(usual);
    let new = NewAccess {
        application,
        tenant_id: &client.tenant.id,
        proof: client.proof,
        subject: &Subject::Application { roles },
        audience: &resource.audience,
        now: trace.at,
        lifetime_secs,
        is_cae: form.claims.is_cae,
        contexts: &[],
    };
    Ok((tokens::access_claims(state, &new), lifetime_secs))
}
