//! Who calls: the bearer token, or one of Graph's refusals.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::json;

use super::fault::Fault;
use crate::entra::tokens::{self, AccessClaims, TokenError};
use crate::shared::Shared;
use crate::state::sign_in::Location;

/// The caller that a valid token for Graph stands for.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    claims: AccessClaims,
}

/// What notifications with resource data show.
const OF_ITSELF: [&str; 9] = [
    "Mail.Read",
    "Calendars.Read",
    "Contacts.Read",
    "ChannelMessage.Read.All",
    "Channel.ReadBasic.All",
    "TeamSettings.Read.All",
    "Chat.Read.All",
    "Presence.Read.All",
    "User.Read.All",
];

impl Caller {
    pub(super) fn identify(shared: &Shared, headers: &HeaderMap) -> Result<Self, Fault> {
        let value = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
        if !scheme.eq_ignore_ascii_case("bearer") || token.trim().is_empty() {
            return Err(Fault::unauthenticated("Access token is empty.", ""));
        }
        let claims = tokens::verify(shared, token.trim()).map_err(refusal)?;
        if !claims.is_for_graph() {
            return Err(invalid(
                "Access token validation failure. Invalid audience.",
            ));
        }
        evaluate(shared, &claims)?;
        Ok(Self { claims })
    }

    /// Whether this is an application on its own.
    pub(crate) fn is_application(&self) -> bool {
        self.claims.is_app_only()
    }

    /// Object id of the user, or of the service principal.
    pub(crate) fn object_id(&self) -> &str {
        &self.claims.oid
    }

    /// The application that the token was issued to.
    pub(crate) fn client_id(&self) -> &str {
        &self.claims.appid
    }

    /// The sandbox itself, which may look at everything in a tenant.
    pub(super) fn itself(tenant_id: &str) -> Self {
        Self {
            claims: AccessClaims {
                tid: tenant_id.to_owned(),
                idtyp: "app".to_owned(),
                roles: Some(OF_ITSELF.map(str::to_owned).to_vec()),
                ..AccessClaims::default()
            },
        }
    }

    /// The same application with these roles in place of its token's.
    pub(super) fn with_roles<'a>(&self, roles: impl Iterator<Item = &'a str>) -> Self {
        Self {
            claims: AccessClaims {
                roles: Some(roles.map(str::to_owned).collect()),
                ..self.claims.clone()
            },
        }
    }

    /// What the token holds: scopes or roles.
    pub(crate) fn permissions(&self) -> Vec<&str> {
        if self.is_application() {
            let roles = self.claims.roles.as_deref().unwrap_or_default();
            return roles.iter().map(String::as_str).collect();
        }
        self.claims.scopes().collect()
    }

    pub(crate) fn tenant_id(&self) -> &str {
        &self.claims.tid
    }

    /// Whether the token holds one of these: scopes of a delegated token, roles of an application's.
    pub(crate) fn has_any(&self, permissions: &[&str]) -> bool {
        if self.is_application() {
            let roles = self.claims.roles.as_deref().unwrap_or_default();
            return roles
                .iter()
                .any(|role| permissions.contains(&role.as_str()));
        }
        self.claims
            .scopes()
            .any(|scope| permissions.contains(&scope))
    }
}

/// Continuous access evaluation: a token whose client answers claims challenges ends with what it stands on. Others live
/// until they expire.
/// Source: <https://learn.microsoft.com/entra/identity-platform/app-resilience-continuous-access-evaluation>
fn evaluate(shared: &Shared, claims: &AccessClaims) -> Result<(), Fault> {
    if !claims.is_continuously_evaluated() {
        return Ok(());
    }
    let now = shared.now().as_second();
    if shared.read(|state| state.settings.location) != Location::Named {
        return Err(challenge(now, "LocationConditionEvaluationSatisfied"));
    }
    let good_from = shared.read(|state| {
        let directory = &state.directory;
        if claims.is_app_only() {
            let principal = directory.service_principal(&claims.appid, &claims.tid);
            return principal
                .filter(|it| !it.disabled)
                .map_or(now + 1, |_| i64::MIN);
        }
        match directory.user(&claims.oid).filter(|user| !user.disabled) {
            Some(user) => user
                .tokens_valid_from
                .map_or(i64::MIN, tokens::first_good_second),
            None => now + 1,
        }
    });
    if claims.iat >= good_from {
        return Ok(());
    }
    Err(challenge(good_from, "TokenIssuedBeforeRevocationTimestamp"))
}

/// A challenge at whim: a token of before `now` will not do.
pub(super) fn challenged(now: Timestamp) -> Fault {
    challenge(now.as_second(), "TokenIssuedBeforeRevocationTimestamp")
}

fn challenge(good_from: i64, code: &str) -> Fault {
    let claims = json!({ "access_token": {
        "nbf": { "essential": true, "value": good_from.to_string() },
    }});
    let encoded = STANDARD.encode(claims.to_string());
    let message = format!(
        "Continuous access evaluation resulted in challenge with result: InteractionRequired and code: {code}"
    );
    Fault::unauthenticated(
        &message,
        format!(", error=\"insufficient_claims\", claims=\"{encoded}\""),
    )
}

fn refusal(error: TokenError) -> Fault {
    match error {
        TokenError::Malformed => invalid(
            "IDX14100: JWT is not well formed, there are no dots (.).\nThe token needs to be in JWS or JWE Compact Serialization Format.",
        ),
        TokenError::Signature => invalid("Access token validation failure. Invalid signature."),
        TokenError::Expired => invalid("Lifetime validation failed, the token is expired."),
    }
}

fn invalid(message: &str) -> Fault {
    Fault::unauthenticated(message, ", error=\"invalid_token\"")
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;
    use crate::clock::Clock;
    use crate::entra::keys::KeyRing;
    use crate::state::State;

    fn identify(audience: &str) -> Result<Caller, Fault> {
        let keys = KeyRing::open(None).map_err(|_| Fault::access_denied())?;
        let shared = Shared::new(State::default(), Clock::fixed(Timestamp::UNIX_EPOCH), keys);
        let claims = AccessClaims {
            aud: audience.to_owned(),
            exp: 3_600,
            ..AccessClaims::default()
        };
        let value = format!("Bearer {}", tokens::sign(&shared, &claims));
        let mut headers = HeaderMap::new();
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(header::AUTHORIZATION, value);
        }
        Caller::identify(&shared, &headers)
    }

    #[test]
    fn a_token_for_another_service_is_refused() {
        assert!(identify("https://graph.microsoft.com").is_ok());
        assert!(identify("00000003-0000-0000-c000-000000000000").is_ok());
        let refused = identify("https://contoso.crm.dynamics.com").err();
        let message = refused.map(|fault| fault.message);
        assert_eq!(
            message.as_deref(),
            Some("Access token validation failure. Invalid audience.")
        );
    }
}
