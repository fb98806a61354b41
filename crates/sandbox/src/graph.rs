//! Microsoft Graph: one front (bearer check, envelope, headers, paths), then one file a resource.
//!
//! A request becomes a [`call::Call`] with a verified caller, the front hands it to the resource that its path names, and
//! the resource answers a [`reply::Reply`] or a [`fault::Fault`]. Written from <https://learn.microsoft.com/graph/api/overview>.

mod auth;
mod batch;
mod calendar;
mod call;
mod contacts;
mod directory;
pub(crate) mod drive;
mod fault;
pub(crate) mod mail;
mod paths;
mod permission;
mod places;
mod prefer;
mod reply;
mod rounds;
mod route;
mod schema;
mod search;
mod settings;
mod sites;
mod subscriptions;
mod teams;
mod throttling;
mod users;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{OriginalUri, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Uri, header};
use axum::response::Response;
use axum::routing::any;
use serde_json::Value;

use bytes::Bytes;
use http_body_util::LengthLimitError;

use crate::http::{Challenged, Delay};
use crate::shared::Shared;
use call::Call;
use fault::Fault;
use reply::{Correlation, Reply};
use throttling::Way;

/// What the seed makes as Graph would.
pub(crate) use teams::{
    identify as identify_meeting, open_chat as open_meeting_chat,
    usual_settings as usual_team_settings,
};

/// Graph refuses larger requests; files go through upload sessions.
const MAX_BODY: usize = 4 * 1024 * 1024;

/// More than any client of Graph sends, tokens with hundreds of groups included. Far larger ones the server itself refuses.
const MAX_HEADERS: usize = 64 * 1024;

/// Everything below both versions, the slash after them included.
pub(crate) fn router(shared: &Shared) -> Router {
    let mut router = Router::new();
    for version in ["v1.0", "beta"] {
        router = router
            .route(&format!("/{version}"), any(handle))
            .route(&format!("/{version}/"), any(handle))
            .route(&format!("/{version}/{{*path}}"), any(handle));
    }
    router.with_state(Front {
        shared: shared.clone(),
        answered: Arc::default(),
    })
}

/// What a GET of this address answers the sandbox itself, without a context.
pub(crate) fn look(shared: &Shared, tenant_id: &str, address: &str) -> Option<Value> {
    let call = Call::inside(shared, tenant_id, address)?;
    let mut found = route::dispatch(&call).ok()?.into_json()?;
    found.as_object_mut()?.remove("@odata.context");
    Some(found)
}

#[derive(Clone)]
struct Front {
    shared: Shared,
    answered: Arc<AtomicU64>,
}

async fn handle(
    State(front): State<Front>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    if size_of(&parts.headers) > MAX_HEADERS {
        return front.stamped(&parts, Err(Fault::headers_too_large()));
    }
    let mut admission = if batch::is_at(uri.path()) {
        throttling::Admission::default()
    } else {
        throttling::admit(&front.shared, &parts, &uri, Way::Alone)
    };
    if let Some(delay) = parts.extensions.get::<Delay>() {
        tokio::time::sleep(delay.0).await;
    }
    if parts.extensions.get::<Challenged>().is_some() {
        return front.stamped(&parts, Err(auth::challenged(front.shared.now())));
    }
    if let Some(fault) = admission.refusal() {
        let mut response = front.stamped(&parts, Err(fault));
        admission.tell(&mut response);
        return response;
    }
    let limit = drive::body_limit(uri.path()).unwrap_or(MAX_BODY);
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    let body = match announced {
        Some(length) if length > limit => Err(Fault::request_too_large()),
        _ => to_bytes(body, limit).await.map_err(unreadable),
    };
    let mut response = match &body {
        Ok(body) if batch::is_at(uri.path()) => {
            let answer = batch::answer(&front, &parts, &uri, body).await;
            front.stamped(&parts, answer)
        }
        _ => front.answer(&parts, &uri, body).await,
    };
    admission.tell(&mut response);
    response
}

/// Why a body did not arrive: it is too large, or the client broke off.
fn unreadable(error: axum::Error) -> Fault {
    let is_too_large = error.into_inner().is::<LengthLimitError>();
    if is_too_large {
        Fault::request_too_large()
    } else {
        Fault::bad_request("The request body could not be read to its end.")
    }
}

/// Bytes of all headers, names included.
fn size_of(headers: &HeaderMap) -> usize {
    let sizes = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len());
    sizes.sum()
}

async fn carry_out(call: &Call) -> Result<Reply, Fault> {
    subscriptions::shake(call).await?;
    let answer = route::dispatch(call)?;
    Ok(answer.with_preferences(&call.prefer))
}

impl Front {
    /// One request, brought by a client or by a batch, with its body if it could be read.
    async fn answer(&self, parts: &Parts, uri: &Uri, body: Result<Bytes, Fault>) -> Response {
        let call = body.and_then(|body| Call::read(&self.shared, parts, uri, body));
        let answer = match call {
            Ok(call) => carry_out(&call).await,
            Err(fault) => Err(fault),
        };
        self.stamped(parts, answer)
    }

    fn stamped(&self, parts: &Parts, answer: Result<Reply, Fault>) -> Response {
        let number = self.next_number();
        let correlation = Correlation::new(number, self.shared.now(), &parts.headers);
        let response = match answer {
            Ok(reply) => reply.into_response(),
            Err(fault) => fault.into_response(&correlation),
        };
        correlation.stamp(response)
    }

    fn next_number(&self) -> u64 {
        self.answered.fetch_add(1, Ordering::Relaxed)
    }
}
