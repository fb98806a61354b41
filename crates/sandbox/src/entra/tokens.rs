//! Access and ID tokens: signed JSON Web Tokens with the claims that Microsoft Graph's have (version 1 format).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::control::ControlError;
use crate::shared::Shared;
use crate::state::State;
use crate::state::directory::{Application, User};

/// App id of Microsoft Graph, the other name of its audience.
pub(crate) const GRAPH_APP_ID: &str = "00000003-0000-0000-c000-000000000000";
/// Logical audience of Microsoft Graph, wherever the sandbox listens.
pub(crate) const GRAPH_AUDIENCE: &str = "https://graph.microsoft.com";

/// Claims of an access token, in the order in which Entra writes them.
/// Source: learn.microsoft.com/entra/identity-platform/access-token-claims-reference
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    pub(crate) aud: String,
    pub(crate) iss: String,
    pub(crate) iat: i64,
    pub(crate) nbf: i64,
    pub(crate) exp: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acct: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acr: Option<String>,
    pub(crate) aio: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) amr: Option<Vec<String>>,
    pub(crate) app_displayname: String,
    pub(crate) appid: String,
    /// `0` public client, `1` secret, `2` certificate.
    pub(crate) appidacr: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) family_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) given_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) idp: Option<String>,
    /// `user` or `app`.
    pub(crate) idtyp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ipaddr: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The user's object id, or the service principal's.
    pub(crate) oid: String,
    pub(crate) rh: String,
    /// Absent when no application role is granted: the token is issued all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<String>>,
    /// Delegated permissions, separated by spaces. See [`AccessClaims::scopes`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scp: Option<String>,
    pub(crate) sub: String,
    pub(crate) tenant_region_scope: String,
    pub(crate) tid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unique_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upn: Option<String>,
    pub(crate) uti: String,
    pub(crate) ver: String,
}

impl AccessClaims {
    /// Whether the token is the application's own, with roles instead of scopes.
    pub(crate) fn is_app_only(&self) -> bool {
        self.idtyp == "app"
    }

    /// Delegated permissions; none for an app-only token.
    pub(crate) fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scp.as_deref().unwrap_or_default().split_whitespace()
    }

    /// Whether Microsoft Graph is the audience, in either of its names.
    pub(crate) fn is_for_graph(&self) -> bool {
        let audience = self.aud.trim_end_matches('/');
        audience == GRAPH_AUDIENCE || audience == GRAPH_APP_ID
    }
}

/// Why a bearer token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenError {
    /// Not a JSON Web Token of ours in its form.
    Malformed,
    /// Not signed by this sandbox.
    Signature,
    /// `exp` has passed by the sandbox's clock.
    Expired,
}

/// Signs claims as Entra does: RS256, with `kid` and `x5t`.
pub(crate) fn sign(shared: &Shared, claims: &impl Serialize) -> String {
    let key = shared.key();
    let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": key.id(), "kid": key.id() });
    let claims = serde_json::to_vec(claims).expect("claims are plain data");
    let message = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header.to_string()),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(key.sign(&message));
    let token = format!("{message}.{signature}");
    shared.issued().note("token", &token);
    token
}

/// The claims of a bearer token that this sandbox signed and that has not expired. The audience is the caller's to check.
pub(crate) fn verify(shared: &Shared, bearer: &str) -> Result<AccessClaims, TokenError> {
    let (message, signature) = bearer.rsplit_once('.').ok_or(TokenError::Malformed)?;
    let (_, claims) = message.split_once('.').ok_or(TokenError::Malformed)?;
    let signature = decode(signature)?;
    if !shared.key().has_signed(message, &signature) {
        return Err(TokenError::Signature);
    }
    let claims: AccessClaims =
        serde_json::from_slice(&decode(claims)?).map_err(|_| TokenError::Malformed)?;
    if claims.exp <= shared.now().as_second() {
        return Err(TokenError::Expired);
    }
    Ok(claims)
}

