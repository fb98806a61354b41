//! Tokens for a user: what both an authorization code and a refresh token lead to.

use axum::Json;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::client::Client;
use super::form::{Form, Version};
use super::v1;
use crate::entra::error::EntraError;
use crate::entra::id_token::{IdClaims, id_claims};
use crate::entra::permissions;
use crate::entra::policy;
use crate::entra::scopes::{Asker, Scopes, by_name};
use crate::entra::secrets;
use crate::entra::tokens::{self, AccessClaims, GRAPH_APP_ID, NewAccess, Subject};
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::State;
use crate::state::directory::{User, first_party};
use crate::state::sign_in::{Code, RefreshToken};

/// What a code or refresh token stood for.
pub(super) struct Grant {
    pub(super) user_id: String,
    pub(super) session_id: String,
    pub(super) signed_in_at: Timestamp,
    pub(super) issued_at: Timestamp,
    pub(super) revoked_at: Option<Timestamp>,
    pub(super) scopes: Vec<String>,
    pub(super) nonce: Option<String>,
    /// More than a password was shown.
    pub(super) is_strong: bool,
}

impl Grant {
    pub(super) fn of_code(code: &Code) -> Self {
        Self {
            user_id: code.user_id.clone(),
            session_id: code.session_id.clone(),
            signed_in_at: code.signed_in_at,
            issued_at: code.issued_at,
            revoked_at: code.revoked_at,
            scopes: code.scopes.clone(),
            nonce: code.nonce.clone(),
            is_strong: code.is_strong,
        }
    }
}

/// Tokens still to be signed, which is done when the state is no longer locked.
pub(super) struct Tokens {
    access: AccessClaims,
    id: Option<IdClaims>,
    refresh_token: Option<String>,
    scope: String,
    lifetime_secs: u32,
    client_info: Option<String>,
}

/// Checks that the user may still, and makes the tokens.
pub(super) fn answer(
    state: &mut State,
    client: &Client,
    grant: Grant,
    form: &Form,
    trace: &Trace,
) -> Result<Tokens, EntraError> {
    let user = user(state, client, &grant)?;
    let (client_id, tenant_id) = (&client.application.client_id, &client.tenant.id);
    if !state.directory.lets_in(&user.id, client_id, tenant_id) {
        return Err(EntraError::not_assigned(&client.application));
    }
    let scopes = scopes(state, client, &grant, form, &trace.base)?;
    policy::check(
        &state.settings,
        grant.is_strong,
        &form.claims,
        scopes.resource_id(),
    )?;
    policy::check_person(&user, grant.is_strong, scopes.resource_id())?;
    let granted = granted(state, client, &user, &scopes)?;
    let lifetime_secs = lifetime(state, form.claims.is_cae);
    // Those of OIDC are Graph's; a token for another API names that API's own alone.
    let is_graph = scopes.resource_id() == GRAPH_APP_ID;
    let oidc = scopes.signed_oidc().filter(|_| is_graph);
    let scp = oidc
        .map(str::to_owned)
        .chain(granted.iter().cloned())
        .collect();
    let subject = Subject::User {
        user: &user,
        scopes: scp,
        is_strong: grant.is_strong,
    };
    let new = NewAccess {
        application: &client.application,
        tenant_id: &client.tenant.id,
        proof: client.proof,
        subject: &subject,
        audience: scopes.audience(),
        now: trace.at,
        lifetime_secs,
        is_cae: form.claims.is_cae,
        contexts: &form.claims.contexts,
    };
    let access = tokens::access_claims(state, &new);
    let id = scopes.has_oidc("openid").then(|| {
        let mut claims = id_claims(state, &client.application, &user, &scopes, trace);
        claims.nonce.clone_from(&grant.nonce);
        claims.sid = Some(grant.session_id.clone());
        claims
    });
    let scope = scopes.granted_text(&granted);
    let refresh_token = scopes
        .has_oidc("offline_access")
        .then(|| keep_refresh_token(state, client, grant, &scopes, trace.at));
    Ok(Tokens {
        access,
        id,
        refresh_token,
        scope,
        lifetime_secs,
        client_info: (form.get("client_info") == Some("1")).then(|| client_info(&user)),
    })
}

fn user(state: &State, client: &Client, grant: &Grant) -> Result<User, EntraError> {
    let user = state
        .directory
        .user(&grant.user_id)
        .ok_or_else(|| EntraError::user_deleted(&client.tenant.display_name))?;
    if user.disabled {
        return Err(EntraError::user_disabled());
    }
    if let Some(revoked_at) = grant.revoked_at {
        return Err(EntraError::revoked(grant.issued_at, revoked_at));
    }
    Ok(user.clone())
}

