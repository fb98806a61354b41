//! The listener. It serves connections itself rather than through axum, since a fault may have to close one unanswered.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderValue, Method, Request, Response, StatusCode, header};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::json;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::Routers;
use super::breaking::{Break, Breaking};
use super::faults::{self, Action, Challenged};
use super::names;
use super::tls::{self, Tls};
use crate::shared::Shared;

/// Longest wait for requests in flight when the sandbox stops.
const DRAIN: Duration = Duration::from_millis(500);
/// Longest wait for a client to finish its part of the handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);

/// A bound listener, not yet serving.
pub(crate) struct Server {
    listener: TcpListener,
}

/// How long a request is under way before it is carried out. Graph waits itself, since meanwhile the request counts among
/// those that run at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Delay(pub(crate) Duration);

/// Makes the connection close without an answer.
#[derive(Debug, thiserror::Error)]
#[error("the connection is closed on purpose")]
struct ClosedOnPurpose;

impl Server {
    pub(crate) async fn bind(address: SocketAddr) -> io::Result<Self> {
        Ok(Self {
            listener: TcpListener::bind(address).await?,
        })
    }

    pub(crate) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until cancelled, then lets requests in flight finish for a moment.
    pub(crate) fn spawn(self, host: &Host) {
        let host = host.clone();
        let tasks = host.tasks.clone();
        tasks.spawn(async move {
            loop {
                let accepted = tokio::select! {
                    accepted = self.listener.accept() => accepted,
                    () = host.stop.cancelled() => return,
                };
                // Accepting fails for a moment when the process is out of file descriptors.
                let Ok((stream, _)) = accepted else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                host.tasks.spawn(welcome(stream, host.clone()));
            }
        });
    }
}

/// What every connection is served with.
#[derive(Clone)]
pub(crate) struct Host {
    shared: Shared,
    routers: Routers,
    tls: Option<Tls>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Host {
    pub(crate) fn new(
        shared: &Shared,
        tasks: &TaskTracker,
        stop: &CancellationToken,
        tls: Option<Tls>,
    ) -> Self {
        Self {
            shared: shared.clone(),
            routers: Routers::new(shared),
            tls,
            tasks: tasks.clone(),
            stop: stop.clone(),
        }
    }
}

/// Tells TLS by its first byte, so that one port serves both.
async fn welcome(stream: TcpStream, host: Host) {
    // Small answers must not wait for more to send; a socket that refuses this still works.
    let _ = stream.set_nodelay(true);
    let Some(tls) = host.tls.clone() else {
        return serve(stream, host, Scheme::Http).await;
    };
    let mut first = [0];
    let peeked = tokio::select! {
        peeked = stream.peek(&mut first) => peeked,
        () = host.stop.cancelled() => return,
    };
    match peeked {
        Ok(_) if first[0] == tls::HANDSHAKE => secure(stream, &tls, host).await,
        Ok(_) => serve(stream, host, Scheme::Http).await,
        Err(_) => {}
    }
}

/// Shakes hands, then serves.
async fn secure<S>(stream: S, tls: &Tls, host: Host)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // A client that does not trust us has ended the connection itself, and knows why.
    let shaken = tokio::select! {
        shaken = tokio::time::timeout(HANDSHAKE_PATIENCE, tls.accept(stream)) => shaken,
        () = host.stop.cancelled() => return,
    };
    if let Ok(Ok(stream)) = shaken {
        serve(stream, host, Scheme::Https).await;
    }
}

/// How the caller reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

async fn serve<S>(stream: S, host: Host, scheme: Scheme)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let stop = host.stop.clone();
    let ending = Break::default();
    let stream = Breaking::new(stream, ending.clone());
    let service = service_fn(move |request| answer(host.clone(), scheme, ending.clone(), request));
    let connection = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = std::pin::pin!(connection);
    // How a connection ends is the client's affair, and a fault ends it with an error of our own.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            let _ = tokio::time::timeout(DRAIN, connection).await;
        }
    }
}

