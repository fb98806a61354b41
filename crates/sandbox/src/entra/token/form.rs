//! The form of a token request.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use crate::entra::claims::RequestedClaims;
use crate::entra::error::EntraError;

/// Which generation of the endpoint was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// Parameters of the body, and those that came in an `Authorization: Basic` header instead.
pub(super) struct Form {
    pairs: Vec<(String, String)>,
    pub(super) version: Version,
    pub(super) claims: RequestedClaims,
    /// The client id that a checked assertion proved.
    proved: Option<String>,
}

impl Form {
    pub(super) fn read(headers: &HeaderMap, body: &[u8]) -> Result<Self, EntraError> {
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(body).into_owned().collect();
        let basic = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Basic "));
        if let Some(basic) = basic {
            let (client_id, secret) = credentials(basic).ok_or_else(EntraError::malformed)?;
            pairs.retain(|(name, _)| name != "client_id" && name != "client_secret");
            pairs.push(("client_id".to_owned(), client_id));
            pairs.push(("client_secret".to_owned(), secret));
        }
        let claims = pairs.iter().find(|(name, _)| name == "claims");
        let claims = RequestedClaims::parse(claims.map(|(_, text)| text.as_str()))?;
        Ok(Self {
            pairs,
            version: Version::V2,
            claims,
            proved: None,
        })
    }

    /// The same as a request of version 1: its `resource` stands for everything that is granted on it.
    pub(super) fn in_v1(mut self) -> Self {
        let scope = self.get("resource").map(|resource| {
            let default = format!("{resource}/.default");
            match self.get("grant_type") {
                Some("client_credentials") => default,
                _ => format!("openid profile offline_access {default}"),
            }
        });
        self.pairs.retain(|(name, _)| name != "scope");
        self.pairs
            .extend(scope.map(|scope| ("scope".to_owned(), scope)));
        self.version = Version::V1;
        self
    }

    /// A parameter that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn require(&self, name: &str) -> Result<&str, EntraError> {
        self.get(name)
            .ok_or_else(|| EntraError::parameter_missing(name))
    }

    /// `scope`, which version 1 does not have under this name.
    pub(super) fn require_scope(&self) -> Result<&str, EntraError> {
        let missing = match self.version {
            Version::V1 => "resource",
            Version::V2 => "scope",
        };
        self.get("scope")
            .ok_or_else(|| EntraError::parameter_missing(missing))
    }

    /// Notes that an assertion was checked, and for whom.
    pub(super) fn is_proved_for(&mut self, client_id: String) {
        self.proved = Some(client_id);
    }

    /// The client id that an assertion proved.
    pub(super) fn proved(&self) -> Option<&str> {
        self.proved.as_deref()
    }
}

/// Both halves are form-encoded before they are joined, RFC 6749 section 2.3.1.
fn credentials(basic: &str) -> Option<(String, String)> {
    let text = String::from_utf8(STANDARD.decode(basic.trim()).ok()?).ok()?;
    let (client_id, secret) = text.split_once(':')?;
    Some((decode(client_id)?, decode(secret)?))
}

fn decode(half: &str) -> Option<String> {
    let spaced = half.replace('+', " ");
    let decoded = percent_decode_str(&spaced).decode_utf8().ok()?;
    Some(decoded.into_owned())
}