/// Those of the request, or of the sign-in when it names none. A refresh never loses what keeps it going.
fn scopes(
    state: &State,
    client: &Client,
    grant: &Grant,
    form: &Form,
    base: &str,
) -> Result<Scopes, EntraError> {
    let asker = Asker {
        directory: &state.directory,
        application: &client.application.display_name,
        tenant: &client.tenant.display_name,
    };
    let remembered = Scopes::parse(&grant.scopes.join(" "), asker)?;
    let Some(text) = form.get("scope") else {
        return Ok(remembered);
    };
    let text = &by_name(text, base);
    let mut scopes = Scopes::parse(text, asker).map_err(|error| match error.code {
        650_053 => EntraError::scope_invalid(text),
        _ => error,
    })?;
    for kept in remembered.oidc {
        if !scopes.oidc.contains(&kept) {
            scopes.oidc.push(kept);
        }
    }
    Ok(scopes)
}

/// All that is granted, asked for or not, as Entra puts it into tokens. Asking for what is not granted is refused.
fn granted(
    state: &State,
    client: &Client,
    user: &User,
    scopes: &Scopes,
) -> Result<Vec<String>, EntraError> {
    let application = &client.application;
    let granted =
        state
            .directory
            .granted_scopes(&application.client_id, user, scopes.resource_id());
    let all_held = scopes.names.iter().all(|name| granted.contains(name));
    if granted.is_empty() || !all_held {
        if first_party::is_closed(&application.client_id, scopes.resource_id()) {
            return Err(EntraError::not_preauthorized(
                &application.client_id,
                scopes.resource_id(),
            ));
        }
        return Err(EntraError::consent_missing(
            &application.client_id,
            &application.display_name,
        ));
    }
    Ok(granted
        .into_iter()
        .filter(|name| !permissions::is_oidc(name))
        .collect())
}

/// Between sixty and ninety minutes, so that clients do not all come back at once; twenty to twenty-eight hours when the
/// token can be ended before.
fn lifetime(state: &mut State, is_cae: bool) -> u32 {
    let drawn = if is_cae {
        state.ids.between(72_000, 100_800)
    } else {
        state.ids.between(3600, 5399)
    };
    state
        .settings
        .access_token_lifetime
        .unwrap_or_else(|| u32::try_from(drawn).unwrap_or(3600))
}

fn keep_refresh_token(
    state: &mut State,
    client: &Client,
    grant: Grant,
    scopes: &Scopes,
    now: Timestamp,
) -> String {
    let text = secrets::refresh_token();
    let token = RefreshToken {
        client_id: client.application.client_id.clone(),
        tenant_id: client.tenant.id.clone(),
        user_id: grant.user_id,
        session_id: grant.session_id,
        signed_in_at: grant.signed_in_at,
        scopes: scopes.to_items(),
        issued_at: now,
        redeemed: false,
        revoked_at: None,
        is_strong: grant.is_strong,
    };
    state.sign_in.add_refresh_token(secrets::hash(&text), token);
    text
}

fn client_info(user: &User) -> String {
    let identity = json!({ "uid": user.id, "utid": user.tenant_id });
    URL_SAFE_NO_PAD.encode(identity.to_string())
}

impl Tokens {
    pub(super) fn respond(self, shared: &Shared, form: &Form) -> Response {
        let mut body = json!({
            "token_type": "Bearer",
            "scope": self.scope,
            "expires_in": self.lifetime_secs,
            "ext_expires_in": self.lifetime_secs,
            "access_token": tokens::sign(shared, &self.access),
        });
        // Clients renew a long-lived token when half of its time has passed.
        if self.lifetime_secs > 7200 {
            body["refresh_in"] = Value::from(self.lifetime_secs / 2);
        }
        if let Some(refresh_token) = self.refresh_token {
            shared.issued().note("refresh_token", &refresh_token);
            body["refresh_token"] = Value::from(refresh_token);
        }
        if let Some(claims) = self.id {
            body["id_token"] = Value::from(tokens::sign(shared, &claims));
        }
        if let Some(client_info) = self.client_info {
            body["client_info"] = Value::from(client_info);
        }
        if form.version == Version::V1 {
            v1::rewrite(&mut body, &self.access);
        }
        Json(body).into_response()
    }
}
