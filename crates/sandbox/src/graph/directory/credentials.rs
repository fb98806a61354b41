//! Secrets and certificates of a registration.
//! Source: <https://learn.microsoft.com/graph/api/application-addpassword>,
//! <https://learn.microsoft.com/graph/api/application-addkey>

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{applications, fields};
use crate::entra::{assertion, pem, secrets};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::directory::{Application, ClientSecret};

/// How long a secret lives that nobody set an end for.
const LIFETIME: SignedDuration = SignedDuration::from_hours(2 * 365 * 24);

/// `POST …/addPassword`. The text is in this answer and nowhere else.
pub(super) fn add_password(call: &Call, key: &str) -> Result<Reply, Fault> {
    start(call, key)?;
    let body = call.optional_json()?;
    fields::known(
        &body,
        &["passwordCredential"],
        "microsoft.graph.addPassword",
    )?;
    let wanted = match body.get("passwordCredential") {
        Some(Value::Object(wanted)) => wanted.clone(),
        _ => Map::new(),
    };
    let text = secrets::client_secret();
    let starts_at = fields::time(&wanted, "startDateTime")?.unwrap_or(call.now);
    let in_two_years = starts_at.saturating_add(LIFETIME).unwrap_or(starts_at);
    let ends_at = fields::time(&wanted, "endDateTime")?;
    let secret = ClientSecret {
        key_id: call.shared.write(|state| state.ids.uuid().to_string()),
        display_name: fields::text(&wanted, "displayName")?.unwrap_or_default(),
        hint: text[..3].to_owned(),
        hash: secrets::hash(&text),
        starts_at,
        ends_at: ends_at.unwrap_or(in_two_years),
    };
    if secret.ends_at <= secret.starts_at {
        return Err(Fault::directory(
            "The credential's end date must be after its start date.",
        ));
    }
    let mut shown = applications::password(&secret);
    shown["secretText"] = json!(text);
    applications::write(call, key, |application| {
        application.secrets.push(secret);
        Ok(())
    })?;
    call.shared.issued().note("client_secret", &text);
    let context = call.context("microsoft.graph.passwordCredential");
    match shown {
        Value::Object(shown) => Ok(Reply::json(&envelope::entity(&context, shown))),
        _ => Ok(Reply::no_content()),
    }
}

/// `POST …/removePassword`
pub(super) fn remove_password(call: &Call, key: &str) -> Result<Reply, Fault> {
    start(call, key)?;
    let key_id = fields::required(&call.json()?, "keyId")?;
    applications::write(call, key, |application| {
        let before = application.secrets.len();
        application.secrets.retain(|secret| secret.key_id != key_id);
        if application.secrets.len() == before {
            return Err(Fault::directory("No password credential found with keyId."));
        }
        Ok(())
    })?;
    Ok(Reply::no_content())
}

/// `POST …/addKey`: a certificate more, for whoever proves to hold one that is registered.
pub(super) fn add_key(call: &Call, key: &str) -> Result<Reply, Fault> {
    start(call, key)?;
    let body = call.json()?;
    let proof = fields::required(&body, "proof")?;
    let wanted = body.get("keyCredential").cloned().unwrap_or(Value::Null);
    let key_id = call.shared.write(|state| state.ids.uuid().to_string());
    let shown = applications::write(call, key, |application| {
        check_proof(call, application, &proof)?;
        let added = read_key(&wanted, key_id)?;
        let shown = applications::key(&added);
        application.certificates.push(added);
        Ok(shown)
    })?;
    let context = call.context("microsoft.graph.keyCredential");
    match shown {
        Value::Object(shown) => Ok(Reply::json(&envelope::entity(&context, shown))),
        _ => Ok(Reply::no_content()),
    }
}

/// `POST …/removeKey`
pub(super) fn remove_key(call: &Call, key: &str) -> Result<Reply, Fault> {
    start(call, key)?;
    let body = call.json()?;
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
pub(super) fn replace_keys(application: &mut Application, value: &Value) -> Result<(), Fault> {
    let mut kept = Vec::new();
    for entry in value.as_array().into_iter().flatten() {
        let key_id = entry["keyId"].as_str();
        let held = application.certificates.iter();
        let held = held
            .clone()
            .find(|held| Some(held.key_id.as_str()) == key_id);
        match held {
            Some(held) if entry["key"].is_null() => kept.push(held.clone()),
            _ => {
                let words = [
                    application.object_id.as_str(),
                    entry["key"].as_str().unwrap_or_default(),
                ];
                let key_id = key_id.map_or_else(|| super::derived_id(&words), str::to_owned);
                kept.push(read_key(entry, key_id)?);
            }
        }
    }
    application.certificates = kept;
    Ok(())
}

fn start(call: &Call, key: &str) -> Result<(), Fault> {
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    applications::require_change(call, key)
}

fn check_proof(call: &Call, application: &Application, proof: &str) -> Result<(), Fault> {
    let issuer = &application.object_id;
    if assertion::is_proof_of_possession(application, issuer, proof, call.now) {
        return Ok(());
    }
    Err(Fault::new(
        axum::http::StatusCode::UNAUTHORIZED,
        "Authentication_MissingOrMalformed",
        "Access Token missing or malformed.",
    ))
}

fn read_key(
    value: &Value,
    key_id: String,
) -> Result<crate::state::directory::KeyCredential, Fault> {
    let text = value["key"].as_str().unwrap_or_default();
    let name = value["displayName"].as_str().unwrap_or_default();
    pem::certificate(text)
        .and_then(|der| assertion::registered::credential(key_id, name, &der))
        .ok_or_else(|| Fault::directory("Key credential must have a valid certificate."))
}
