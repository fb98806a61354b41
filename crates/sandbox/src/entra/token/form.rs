//! The form of a token request.

use axum::http::{HeaderMap, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;

use crate::entra::error::EntraError;

/// Parameters of the body, and those that came in an `Authorization: Basic` header instead.
pub(super) struct Form(Vec<(String, String)>);

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
        Ok(Self(pairs))
    }

    /// A parameter that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn require(&self, name: &str) -> Result<&str, EntraError> {
        self.get(name)
            .ok_or_else(|| EntraError::parameter_missing(name))
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
