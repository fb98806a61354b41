//! The parameter `claims`: what this client can do, and what an API asked of the next token.
//!
//! Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>

use std::sync::Arc;

use serde_json::{Map, Value, json};

/// It travels in an address, together with all else that a consent asks for.
const LONGEST: usize = 2_048;

/// What goes along with every request for a token or a consent.
#[derive(Debug, Clone, Default)]
pub(super) struct Claims {
    is_capable: bool,
    challenge: Option<Arc<Map<String, Value>>>,
}

impl Claims {
    pub(super) fn declare(&mut self) {
        self.is_capable = true;
    }

    pub(super) fn meet(&mut self, challenge: Option<&str>) {
        let object = challenge
            .filter(|text| text.len() <= LONGEST)
            .and_then(|text| serde_json::from_str(text).ok());
        self.challenge = object.map(Arc::new);
    }

    /// The parameter, both joined into one object; `None` where there is nothing to say.
    pub(super) fn parameter(&self) -> Option<String> {
        let challenge = self.challenge.as_deref();
        if !self.is_capable {
            return Some(Value::Object(challenge?.clone()).to_string());
        }
        let mut claims = challenge.cloned().unwrap_or_default();
        let access = claims
            .entry("access_token")
            .and_modify(|access| {
                if !access.is_object() {
                    *access = json!({});
                }
            })
            .or_insert_with(|| json!({}));
        access["xms_cc"] = json!({ "values": ["cp1"] });
        Some(Value::Object(claims).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHALLENGE: &str = r#"{"access_token":{"nbf":{"essential":true,"value":"1702682181"}}}"#;

    fn said(is_capable: bool, challenge: Option<&str>) -> Option<Value> {
        let mut claims = Claims::default();
        if is_capable {
            claims.declare();
        }
        claims.meet(challenge);
        let parameter = claims.parameter()?;
        Some(serde_json::from_str(&parameter).unwrap())
    }

    #[test]
    fn a_challenge_is_passed_on_as_it_is_and_joined_with_what_the_client_can_do() {
        let challenge: Value = serde_json::from_str(CHALLENGE).unwrap();
        assert_eq!(said(false, None), None);
        assert_eq!(said(false, Some(CHALLENGE)), Some(challenge.clone()));
        let capable = json!({ "access_token": { "xms_cc": { "values": ["cp1"] } } });
        assert_eq!(said(true, None), Some(capable.clone()));
        let both = said(true, Some(CHALLENGE)).unwrap();
        assert_eq!(
            both["access_token"]["nbf"],
            challenge["access_token"]["nbf"]
        );
        assert_eq!(
            both["access_token"]["xms_cc"],
            capable["access_token"]["xms_cc"]
        );
    }

    #[test]
    fn what_is_no_challenge_asks_for_nothing() {
        let long = format!(r#"{{"access_token":"{}"}}"#, "x".repeat(LONGEST));
        for odd in ["", "{", "[]", "7", &long] {
            assert_eq!(said(false, Some(odd)), None, "{odd}");
        }
        let odd = said(true, Some(r#"{"access_token":7}"#)).unwrap();
        assert_eq!(odd["access_token"]["xms_cc"]["values"][0], "cp1");
    }
}
