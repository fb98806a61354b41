//! Certificates of a registration.
//! Source: <https://learn.microsoft.com/graph/api/application-addkey>,
//! <https://learn.microsoft.com/graph/api/application-removekey>,
//! <https://learn.microsoft.com/graph/applications-how-to-add-certificate>

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value};

use super::{applications, fields};
use crate::entra::assertion::{self, registered};
use crate::entra::pem;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::directory::{Application, KeyCredential};

const TYPE: &str = "microsoft.graph.keyCredential";
/// Longer names are cut.
/// Source: <https://learn.microsoft.com/graph/api/resources/keycredential>
const LONGEST_NAME: usize = 90;

/// `POST …/addKey`: a certificate more, for whoever proves to hold one that is registered.
pub(super) fn add(call: &Call, key: &str) -> Result<Reply, Fault> {
    start(call, key)?;
    let body = call.json()?;
    let names = ["keyCredential", "passwordCredential", "proof"];
    fields::known(&body, &names, "microsoft.graph.addKey")?;
    let proof = fields::required(&body, "proof")?;
    let wanted = body.get("keyCredential").cloned().unwrap_or(Value::Null);
    let key_id = call.shared.write(|state| state.ids.uuid().to_string());
    let shown = applications::write(call, key, |application| {
        check_proof(call, application, &proof)?;
        let added = read(&wanted, key_id)?;
        let shown = applications::key(&added);
        application.certificates.push(added);
        Ok(shown)
    })?;
    let context = call.context(TYPE);
    match shown {
        Value::Object(shown) => Ok(Reply::json(&envelope::entity(&context, shown))),
        _ => Ok(Reply::no_content()),
    }
}

/// `POST …/removeKey`
pub(super) fn remove(call: &Call, key: &str) -> Result<Reply, Fault> {
    start(call, key)?;
    let body = call.json()?;
    fields::known(&body, &["keyId", "proof"], "microsoft.graph.removeKey")?;
    let key_id = fields::required(&body, "keyId")?;
    let proof = fields::required(&body, "proof")?;
    applications::write(call, key, |application| {
        check_proof(call, application, &proof)?;
        let before = application.certificates.len();
        application
            .certificates
            .retain(|held| held.key_id != key_id);
        if application.certificates.len() == before {
            return Err(Fault::directory("No key credential found with keyId."));
        }
        Ok(())
    })?;
    Ok(Reply::no_content())
}

/// `keyCredentials` of a `PATCH`: the whole list, in which an entry without its key stands for one that is there.
pub(super) fn replace(application: &mut Application, value: &Value) -> Result<(), Fault> {
    let wanted = value
        .as_array()
        .ok_or_else(|| Fault::invalid_value("keyCredentials", "Collection(graph.keyCredential)"))?;
    let mut kept = Vec::new();
    for entry in wanted {
        let key_id = entry["keyId"].as_str();
        let mut held = application.certificates.iter();
        match held.find(|held| Some(held.key_id.as_str()) == key_id) {
            Some(held) if entry["key"].is_null() => kept.push(held.clone()),
            _ => {
                let words = [
                    application.object_id.as_str(),
                    entry["key"].as_str().unwrap_or_default(),
                ];
                let key_id = key_id.map_or_else(|| super::derived_id(&words), str::to_owned);
                kept.push(read(entry, key_id)?);
            }
        }
    }
    application.certificates = kept;
    Ok(())
}

/// An application needs no permission to roll its own keys: the proof is enough.
fn start(call: &Call, key: &str) -> Result<(), Fault> {
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    let caller = &call.caller;
    let is_itself = applications::read(call, key, |it| it.client_id == caller.client_id());
    if caller.is_application() && is_itself.is_ok_and(|it| it) {
        return Ok(());
    }
    applications::require_change(call, key)
}

fn check_proof(call: &Call, application: &Application, proof: &str) -> Result<(), Fault> {
    let issuer = &application.object_id;
    if assertion::is_proof_of_possession(application, issuer, proof, call.now) {
        return Ok(());
    }
    Err(Fault::new(
        StatusCode::UNAUTHORIZED,
        "Authentication_MissingOrMalformed",
        "Access Token missing or malformed.",
    ))
}

fn read(value: &Value, key_id: String) -> Result<KeyCredential, Fault> {
    let Value::Object(body) = value else {
        return Err(unusable());
    };
    check_use(body)?;
    let key = fields::required(body, "key")?;
    let name = fields::text(body, "displayName")?.unwrap_or_default();
    let name: String = name.chars().take(LONGEST_NAME).collect();
    pem::certificate(&key)
        .and_then(|der| registered::credential(key_id, &name, &der))
        .ok_or_else(unusable)
}

/// What an application signs in with verifies; the pair that signs SAML tokens is another matter.
fn check_use(body: &Map<String, Value>) -> Result<(), Fault> {
    let kind = fields::required(body, "type")?;
    let usage = fields::required(body, "usage")?;
    match (kind.as_str(), usage.as_str()) {
        ("AsymmetricX509Cert", "Verify") => Ok(()),
        ("X509CertAndPassword", "Sign") => {
            Err(Fault::not_implemented("certificates that sign SAML tokens"))
        }
        _ => Err(unusable()),
    }
}

fn unusable() -> Fault {
    Fault::directory("Key credential must have a valid certificate.")
}
