//! The one port that everything is served on: the server, its log, and the faults it is told to commit.

mod breaking;
mod faults;
mod index;
mod log;
pub(crate) mod names;
mod server;
pub(crate) mod tls;

use axum::Router;
use axum::extract::{DefaultBodyLimit, OriginalUri};
use axum::http::{HeaderMap, HeaderName, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use crate::shared::Shared;
use crate::{business_central, control, dataverse, entra, graph};

pub use faults::{Action, Fault};
pub use log::{LoggedRequest, UnimplementedRequest};

use names::Service;

pub(crate) use faults::{Challenged, Faults, answer as answer_of_fault};
pub(crate) use log::RequestLog;
pub(crate) use server::{Delay, Host, Server};

/// The largest request body accepted, above the 60 MiB that Microsoft Graph takes in one piece of an upload.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// What is served under each kind of host name.
#[derive(Clone)]
pub(crate) struct Routers {
    all: Router,
    entra: Router,
    graph: Router,
    business_central: Router,
    dataverse: Router,
    outlook: Router,
    sites: Router,
}

impl Routers {
    pub(crate) fn new(shared: &Shared) -> Self {
        Self {
            all: router(shared),
            entra: finished(entra::router(shared)),
            graph: finished(graph_router(shared)),
            business_central: finished(business_central::router(shared)),
            dataverse: finished(dataverse::router(shared)),
            outlook: finished(graph::mail::upload::router(shared)),
            sites: graph::drive::preauthenticated(shared),
        }
    }

    /// What this host serves; a name that is none of Microsoft's serves everything.
    pub(crate) fn of_host(&self, host: &str) -> &Router {
        match names::service(host) {
            Service::Entra | Service::InstanceMetadata => &self.entra,
            Service::Graph => &self.graph,
            Service::BusinessCentral => &self.business_central,
            Service::Dataverse => &self.dataverse,
            Service::Outlook => &self.outlook,
            Service::Sites => &self.sites,
            Service::All => &self.all,
        }
    }
}

fn graph_router(shared: &Shared) -> Router {
    graph::router(shared).merge(entra::userinfo_router(shared))
}

/// Sites where everything is told apart by path. The root site is `/sites/root` here.
fn sites_by_path(shared: &Shared) -> Router {
    let mut router = Router::new();
    for managed in ["/personal", "/sites"] {
        router = router.nest(managed, graph::drive::preauthenticated(shared));
    }
    router
}

fn finished(router: Router) -> Router {
    router
        .method_not_allowed_fallback(not_implemented)
        .fallback(not_implemented)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
}

/// Everything, dispatched by path.
fn router(shared: &Shared) -> Router {
    finished(
        graph_router(shared)
            .route("/", get(index::index).with_state(shared.clone()))
            .merge(graph::mail::upload::router(shared))
            .merge(sites_by_path(shared))
            .merge(business_central::router(shared))
            .merge(dataverse::router(shared))
            .nest("/_sandbox", control::router(shared))
            .merge(entra::router(shared)),
    )
}

/// Scheme and authority under which the caller reached us, without a slash at the end. Every URL that the sandbox emits
/// starts with it, so that it works through a container's, a tunnel's or a TLS proxy's address too.
pub(crate) fn base_url(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).unwrap_or("localhost");
    let scheme = match text(HeaderName::from_static("x-forwarded-proto")) {
        Some("https") => "https",
        _ => "http",
    };
    format!("{scheme}://{host}")
}

/// The answer to anything that the sandbox does not do. The log lists every request that ends in a 501.
pub(crate) async fn not_implemented(method: Method, uri: OriginalUri) -> Response {
    let path = uri.path();
    let body = json!({ "error": {
        "code": "notImplemented",
        "message": format!("the sandbox does not implement `{method} {path}`"),
    }});
    (StatusCode::NOT_IMPLEMENTED, axum::Json(body)).into_response()
}
