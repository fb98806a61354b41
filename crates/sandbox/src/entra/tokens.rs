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
    /// Authentication contexts that the sign-in satisfied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) acrs: Option<Vec<String>>,
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
    /// What the client can do: `cp1` answers claims challenges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) xms_cc: Option<Vec<String>>,
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

    /// Whether the client answers claims challenges, so that the token ends with what it stands on.
    pub(crate) fn is_continuously_evaluated(&self) -> bool {
        self.xms_cc
            .as_ref()
            .is_some_and(|held| held.iter().any(|held| held == "cp1"))
    }

    /// Whether more than a password was shown.
    pub(crate) fn is_strong(&self) -> bool {
        self.amr
            .as_ref()
            .is_some_and(|amr| amr.iter().any(|method| method == "mfa"))
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
    let keys = shared.keys();
    if !keys.iter().any(|key| key.has_signed(message, &signature)) {
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
    let now = shared.now();
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
                is_strong: false,
            },
            None => Subject::Application {
                roles: permissions.iter().map(|&name| name.to_owned()).collect(),
            },
        };
        let lifetime = state.settings.access_token_lifetime.unwrap_or(3599);
        let tenant_id = user
            .as_ref()
            .map_or(&application.tenant_id, |user| &user.tenant_id);
        let new = NewAccess {
            application: &application,
            tenant_id,
            proof: Proof::of(&application),
            subject: &subject,
            audience: GRAPH_AUDIENCE,
            now,
            lifetime_secs: lifetime,
            is_cae: false,
            contexts: &[],
        };
        Ok(access_claims(state, &new))
    })?;
    Ok(sign(shared, &claims))
}

/// Whom an access token speaks for.
pub(crate) enum Subject<'a> {
    User {
        user: &'a User,
        scopes: Vec<String>,
        /// More than a password was shown.
        is_strong: bool,
    },
    Application {
        roles: Vec<String>,
    },
}

/// How an application proved itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It has nothing to prove itself with.
    Public,
    Secret,
    /// A signed assertion.
    Certificate,
}

impl Proof {
    /// What an application does unless it says otherwise.
    fn of(application: &Application) -> Self {
        if application.is_public_client {
            Self::Public
        } else {
            Self::Secret
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Public => "0",
            Self::Secret => "1",
            Self::Certificate => "2",
        }
    }
}

/// What a new access token is to say.
pub(crate) struct NewAccess<'a> {
    pub(crate) application: &'a Application,
    pub(crate) tenant_id: &'a str,
    pub(crate) proof: Proof,
    pub(crate) subject: &'a Subject<'a>,
    pub(crate) audience: &'a str,
    pub(crate) now: Timestamp,
    pub(crate) lifetime_secs: u32,
    /// The client answers claims challenges, so that the token may be evaluated continuously.
    pub(crate) is_cae: bool,
    pub(crate) contexts: &'a [String],
}

/// The first second whose tokens are good after a revocation at this instant: whole seconds cannot tell what of the very
/// same one came before it.
pub(crate) fn first_good_second(revoked_at: Timestamp) -> i64 {
    revoked_at.as_second() + 1
}

/// The claims of a new access token.
pub(crate) fn access_claims(state: &mut State, new: &NewAccess<'_>) -> AccessClaims {
    let application = new.application;
    let revoked_at = match new.subject {
        Subject::User { user, .. } => user.tokens_valid_from,
        Subject::Application { .. } => None,
    };
    let earliest = revoked_at.map_or(i64::MIN, first_good_second);
    let issued_at = new.now.as_second().max(earliest);
    let claims = AccessClaims {
        aud: new.audience.to_owned(),
        iss: format!("https://sts.windows.net/{}/", new.tenant_id),
        iat: issued_at,
        nbf: issued_at,
        exp: issued_at + i64::from(new.lifetime_secs),
        acrs: (!new.contexts.is_empty()).then(|| new.contexts.to_vec()),
        aio: URL_SAFE_NO_PAD.encode(state.ids.bytes()),
        app_displayname: application.display_name.clone(),
        appid: application.client_id.clone(),
        appidacr: new.proof.class().to_owned(),
        rh: format!("1.{}", URL_SAFE_NO_PAD.encode(&state.ids.bytes()[..20])),
        tenant_region_scope: "EU".to_owned(),
        tid: new.tenant_id.to_owned(),
        uti: URL_SAFE_NO_PAD.encode(&state.ids.bytes()[..16]),
        ver: "1.0".to_owned(),
        xms_cc: new.is_cae.then(|| vec!["cp1".to_owned()]),
        ..AccessClaims::default()
    };
    match new.subject {
        Subject::User {
            user,
            scopes,
            is_strong,
        } => of_user(claims, state, user, scopes, *is_strong),
        Subject::Application { roles } => of_application(claims, state, roles),
    }
}

fn of_user(
    claims: AccessClaims,
    state: &State,
    user: &User,
    scopes: &[String],
    is_strong: bool,
) -> AccessClaims {
    let home = user
        .guest_of
        .as_ref()
        .and_then(|id| state.directory.user(id));
    let roles = state.directory.api(&claims.aud).map(|api| {
        let directory = &state.directory;
        directory.roles_held(&user.id, &api.client_id)
    });
    let mut amr = vec!["pwd".to_owned()];
    amr.extend(is_strong.then(|| "mfa".to_owned()));
    AccessClaims {
        acct: Some(u8::from(home.is_some())),
        acr: Some("1".to_owned()),
        amr: Some(amr),
        idp: home.map(|home| format!("https://sts.windows.net/{}/", home.tenant_id)),
        family_name: Some(user.surname.clone()),
        given_name: Some(user.given_name.clone()),
        idtyp: "user".to_owned(),
        ipaddr: Some("127.0.0.1".to_owned()),
        name: Some(user.display_name.clone()),
        oid: user.id.clone(),
        roles: roles.filter(|held| !held.is_empty()),
        scp: Some(scopes.join(" ")),
        sub: pairwise(&user.id, &claims.aud),
        unique_name: Some(home.unwrap_or(user).user_principal_name.clone()),
        upn: Some(user.user_principal_name.clone()),
        ..claims
    }
}

fn of_application(claims: AccessClaims, state: &State, roles: &[String]) -> AccessClaims {
    let principal = state
        .directory
        .service_principal(&claims.appid, &claims.tid);
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