/// A client that takes us for its proxy wants a connection to somewhere: to one of Microsoft's names it gets one to us.
fn tunnel(host: &Host, tls: &Tls, request: Request<Incoming>) -> Response<Body> {
    let wanted = request.uri().host().unwrap_or_default().to_owned();
    if !names::is_ours(&wanted) {
        let message =
            format!("the sandbox is a proxy for Microsoft's hosts only, not for `{wanted}`");
        let body = json!({ "error": { "code": "notProxied", "message": message } });
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = StatusCode::FORBIDDEN;
        return response;
    }
    let (inner, tls) = (host.clone(), tls.clone());
    host.tasks.spawn(async move {
        let upgraded = tokio::select! {
            upgraded = hyper::upgrade::on(request) => upgraded,
            () = inner.stop.cancelled() => return,
        };
        if let Ok(stream) = upgraded {
            secure(TokioIo::new(stream), &tls, inner).await;
        }
    });
    Response::new(Body::empty())
}

async fn answer(
    host: Host,
    scheme: Scheme,
    ending: Break,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, ClosedOnPurpose> {
    if let (&Method::CONNECT, Some(tls)) = (request.method(), &host.tls) {
        return Ok(tunnel(&host, tls, request));
    }
    if scheme == Scheme::Https {
        let forwarded = HeaderValue::from_static("https");
        request.headers_mut().insert("x-forwarded-proto", forwarded);
    }
    let name = request.headers().get(header::HOST);
    let name = name.and_then(|name| name.to_str().ok()).unwrap_or_default();
    let router = host.routers.of_host(name).clone();
    let shared = host.shared;
    let path = request.uri().path().to_owned();
    if path.starts_with("/_sandbox/") {
        return Ok(run(router, request).await);
    }
    let seq = shared.log().arrived(
        request.method(),
        request.uri(),
        request.headers(),
        shared.now(),
    );
    let client_request_id = request
        .headers()
        .get("client-request-id")
        .and_then(|id| Some(id.to_str().ok()?.to_owned()));
    let fault = shared.faults().take(request.method(), &path);
    let mut response = match fault {
        None => run(router, request).await,
        Some(Action::Status {
            status,
            retry_after,
            body,
        }) => {
            let name = client_request_id.as_deref();
            faults::answer(&path, name, shared.now(), (status, retry_after, body))
        }
        Some(Action::Text {
            status,
            content_type,
            text,
        }) => faults::text(status, &content_type, text),
        Some(Action::Challenge) => {
            request.extensions_mut().insert(Challenged);
            run(router, request).await
        }
        Some(Action::CutHeaders) => {
            let response = run(router, request).await;
            ending.in_the_headers();
            response
        }
        Some(Action::Reset) => return Err(ClosedOnPurpose),
        Some(Action::ResetAfter) => {
            run(router, request).await;
            return Err(ClosedOnPurpose);
        }
        Some(Action::Delay(milliseconds)) => {
            let delay = Duration::from_millis(milliseconds);
            if faults::is_of_graph(&path) {
                request.extensions_mut().insert(Delay(delay));
            } else {
                tokio::time::sleep(delay).await;
            }
            run(router, request).await
        }
        Some(Action::Redirect(location)) => faults::redirect(&location),
        Some(Action::CutBody) => cut(run(router, request).await).await,
    };
    // A client that compares clocks must see the sandbox's, which may have been advanced.
    if let Ok(date) = DateTimePrinter::new().timestamp_to_rfc9110_string(&shared.now())
        && let Ok(date) = HeaderValue::from_str(&date)
    {
        response.headers_mut().entry(header::DATE).or_insert(date);
    }
    shared.look_again();
    shared.log().answered(seq, response.status().as_u16());
    Ok(response)
}

async fn run(router: Router, request: Request<Incoming>) -> Response<Body> {
    match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    }
}

/// Half of the body under a header that promises all of it, then the connection ends.
async fn cut(response: Response<Body>) -> Response<Body> {
    let (mut parts, body) = response.into_parts();
    let whole = match body.collect().await {
        Ok(whole) => whole.to_bytes(),
        Err(_) => Bytes::new(),
    };
    parts
        .headers
        .insert(header::CONTENT_LENGTH, HeaderValue::from(whole.len()));
    let half = whole.slice(..whole.len() / 2);
    let end = stream::once(async {
        // Without a pause the half would be dropped together with the connection.
        tokio::task::yield_now().await;
        Err(ClosedOnPurpose)
    });
    let pieces = stream::iter([Ok(half)]).chain(end);
    Response::from_parts(parts, Body::from_stream(pieces))
}
