//! ID tokens, version 2.0.
//! Source: learn.microsoft.com/entra/identity-platform/id-token-claims-reference

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;

use super::scopes::Scopes;
use super::tokens::pairwise;
use super::trace::Trace;
use crate::state::State;
use crate::state::directory::{Application, User};

/// ID tokens live an hour, whatever the access token does.
const LIFETIME_SECS: i64 = 3600;

/// Claims of an ID token.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct IdClaims {
    aud: String,
    /// Ties the token to the code that came with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) c_hash: Option<String>,
    iss: String,
    iat: i64,
    nbf: i64,
    exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nonce: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    preferred_username: Option<String>,
    rh: String,
    /// Roles of the application that the person holds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sid: Option<String>,
    sub: String,
    tid: String,
    uti: String,
    ver: String,
}

/// Claims about a user for an application, as far as the scopes reach: a name needs `profile`, an address `email`.
pub(crate) fn id_claims(
    state: &mut State,
    application: &Application,
    user: &User,
    scopes: &Scopes,
    trace: &Trace,
) -> IdClaims {
    let issued_at = trace.at.as_second();
    let has_profile = scopes.has_oidc("profile");
    let profile = |text: &String| has_profile.then(|| text.clone());
    IdClaims {
        aud: application.client_id.clone(),
        c_hash: None,
        iss: format!("{}/{}/v2.0", trace.issuer_base(), user.tenant_id),
        iat: issued_at,
        nbf: issued_at,
        exp: issued_at + LIFETIME_SECS,
        email: user.mail.clone().filter(|_| scopes.has_oidc("email")),
        name: profile(&user.display_name),
        nonce: None,
        oid: profile(&user.id),
        preferred_username: profile(&user.user_principal_name),
        rh: format!("1.{}.", URL_SAFE_NO_PAD.encode(&state.ids.bytes()[..20])),
        roles: state.directory.roles_held(&user.id, &application.client_id),
        sid: None,
        sub: pairwise(&user.id, &application.client_id),
        tid: user.tenant_id.clone(),
        uti: URL_SAFE_NO_PAD.encode(&state.ids.bytes()[..16]),
        ver: "2.0".to_owned(),
    }
}
