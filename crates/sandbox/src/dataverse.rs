//! Dataverse behind the sandbox's listener: tokens are checked here, everything else is in the crate `sandbox-dataverse`.

mod control;
mod discovery;
mod part;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use sandbox_dataverse::Dataverse as Environment;
use sandbox_odata::service;

use crate::entra::tokens;
use crate::http::names::{self, Service};
use crate::http::{Delay, base_url};
use crate::services;
use crate::shared::Shared;
use crate::state::directory::first_party::{self, DATAVERSE_APP_ID};
use crate::state::part::Part;

use part::Memory;

pub(crate) use control::router as control_router;

/// The largest body: a file of 128 MiB in one piece.
const MAX_BODY: usize = 130 * 1024 * 1024;

/// A handle to its memory.
#[derive(Clone, Default)]
pub(crate) struct Dataverse(Arc<Mutex<Memory>>);

impl Dataverse {
    pub(crate) fn part(&self) -> Arc<Mutex<dyn Part>> {
        self.0.clone()
    }

    /// Looks at it, or changes it; with a data directory it is saved within about a second.
    pub(crate) fn with<T>(&self, use_it: impl FnOnce(&mut Environment) -> T) -> T {
        use_it(self.lock().environment())
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The Web API, and the service that tells which environments there are.
pub(crate) fn router(shared: &Shared) -> Router {
    Router::new()
        .route("/api/data/{*path}", any(handle))
        .route("/api/discovery/v2.0/Instances", get(discovery::instances))
        .with_state(shared.clone())
}

async fn handle(
    State(shared): State<Shared>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if let Some(delay) = parts.extensions.get::<Delay>() {
        tokio::time::sleep(delay.0).await;
    }
    let caller = match caller(&shared, &parts.headers, is_of_environment) {
        Ok(caller) => caller,
        Err(refusal) => return refused(&shared, &parts.headers, refusal),
    };
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    parts.uri = uri;
    let origin = base_url(&parts.headers);
    let request = service::Request::new(&parts, body, origin, shared.now(), caller);
    let response = shared
        .services()
        .dataverse
        .with(|environment| environment.answer(&request));
    if parts.method == Method::POST {
        name_application_users(&shared);
    }
    shared.look_again();
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from(body))
}

/// Application users made by hand get the name of their application from the directory.
fn name_application_users(shared: &Shared) {
    let look = |client_id: &str| {
        shared.read(|state| {
            let tenant = state.directory.tenants.first()?;
            let principal = state.directory.service_principal(client_id, &tenant.id)?;
            let application = state.directory.application(client_id)?;
            Some((principal.id.clone(), application.display_name.clone()))
        })
    };
    let dataverse = &shared.services().dataverse;
    dataverse.with(|environment| environment.name_application_users(look));
}

/// Why a request has no caller.
#[derive(Clone, Copy)]
enum Refusal {
    /// It carries no token.
    NoToken,
    /// The token is not good, or not for this.
    BadToken,
}

/// Whoever holds a good token for an audience.
fn caller(
    shared: &Shared,
    headers: &HeaderMap,
    is_ours: fn(&str) -> bool,
) -> Result<service::Caller, Refusal> {
    let token = services::bearer(headers).ok_or(Refusal::NoToken)?;
    let claims = tokens::verify(shared, token).map_err(|_| Refusal::BadToken)?;
    let tenant = shared.read(|state| {
        let first = state.directory.tenants.first();
        first.map(|tenant| tenant.id.clone())
    });
    if !is_ours(claims.aud.trim_end_matches('/')) || tenant.as_deref() != Some(&*claims.tid) {
        return Err(Refusal::BadToken);
    }
    Ok(services::caller(&claims))
}

/// Whether an audience is one of the environment's names.
fn is_of_environment(audience: &str) -> bool {
    audience.eq_ignore_ascii_case(DATAVERSE_APP_ID)
        || first_party::ENVIRONMENT
            .iter()
            .any(|name| audience.eq_ignore_ascii_case(name))
}

/// 401 without a body: the header says where tokens are to be had, and for what.
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/authenticate-oauth>
fn refused(shared: &Shared, headers: &HeaderMap, refusal: Refusal) -> Response {
    let base = base_url(headers);
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let (login, resource) = match names::service(host.unwrap_or_default()) {
        Service::All => (base.as_str(), first_party::ENVIRONMENT[0]),
        _ => (names::LOGIN, base.as_str()),
    };
    let tenant = shared.read(|state| {
        let first = state.directory.tenants.first();
        first.map(|tenant| tenant.id.clone()).unwrap_or_default()
    });
    let error = match refusal {
        Refusal::NoToken => "",
        Refusal::BadToken => {
            ", error=invalid_token, error_description=Error during token validation!"
        }
    };
    let challenge = format!(
        "Bearer authorization_uri={login}/{tenant}/oauth2/authorize, resource_id={resource}/{error}"
    );
    let mut response = StatusCode::UNAUTHORIZED.into_response();
    if let Ok(value) = HeaderValue::from_str(&challenge) {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, value);
    }
    response
}
