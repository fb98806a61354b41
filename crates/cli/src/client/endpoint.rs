use std::path::PathBuf;

use reqwest::ClientBuilder;
use url::Url;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::paths;

/// Where a server is reached.
#[derive(Debug, Clone)]
pub(crate) enum Endpoint {
    /// Its address, given as `CONSENTRY_URL` or `--url`.
    Address(Url),
    /// The socket in its data directory, open to the owner of that only.
    Socket(PathBuf),
}

impl Endpoint {
    pub(super) fn find(global: &Global) -> Result<Self, Failure> {
        if let Some(url) = &global.url {
            return Ok(Self::Address(url.clone()));
        }
        let socket = paths::socket(&paths::data_directory(global));
        if socket.exists() {
            return Ok(Self::Socket(socket));
        }
        Err(not_running(&socket))
    }

    pub(super) fn base(&self) -> Url {
        match self {
            Self::Address(url) => url.clone(),
            Self::Socket(_) => Url::parse("http://localhost/").expect("a constant that is a URL"),
        }
    }

    /// Certificates are read from disk only where TLS is to be spoken: that takes longer than most commands.
    pub(super) fn configure(&self, builder: ClientBuilder) -> ClientBuilder {
        match self {
            Self::Address(url) if url.scheme() == "https" => builder,
            Self::Address(_) => builder.tls_certs_only([]),
            Self::Socket(path) => builder
                .tls_certs_only([])
                .no_proxy()
                .unix_socket(path.clone()),
        }
    }

    pub(super) fn unreachable(&self, error: &reqwest::Error) -> Failure {
        match self {
            Self::Socket(path) if error.is_connect() => not_running(path),
            Self::Socket(_) => Failure::new(
                Exit::Unreachable,
                format!("the local server did not answer: {}", innermost(error)),
            ),
            Self::Address(url) => Failure::new(
                Exit::Unreachable,
                format!("`{url}` does not answer: {}", innermost(error)),
            )
            .hint("see that the server runs and that `CONSENTRY_URL` is its address"),
        }
    }
}

fn not_running(socket: &std::path::Path) -> Failure {
    Failure::new(
        Exit::Unreachable,
        format!("no server is running at `{}`", socket.display()),
    )
    .hint(
        "start one with `consentry up`, name its data directory with `--data`, or set `CONSENTRY_URL` and \
         `CONSENTRY_API_KEY`",
    )
}

/// The reason behind the reasons: `Connection refused (os error 111)`.
fn innermost(error: &reqwest::Error) -> String {
    let mut source: &dyn std::error::Error = error;
    while let Some(next) = source.source() {
        source = next;
    }
    source.to_string()
}
