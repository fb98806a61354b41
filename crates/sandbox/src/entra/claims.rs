//! The parameter `claims`: what a client can do, and what a claims challenge asked of it.
//! Source: learn.microsoft.com/entra/identity-platform/claims-challenge

use serde_json::Value;

use super::error::EntraError;

/// As far as the sandbox acts on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RequestedClaims {
    /// The client declares the capability `cp1`: it answers claims challenges.
    pub(crate) is_cae: bool,
    /// Authentication contexts that the sign-in must satisfy.
    pub(crate) contexts: Vec<String>,
}

impl RequestedClaims {
    /// Reads the parameter; none asks for nothing.
    pub(crate) fn parse(text: Option<&str>) -> Result<Self, EntraError> {
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let claims: Value = serde_json::from_str(text).map_err(|_| EntraError::malformed())?;
        if !claims.is_object() {
            return Err(EntraError::malformed());
        }
        let access = &claims["access_token"];
        Ok(Self {
            is_cae: values(&access["xms_cc"]).any(|value| value == "cp1"),
            contexts: values(&access["acrs"]).map(str::to_owned).collect(),
        })
    }
}

/// `value` and `values` of a claim's request, `OpenID` Connect Core section 5.5.1.
fn values(request: &Value) -> impl Iterator<Item = &str> {
    let many = request["values"].as_array().into_iter().flatten();
    many.chain(request.get("value")).filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capability_and_context_are_read_and_nonsense_is_refused() {
        let text = r#"{"access_token":{"xms_cc":{"values":["cp1"]},"acrs":{"essential":true,"value":"c1"}}}"#;
        let claims = RequestedClaims::parse(Some(text)).unwrap();
        assert!(claims.is_cae);
        assert_eq!(claims.contexts, ["c1"]);
        assert_eq!(
            RequestedClaims::parse(None).unwrap(),
            RequestedClaims::default()
        );
        for nonsense in ["", "[]", "{", "7"] {
            assert_eq!(
                RequestedClaims::parse(Some(nonsense)).unwrap_err().code,
                9_002_313
            );
        }
    }
}
