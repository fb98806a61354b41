//! Secrets of a registration.
//! Source: <https://learn.microsoft.com/graph/api/application-addpassword>

use axum::http::Method;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{applications, fields};
use crate::entra::secrets;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::directory::ClientSecret;

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

fn start(call: &Call, key: &str) -> Result<(), Fault> {
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    applications::require_change(call, key)
}
