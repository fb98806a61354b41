//! Sockets, and one task for each connection.

mod moving;

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
#[cfg(unix)]
use tokio::net::UnixListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tower::Service;

use self::moving::Moving;
use crate::http::Peer;
use crate::{App, StartError};

/// Longest wait for a request's head, and so for the next one on a connection that is kept.
const HEAD_TIMEOUT: Duration = Duration::from_secs(75);
/// After a failed `accept`, most likely for want of file descriptors.
const BREATH: Duration = Duration::from_millis(100);

pub(super) async fn bind(address: SocketAddr) -> Result<TcpListener, StartError> {
    TcpListener::bind(address)
        .await
        .map_err(|source| StartError::Listen { address, source })
}

/// With the port that was taken for port 0.
pub(super) fn address(listener: &TcpListener) -> Result<SocketAddr, StartError> {
    listener.local_addr().map_err(|source| StartError::Listen {
        address: SocketAddr::from(([0, 0, 0, 0], 0)),
        source,
    })
}

pub(super) fn serve(app: &App, listener: TcpListener, router: Router, stop: &CancellationToken) {
    let (face, stop) = (Face::new(app, router, stop), stop.clone());
    app.context().tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, peer)) => {
                    // Answers are small and finished: waiting for more to send would only delay them.
                    let _ = stream.set_nodelay(true);
                    face.take(stream, Peer::Tcp(peer)).await;
                }
                Err(error) => rest(&error).await,
            }
        }
    });
}

/// For programs of the same user, without a key: who can open the socket can read the files beside it.
#[cfg(unix)]
pub(super) fn serve_socket(
    app: &App,
    directory: &Path,
    router: Router,
    stop: &CancellationToken,
) -> Result<Option<PathBuf>, StartError> {
    let path = directory.join("consentry.sock");
    let listener = private_socket(&path).map_err(|source| StartError::Directory {
        action: "listen on the socket",
        path: path.clone(),
        source,
    })?;
    let (face, stop) = (Face::new(app, router, stop), stop.clone());
    app.context().tasks.spawn(async move {
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => return,
                accepted = listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => face.take(stream, Peer::Socket).await,
                Err(error) => rest(&error).await,
            }
        }
    });
    Ok(Some(path))
}

#[cfg(not(unix))]
pub(super) fn serve_socket(
    _: &App,
    _: &Path,
    _: Router,
    _: &CancellationToken,
) -> Result<Option<PathBuf>, StartError> {
    Ok(None)
}

/// In place of one that a crash left behind: the directory's lock says that nobody listens on it. The directory is
/// closed to others, so that nobody slips in before the mode is set.
#[cfg(unix)]
fn private_socket(path: &Path) -> io::Result<UnixListener> {
    use std::fs::{Permissions, remove_file, set_permissions};
    use std::os::unix::fs::PermissionsExt;
    match remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(path)?;
    set_permissions(path, Permissions::from_mode(0o600))?;
    Ok(listener)
}

pub(crate) fn remove_socket(path: &Path) {
    if let Err(error) = std::fs::remove_file(path) {
        tracing::debug!(error = %error, "the socket was gone already");
    }
}

async fn rest(error: &io::Error) {
    tracing::warn!(error = %error, "a connection could not be accepted");
    sleep(BREATH).await;
}

/// What every connection of one listener shares.
struct Face {
    app: App,
    router: Router,
    stop: CancellationToken,
    slots: Arc<Semaphore>,
    http: http1::Builder,
}

impl Face {
    fn new(app: &App, router: Router, stop: &CancellationToken) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT);
        Self {
            app: app.clone(),
            router,
            stop: stop.clone(),
            slots: Arc::new(Semaphore::new(app.config().limits.connections)),
            http,
        }
    }

    /// Serves the connection in a task of its own, once there is a slot.
    async fn take(&self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static, peer: Peer) {
        let Ok(slot) = Arc::clone(&self.slots).acquire_owned().await else {
            return;
        };
        let (app, router, stop) = (self.app.clone(), self.router.clone(), self.stop.clone());
        let service = service_fn(move |mut request: Request<Incoming>| {
            let proxies = &app.config().listen.trusted_proxies;
            let peer = peer.behind(proxies, request.headers());
            request.extensions_mut().insert(peer);
            router.clone().call(request)
        });
        let connection = self
            .http
            .serve_connection(TokioIo::new(Moving::new(stream)), service);
        self.app.context().tasks.spawn(async move {
            let mut connection = pin!(connection);
            let outcome = tokio::select! {
                outcome = connection.as_mut() => outcome,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = outcome {
                tracing::debug!(error = %error, "a connection ended early");
            }
            drop(slot);
        });
    }
}
