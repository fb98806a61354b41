//! Tokens that an application gets for itself.
//! Source: learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::client::Client;
use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::scopes::default_resource;
use crate::entra::tokens::{self, GRAPH_APP_ID, Subject};
use crate::entra::trace::Trace;
use crate::shared::Shared;

/// What Entra gives an application that does not declare continuous access evaluation.
const LIFETIME_SECS: u32 = 3599;

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
        let resource = default_resource(form.require("scope")?, &client.tenant.display_name)?;
        let roles = state
            .directory
            .granted_roles(&client.application.client_id, GRAPH_APP_ID);
        let lifetime = state
            .settings
            .access_token_lifetime
            .unwrap_or(LIFETIME_SECS);
        let subject = Subject::Application { roles };
        let claims = tokens::access_claims(
            state,
            &client.application,
            &subject,
            &resource,
            trace.at,
            lifetime,
        );
        Ok((claims, lifetime))
    })?;
    let body = json!({
        "token_type": "Bearer",
        "expires_in": lifetime,
        "ext_expires_in": lifetime,
        "access_token": tokens::sign(shared, &claims),
    });
    Ok(Json(body).into_response())
}
