use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use serde::Deserialize;
use url::Url;

use super::ConfigError;

/// `[listen]`: where requests come in.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Listen {
    /// Address and port; port 0 takes a free one.
    pub address: SocketAddr,
    /// Where browsers reach this installation, when that is not the address itself: behind a proxy with TLS, for one.
    /// The redirect URI of every app registration begins with it.
    pub public_url: Option<String>,
    /// Further `Host` headers to answer to, with their port. Requests to any other host than the public URL's and this
    /// machine's own names are refused, so that no foreign name can be pointed at this server.
    pub hosts: Vec<String>,
    /// Addresses of proxies in front whose `X-Forwarded-For` is believed, so that tries at passwords are counted by client.
    pub trusted_proxies: Vec<IpAddr>,
}

impl Default for Listen {
    fn default() -> Self {
        Self {
            address: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8365),
            public_url: None,
            hosts: Vec::new(),
            trusted_proxies: Vec::new(),
        }
    }
}

impl Listen {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        match &self.public_url {
            Some(text) => parse(text).map(|_| ()),
            None => Ok(()),
        }
    }

    /// The public URL, made of the address that was bound unless configured.
    pub(crate) fn public_url(&self, bound: SocketAddr) -> Result<Url, ConfigError> {
        match &self.public_url {
            Some(text) => parse(text),
            None => parse(&address_url(bound)),
        }
    }
}

/// How a program on this machine reaches `bound`.
pub(crate) fn address_url(bound: SocketAddr) -> String {
    if bound.ip().is_unspecified() {
        return format!("http://127.0.0.1:{}", bound.port());
    }
    format!("http://{bound}")
}

fn parse(text: &str) -> Result<Url, ConfigError> {
    let invalid = |message: &str| ConfigError::value("listen.public_url", message);
    let url = Url::parse(text).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(invalid(
            "must begin with `https://`, or with `http://` for this machine",
        ));
    }
    let is_bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if !is_bare {
        return Err(invalid(
            "must be a scheme, a host and perhaps a port, and nothing else",
        ));
    }
    Ok(url)
}
