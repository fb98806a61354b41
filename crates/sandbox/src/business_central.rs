//! Business Central behind the sandbox's listener: tokens are checked here, everything else is in the crate
//! `sandbox-business-central`.

mod control;
mod directory;
mod notify;
mod part;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{OriginalUri, Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use sandbox_business_central::{Answer, BusinessCentral as Cloud};
use sandbox_odata::service;

use crate::entra::tokens;
use crate::http::{Delay, base_url};
use crate::services;
use crate::shared::Shared;
use crate::state::directory::first_party::{BUSINESS_CENTRAL, BUSINESS_CENTRAL_APP_ID};
use crate::state::part::Part;

use part::Memory;

pub(crate) use control::router as control_router;
pub(crate) use notify::pump;

/// The largest body, of a file that is attached.
const MAX_BODY: usize = 64 * 1024 * 1024;

/// A handle to its memory.
#[derive(Clone, Default)]
pub(crate) struct BusinessCentral(Arc<Mutex<Memory>>);

impl BusinessCentral {
    pub(crate) fn part(&self) -> Arc<Mutex<dyn Part>> {
        self.0.clone()
    }

    /// Looks at it.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Cloud) -> T) -> T {
        look(&self.lock().cloud)
    }

    /// Changes it; with a data directory it is saved within about a second.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut Cloud) -> T) -> T {
        let mut memory = self.lock();
        memory.version += 1;
        change(&mut memory.cloud)
    }

    /// Answers; what a request only reads is not saved, since books that were made for it are made again. Users are not.
    fn answer(&self, shared: &Shared, request: &service::Request) -> Answer {
        let is_automation = request.uri.path().contains("/microsoft/automation/");
        let directory = is_automation.then(|| directory::of(shared, &request.caller.tenant_id));
        let mut memory = self.lock();
        if !request.method.is_safe() || is_automation {
            memory.version += 1;
        }
        if let Some(directory) = directory {
            memory.cloud.know(directory);
        }
        memory.cloud.answer(request)
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Every path of `api.businesscentral.dynamics.com`.
pub(crate) fn router(shared: &Shared) -> Router {
    let mut router = Router::new();
    for path in ["/v2.0/{*path}", "/environments/{version}", "/admin/{*path}"] {
        router = router.route(path, any(handle));
    }
    router.with_state(shared.clone())
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
    let Ok(body) = to_bytes(body, MAX_BODY).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let services = shared.services().clone();
    let business_central = services.business_central;
    let Some(caller) = caller(&shared, &parts.headers) else {
        return sent(business_central.write(Cloud::unauthenticated));
    };
    parts.uri = uri;
    let origin = base_url(&parts.headers);
    let request = service::Request::new(&parts, body, origin, shared.now(), caller);
    // The first look at a company makes its books, which takes longer than a thread of the listener may be kept.
    let (asked, asking) = (business_central.clone(), shared.clone());
    let answer = tokio::task::spawn_blocking(move || asked.answer(&asking, &request)).await;
    shared.look_again();
    match answer {
        Ok(Answer::Done(response)) => sent(response),
        Ok(Answer::Handshake(handshake)) => {
            let is_good = notify::proves_itself(&shared, &handshake).await;
            sent(business_central.write(|cloud| cloud.shaken(handshake, is_good)))
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn sent(response: service::Response) -> Response {
    let (parts, body) = response.into_parts();
    Response::from_parts(parts, Body::from(body))
}

/// Whoever holds a good token for Business Central.
fn caller(shared: &Shared, headers: &HeaderMap) -> Option<service::Caller> {
    let claims = tokens::verify(shared, services::bearer(headers)?).ok()?;
    let audience = claims.aud.trim_end_matches('/');
    let is_ours = audience.eq_ignore_ascii_case(BUSINESS_CENTRAL)
        || audience.eq_ignore_ascii_case(BUSINESS_CENTRAL_APP_ID);
    is_ours.then(|| services::caller(&claims))
}