/// A token for Microsoft Graph of an application, or of it and a user, without any sign-in.
pub(crate) fn issue_directly(
    shared: &Shared,
    client_id: &str,
    user: Option<&str>,
    permissions: &[&str],
) -> Result<String, ControlError> {
    let claims = shared.write(|state| {
        let application = state
            .directory
            .application(client_id)
            .cloned()
            .ok_or_else(|| ControlError::UnknownApplication(client_id.to_owned()))?;
        let user = user.map(|name| {
            state
                .directory
                .user(name)
                .cloned()
                .ok_or_else(|| ControlError::UnknownUser(name.to_owned()))
        });
        let user = user.transpose()?;
        let subject = match &user {
            Some(user) => Subject::User {
                user,
                scopes: permissions.iter().map(|&name| name.to_owned()).collect(),
            },
            None => Subject::Application {
                roles: permissions.iter().map(|&name| name.to_owned()).collect(),
            },
        };
        let lifetime = state.settings.access_token_lifetime.unwrap_or(3599);
        Ok(access_claims(
            state,
            &application,
            &subject,
            GRAPH_AUDIENCE,
            shared.now(),
            lifetime,
        ))
    })?;
    Ok(sign(shared, &claims))
}

/// Whom an access token speaks for.
pub(crate) enum Subject<'a> {
    User { user: &'a User, scopes: Vec<String> },
    Application { roles: Vec<String> },
}

/// The claims of a new access token.
pub(crate) fn access_claims(
    state: &mut State,
    application: &Application,
    subject: &Subject<'_>,
    audience: &str,
    now: Timestamp,
    lifetime_secs: u32,
) -> AccessClaims {
    let issued_at = now.as_second();
    let claims = AccessClaims {
        aud: audience.to_owned(),
        iss: format!("https://sts.windows.net/{}/", application.tenant_id),
        iat: issued_at,
        nbf: issued_at,
        exp: issued_at + i64::from(lifetime_secs),
        aio: URL_SAFE_NO_PAD.encode(state.ids.bytes()),
        app_displayname: application.display_name.clone(),
        appid: application.client_id.clone(),
        appidacr: if application.is_public_client {
            "0"
        } else {
            "1"
        }
        .to_owned(),
        rh: format!("1.{}", URL_SAFE_NO_PAD.encode(&state.ids.bytes()[..20])),
        tenant_region_scope: "EU".to_owned(),
        tid: application.tenant_id.clone(),
        uti: URL_SAFE_NO_PAD.encode(&state.ids.bytes()[..16]),
        ver: "1.0".to_owned(),
        ..AccessClaims::default()
    };
    match subject {
        Subject::User { user, scopes } => of_user(claims, user, scopes),
        Subject::Application { roles } => of_application(claims, state, roles),
    }
}

fn of_user(claims: AccessClaims, user: &User, scopes: &[String]) -> AccessClaims {
    AccessClaims {
        acct: Some(0),
        acr: Some("1".to_owned()),
        amr: Some(vec!["pwd".to_owned()]),
        family_name: Some(user.surname.clone()),
        given_name: Some(user.given_name.clone()),
        idtyp: "user".to_owned(),
        ipaddr: Some("127.0.0.1".to_owned()),
        name: Some(user.display_name.clone()),
        oid: user.id.clone(),
        scp: Some(scopes.join(" ")),
        sub: pairwise(&user.id, &claims.aud),
        unique_name: Some(user.user_principal_name.clone()),
        upn: Some(user.user_principal_name.clone()),
        ..claims
    }
}

fn of_application(claims: AccessClaims, state: &State, roles: &[String]) -> AccessClaims {
    let principal = state.directory.service_principal(&claims.appid);
    let oid = principal.map(|it| it.id.clone()).unwrap_or_default();
    AccessClaims {
        idp: Some(claims.iss.clone()),
        idtyp: "app".to_owned(),
        sub: oid.clone(),
        oid,
        roles: (!roles.is_empty()).then(|| roles.to_vec()),
        ..claims
    }
}

/// `sub` differs from audience to audience, so that two applications cannot compare notes on a person.
pub(crate) fn pairwise(user_id: &str, audience: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(user_id);
    hash.update(audience);
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

fn decode(part: &str) -> Result<Vec<u8>, TokenError> {
    URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| TokenError::Malformed)
}
