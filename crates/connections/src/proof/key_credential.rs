//! A certificate as its registration in Entra lists it.
//!
//! Source: <https://learn.microsoft.com/graph/api/resources/keycredential>

use model::Proof;
use serde_json::{Value, json};

/// What registers a certificate. Its name says which it is, since Microsoft shows the bytes to few.
pub(crate) fn entry(proof: &Proof) -> Value {
    json!({
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
        "displayName": name(proof),
        "key": base64(proof),
    })
}

/// Whether an entry of the list is this certificate, whoever registered it.
pub(crate) fn is_of(entry: &Value, proof: &Proof) -> bool {
    let key = base64(proof);
    let text = |field: &str| entry[field].as_str().unwrap_or_default();
    text("displayName") == name(proof)
        || text("customKeyIdentifier").eq_ignore_ascii_case(&proof.hint)
        || !key.is_empty() && text("key") == key
}

fn name(proof: &Proof) -> String {
    format!("Consentry {}", proof.hint)
}

/// The DER of the public part, as Microsoft Graph takes it.
fn base64(proof: &Proof) -> String {
    let pem = proof.details.certificate.as_deref().unwrap_or_default();
    let lines = pem.lines().filter(|line| !line.starts_with("-----"));
    lines.collect()
}
