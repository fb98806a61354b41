//! The one middleware, around every route: names the request, checks its host and its caller, bounds its time, survives
//! its panic, and makes a [`Problem`] the answer. One layer and not seven, since the pass-through is measured.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::Response;
use futures_util::FutureExt;
use http::header::ALLOW;
use http::request::Parts;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::time::{Instant, timeout};
use tracing::Instrument;

use crate::auth::{self, Caller, Refusal};
use crate::http::{Peer, Voice, harden};
use crate::metrics::RouteMetrics;
use crate::problem::Problem;
use crate::routes::Needs;
use crate::{App, api, ui};

/// A file takes as long as it takes while its bytes keep coming; this only ends what was forgotten.
const LONGEST_UPLOAD: Duration = Duration::from_hours(24);
/// The routes that take files: anywhere else a body that is called one would be waited for just as long.
const TAKES_FILES: &str = "/api/v1/connections/{id}/operations/{operation}";
const PASSES_THROUGH: &str = "/api/v1/connections/{id}/proxy/{api}/{*path}";
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the gate knows of the route that it stands before.
#[derive(Clone)]
pub(crate) struct Gate(Arc<GateParts>);

struct GateParts {
    app: App,
    needs: Needs,
    path: &'static str,
    metrics: RouteMetrics,
}

impl Gate {
    pub(crate) fn new(app: App, needs: Needs, path: &'static str) -> Self {
        let metrics = RouteMetrics::new(path);
        Self(Arc::new(GateParts {
            app,
            needs,
            path,
            metrics,
        }))
    }

    pub(crate) async fn pass(self, request: Request, next: Next) -> Response {
        let started = Instant::now();
        let gate = &*self.0;
        let id = gate.app.request_ids().next();
        let span = tracing::debug_span!("request", request.id = %id, http.route = gate.path);
        let mut response = gate.answer(request, next, &id).instrument(span).await;
        harden(response.headers_mut(), gate.voice(), gate.app.is_https());
        if let Ok(value) = HeaderValue::try_from(id) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        gate.metrics.answered(response.status(), started.elapsed());
        response
    }
}

impl GateParts {
    fn voice(&self) -> Voice {
        match self.needs {
            Needs::Page => Voice::Page,
            _ => Voice::Data,
        }
    }

    async fn answer(&self, request: Request, next: Next, id: &str) -> Response {
        let (mut parts, body) = request.into_parts();
        let method = parts.method.clone();
        let as_page = self.needs == Needs::Page && ui::wants_page(&parts.headers);
        let caller = match self.admit(&mut parts).await {
            Ok(caller) => caller,
            Err(Refusal { problem, caller }) => {
                // Whoever could not even be looked up was not refused.
                if problem.status().is_client_error() {
                    self.note(caller.as_ref(), &method, &problem).await;
                }
                return self.explain(&problem, id, as_page);
            }
        };
        let mut response = match self.run(Request::from_parts(parts, body), next).await {
            Ok(response) => response,
            Err(problem) => return self.explain(&problem, id, as_page),
        };
        let Some(problem) = problem_of(&mut response) else {
            return response;
        };
        if caller.is_some() && problem.is_of_the_request() {
            self.note(caller.as_ref(), &method, &problem).await;
        }
        let mut explained = self.explain(&problem, id, as_page);
        if let Some(allow) = response.headers_mut().remove(ALLOW) {
            explained.headers_mut().insert(ALLOW, allow);
        }
        explained
    }

    /// What may change something runs to its end in a task of its own, whether or not its caller waits: a write that was
    /// sent is recorded, a secret that was replaced is known to be.
    async fn run(&self, request: Request, next: Next) -> Result<Response, Problem> {
        let brings_a_file = match self.path {
            TAKES_FILES => api::brings_a_file(request.headers()),
            // What is passed through may be a file whatever it is called.
            PASSES_THROUGH => !request.method().is_safe(),
            _ => false,
        };
        let limit = if brings_a_file {
            LONGEST_UPLOAD
        } else {
            self.app.config().limits.request_timeout()
        };
        if request.method().is_safe() {
            let run = AssertUnwindSafe(next.run(request)).catch_unwind();
            let outcome = timeout(limit, run).await.map_err(|_| timed_out())?;
            return outcome.map_err(|panic| panicked(&*panic));
        }
        let tasks = &self.app.context().tasks;
        let run = tasks.spawn(next.run(request).in_current_span());
        let outcome = timeout(limit, run).await.map_err(|_| timed_out())?;
        outcome.map_err(|error| match error.try_into_panic() {
            Ok(panic) => panicked(&*panic),
            Err(error) => Problem::internal(&error),
        })
    }

    /// The caller, where the route needs one.
    async fn admit(&self, parts: &mut Parts) -> Result<Option<Caller>, Refusal> {
        let over_socket = parts.extensions.get::<Peer>() == Some(&Peer::Socket);
        if !over_socket && self.needs != Needs::Probe && !self.app.hosts().knows(parts) {
            return Err(foreign_host().into());
        }
        match self.needs {
            Needs::Probe | Needs::Nobody => Ok(None),
            Needs::Page => Ok(auth::same_origin(&self.app, parts).map(|()| None)?),
            Needs::Role(role) => {
                let caller = auth::identify(&self.app, parts).await?;
                auth::require(&caller, role)?;
                parts.extensions.insert(caller.clone());
                Ok(Some(caller))
            }
        }
    }

    async fn note(&self, caller: Option<&Caller>, method: &Method, problem: &Problem) {
        let route = format!("{method} {}", self.path);
        auth::note_refusal(&self.app, caller, &route, problem.code()).await;
    }

    /// The answer for the client, and for what is our own fault a line for the operator.
    fn explain(&self, problem: &Problem, id: &str, as_page: bool) -> Response {
        if let Some(reason) = problem.internal_reason() {
            tracing::error!(
                request.id = id,
                http.route = self.path,
                error = reason,
                "a request failed"
            );
        }
        let page = if as_page {
            ui::problem_page(problem, id)
        } else {
            None
        };
        page.unwrap_or_else(|| problem.render(id))
    }
}

/// What the answer is a problem with: a handler's own, or the router's when no handler takes the method.
fn problem_of(response: &mut Response) -> Option<Problem> {
    let carried = response.extensions_mut().remove::<Problem>();
    carried.or_else(|| {
        (response.status() == StatusCode::METHOD_NOT_ALLOWED).then(|| {
            Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "method_not_allowed",
                "this address does not take that method",
            )
            .next("use one that the header `allow` lists")
        })
    })
}

fn foreign_host() -> Problem {
    Problem::new(
        StatusCode::MISDIRECTED_REQUEST,
        "host_unknown",
        "this server does not answer to that host name",
    )
    .next("use its public URL, or add the name to `listen.hosts`")
}

fn timed_out() -> Problem {
    Problem::new(
        StatusCode::GATEWAY_TIMEOUT,
        "timed_out",
        "the request took longer than this server allows",
    )
    .next("look in the activity whether it happened, and try again")
}

fn panicked(panic: &(dyn Any + Send)) -> Problem {
    let words = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    let words = words.unwrap_or("without a message");
    Problem::broken(format!("a handler panicked: {words}"))
}
