//! What version 1 of the token endpoint answers otherwise: numbers as text, and the resource by name.

use serde_json::{Value, json};

use crate::entra::tokens::AccessClaims;

/// Rewrites an answer of version 2.
pub(super) fn rewrite(body: &mut Value, access: &AccessClaims) {
    for name in ["expires_in", "ext_expires_in", "refresh_in"] {
        if let Some(value) = body[name].as_u64() {
            body[name] = json!(value.to_string());
        }
    }
    body["expires_on"] = json!(access.exp.to_string());
    body["not_before"] = json!(access.nbf.to_string());
    body["resource"] = json!(access.aud);
    if let Some(scp) = &access.scp {
        body["scope"] = json!(scp);
    }
    // Indexing above adds what is not there as null.
    if let Some(fields) = body.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
}
