use std::fs;
use std::io;
use std::path::Path;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, redirect, retry};
use url::Url;

use super::TransportOptions;
use crate::Error;
use crate::cloud::is_loopback;

const IDLE_CONNECTIONS_PER_HOST: usize = 64;
/// Shorter than the load balancers of Microsoft wait before they close an idle connection without a word.
const IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// Two clients, since this machine is reached otherwise than the rest of the world: without a proxy, in plain http if need
/// be, and trusting only the extra certificates. So a machine without any certificate of its own can run the sandbox.
pub(super) struct Clients {
    local: Client,
    /// Built at first use: reading the machine's certificates takes longer than starting up should.
    remote: OnceLock<Result<Client, String>>,
    options: TransportOptions,
    extra_roots: Vec<Certificate>,
}

impl Clients {
    pub(super) fn new(options: &TransportOptions) -> Result<Self, Error> {
        let extra_roots = match &options.ca_file {
            Some(path) => read_certificates(path)?,
            None => Vec::new(),
        };
        let local = builder(options)
            .no_proxy()
            .tls_certs_only(extra_roots.clone())
            .build()
            .map_err(|error| Error::Client {
                source: error.into(),
            })?;
        Ok(Self {
            local,
            remote: OnceLock::new(),
            options: options.clone(),
            extra_roots,
        })
    }

    /// The client for `url`, or why there is none.
    pub(super) fn for_url(&self, url: &Url, beside_this_machine: bool) -> Result<&Client, String> {
        if beside_this_machine || is_loopback(url) {
            return Ok(&self.local);
        }
        self.remote
            .get_or_init(|| {
                builder(&self.options)
                    .https_only(true)
                    .tls_certs_merge(self.extra_roots.clone())
                    .build()
                    .map_err(|error| chain(&error))
            })
            .as_ref()
            .map_err(Clone::clone)
    }
}

/// What both have in common. `reqwest` repeats nothing by itself: the one policy is in `retry`.
fn builder(options: &TransportOptions) -> ClientBuilder {
    ClientBuilder::new()
        .user_agent(options.user_agent.clone())
        .redirect(redirect::Policy::none())
        .retry(retry::never())
        .referer(false)
        .gzip(true)
        .tcp_nodelay(true)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(IDLE_CONNECTIONS_PER_HOST)
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let unusable = |source| Error::CaFile {
        path: path.to_owned(),
        source,
    };
    let pem = fs::read(path).map_err(unusable)?;
    let certificates = Certificate::from_pem_bundle(&pem)
        .map_err(|error| unusable(io::Error::new(io::ErrorKind::InvalidData, error)))?;
    if certificates.is_empty() {
        let empty = io::Error::new(io::ErrorKind::InvalidData, "it holds no certificate");
        return Err(unusable(empty));
    }
    Ok(certificates)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}
