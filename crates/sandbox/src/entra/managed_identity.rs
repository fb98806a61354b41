//! Managed identities, as a virtual machine's metadata service and App Service hand out their tokens.
//! Source: learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token,
//! learn.microsoft.com/azure/app-service/overview-managed-identity

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::parameters::Parameters;
use super::scopes::default_resource;
use super::tokens::{self, AccessClaims, NewAccess, Proof, Subject};
use super::trace::Trace;
use crate::shared::Shared;
use crate::state::State as SandboxState;
use crate::state::directory::Application;

/// The platform's tokens last a day, and it renews them itself.
const LIFETIME_SECS: u32 = 86_399;

/// `GET /metadata/identity/oauth2/token` of the instance metadata service.
pub(crate) async fn instance_metadata(
    State(shared): State<Shared>,
    trace: Trace,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let asked = headers.get("metadata").map(HeaderValue::as_bytes);
    if !asked.is_some_and(|value| value.eq_ignore_ascii_case(b"true")) {
        return Refusal::malformed("Required metadata header not specified").into_response();
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    if query.get("api-version").is_none() {
        let text = "Required query variable 'api-version' is missing";
        return Refusal::malformed(text).into_response();
    }
    match issue(&shared, &trace, &query) {
        Ok(claims) => Json(json!({
            "access_token": tokens::sign(&shared, &claims),
            "client_id": claims.appid,
            "expires_in": (claims.exp - claims.iat).to_string(),
            "expires_on": claims.exp.to_string(),
            "ext_expires_in": (claims.exp - claims.iat).to_string(),
            "not_before": claims.nbf.to_string(),
            "resource": claims.aud,
            "token_type": "Bearer",
        }))
        .into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

/// `GET /msi/token`, what App Service's `IDENTITY_ENDPOINT` names. Its header is a secret of the machine.
pub(crate) async fn app_service(
    State(shared): State<Shared>,
    trace: Trace,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let header = headers.get("x-identity-header");
    let header = header.and_then(|value| value.to_str().ok());
    if header.is_none_or(|value| value != shared.identity_header()) {
        let body =
            json!({ "statusCode": 401, "message": "X-IDENTITY-HEADER is missing or wrong." });
        return (StatusCode::UNAUTHORIZED, Json(body)).into_response();
    }
    let query = Parameters::parse(query.unwrap_or_default().as_bytes());
    match issue(&shared, &trace, &query) {
        Ok(claims) => Json(json!({
            "access_token": tokens::sign(&shared, &claims),
            "client_id": claims.appid,
            "expires_on": claims.exp.to_string(),
            "resource": claims.aud,
            "token_type": "Bearer",
        }))
        .into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn issue(shared: &Shared, trace: &Trace, query: &Parameters) -> Result<AccessClaims, Refusal> {
    let resource = query
        .get("resource")
        .ok_or_else(|| Refusal::malformed("Required query variable 'resource' is missing"))?;
    shared.write(|state| {
        let identity = identity(state, query.get("client_id"), query.get("object_id"))
            .ok_or_else(|| Refusal::malformed("Identity not found"))?;
        let scope = format!("{resource}/.default");
        let resource = default_resource(
            &scope,
            &trace.base,
            &state.directory,
            "the machine's tenant",
        )
        .map_err(|error| Refusal {
            error: "invalid_resource",
            description: error.description(trace),
        })?;
        let roles = state.directory.granted_roles(
            &identity.client_id,
            &identity.tenant_id,
            &resource.app_id,
        );
        let lifetime_secs = state.settings.access_token_lifetime;
        let new = NewAccess {
            application: &identity,
            tenant_id: &identity.tenant_id,
            proof: Proof::Certificate,
            subject: &Subject::Application { roles },
            audience: &resource.audience,
            now: trace.at,
            lifetime_secs: lifetime_secs.unwrap_or(LIFETIME_SECS),
            is_cae: false,
            contexts: &[],
        };
        Ok(tokens::access_claims(state, &new))
    })
}

/// The identity asked for, by either of its ids; the machine's own, which is the first one, when none is.
fn identity(
    state: &SandboxState,
    client_id: Option<&str>,
    object_id: Option<&str>,
) -> Option<Application> {
    let principals = state.directory.service_principals.iter();
    let by_object = |id: &str| {
        let mut principals = principals.clone();
        principals.find(|principal| principal.id.eq_ignore_ascii_case(id))
    };
    let wanted = match (client_id, object_id) {
        (Some(client_id), _) => Some(client_id.to_owned()),
        (None, Some(object_id)) => Some(by_object(object_id)?.client_id.clone()),
        (None, None) => None,
    };
    let mut managed = state.directory.applications.iter().filter(|it| it.managed);
    let found = managed.find(|it| {
        wanted
            .as_ref()
            .is_none_or(|wanted| it.client_id.eq_ignore_ascii_case(wanted))
    });
    found.cloned()
}

/// What the platform answers instead of a token, with less around it than Entra has.
struct Refusal {
    error: &'static str,
    description: String,
}

impl Refusal {
    fn malformed(description: &str) -> Self {
        Self {
            error: "invalid_request",
            description: description.to_owned(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "error_description": self.description });
        (StatusCode::BAD_REQUEST, Json(body)).into_response()
    }
}
