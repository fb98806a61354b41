//! `GET /common/userrealm/{name}`: where an account's passwords are kept. Clients ask before they send one.

use axum::Json;
use axum::extract::{Path, State};
use serde_json::{Value, json};

use crate::shared::Shared;

/// Accounts of the directory are managed here; nothing is known of others.
pub(crate) async fn realm(
    State(shared): State<Shared>,
    Path((_, name)): Path<(String, String)>,
) -> Json<Value> {
    let is_known = shared.read(|state| state.directory.user(&name).is_some());
    if !is_known {
        return Json(
            json!({ "ver": "1.0", "account_type": "Unknown", "cloud_instance_name": "microsoftonline.com" }),
        );
    }
    let domain = name.rsplit_once('@').map_or("", |(_, domain)| domain);
    Json(json!({
        "ver": "1.0",
        "account_type": "Managed",
        "domain_name": domain,
        "cloud_instance_name": "microsoftonline.com",
        "cloud_audience_urn": "urn:federation:MicrosoftOnline",
    }))
}
