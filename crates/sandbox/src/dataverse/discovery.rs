//! The global discovery service: the environments that a user can reach.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/discover-url-organization-web-api>

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{caller, refused};
use crate::http::base_url;
use crate::odata::filter::eval;
use crate::odata::options::Options;
use crate::shared::Shared;
use crate::state::directory::first_party::{DATAVERSE_APP_ID, DISCOVERY};

fn is_of_discovery(audience: &str) -> bool {
    audience.eq_ignore_ascii_case(DISCOVERY) || audience.eq_ignore_ascii_case(DATAVERSE_APP_ID)
}

/// For users only: an application is a member of no list of environments.
pub(super) async fn instances(
    State(shared): State<Shared>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let caller = match caller(&shared, &headers, is_of_discovery) {
        Ok(caller) if !caller.is_application => caller,
        Ok(_) => return StatusCode::FORBIDDEN.into_response(),
        Err(refusal) => return refused(&shared, &headers, refusal),
    };
    let options = match Options::parse(query.as_deref().unwrap_or_default()) {
        Ok(options) => options,
        Err(error) => {
            let body = json!({ "error": { "code": "0x80060888", "message": error.to_string() } });
            return (StatusCode::BAD_REQUEST, Json(body)).into_response();
        }
    };
    let dataverse = &shared.services().dataverse;
    let found = dataverse.with(|environment| environment.instance_for(&caller.object_id));
    let mut list: Vec<Value> = found.into_iter().collect();
    if let Some(filter) = &options.filter {
        list.retain(|instance| eval::matches(filter, instance));
    }
    if !options.select.is_empty() {
        for instance in &mut list {
            if let Value::Object(object) = instance {
                object.retain(|name, _| options.select.contains(name));
            }
        }
    }
    let context = format!(
        "{}/api/discovery/v2.0/$metadata#Instances",
        base_url(&headers)
    );
    Json(json!({ "@odata.context": context, "value": list })).into_response()
}
