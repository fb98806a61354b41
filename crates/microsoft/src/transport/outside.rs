//! Requests to addresses that users give: webhooks. Such an address is resolved, checked to be public, and connected to at
//! that very address, so that it leads to no service inside the network; redirects are not followed, no proxy is asked.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use reqwest::{ClientBuilder, redirect, retry};
use tokio::time::timeout;
use url::{Host, Url};

use crate::cloud::is_loopback;

const RESOLVE: Duration = Duration::from_secs(5);
const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(15);

/// Why nothing was sent, or no answer came.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutsideError {
    #[error("the address has to be https, without user info")]
    Scheme,
    #[error("the host has no address, or its name could not be resolved")]
    Unresolved,
    #[error("the host's address is not public")]
    NotPublic,
    #[error(
        "it is on this machine, which only a server with `webhooks.allow_loopback = true` sends to"
    )]
    Here,
    #[error("the request was not answered")]
    Unanswered(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Sends to addresses that users give.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outside {
    /// Lets http and this machine through: for tests and development, by configuration only.
    pub allow_loopback: bool,
}

impl Outside {
    /// Whether the address may be stored at all. Its host is looked at again before each request.
    pub fn check(self, url: &Url) -> Result<(), OutsideError> {
        let is_bare = url.username().is_empty() && url.password().is_none() && url.has_host();
        if !is_bare {
            return Err(OutsideError::Scheme);
        }
        if is_loopback(url) {
            return if self.allow_loopback {
                Ok(())
            } else {
                Err(OutsideError::Here)
            };
        }
        if url.scheme() != "https" {
            return Err(OutsideError::Scheme);
        }
        match url.host() {
            Some(Host::Ipv4(address)) if !is_public(address.into()) => Err(OutsideError::NotPublic),
            Some(Host::Ipv6(address)) if !is_public(address.into()) => Err(OutsideError::NotPublic),
            _ => Ok(()),
        }
    }

    /// Posts `body` and answers the status; what the other side says is not read.
    pub async fn post(
        self,
        url: &Url,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<StatusCode, OutsideError> {
        self.check(url)?;
        let address = self.address(url).await?;
        let unanswered =
            |error: reqwest::Error| OutsideError::Unanswered(error.without_url().into());
        let host = url.host_str().unwrap_or_default();
        let client = ClientBuilder::new()
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .no_proxy()
            .referer(false)
            .https_only(!is_loopback(url))
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .resolve_to_addrs(host, &[address])
            .user_agent("Consentry-Webhooks")
            .build()
            .map_err(unanswered)?;
        let request = client.post(url.clone()).headers(headers).body(body);
        let response = request.send().await.map_err(unanswered)?;
        Ok(response.status())
    }

    /// The address to connect to. A name with one address that is not public is refused whole: an answer that mixes both
    /// is made to deceive.
    async fn address(self, url: &Url) -> Result<SocketAddr, OutsideError> {
        let port = url.port_or_known_default().ok_or(OutsideError::Scheme)?;
        let host = url.host().ok_or(OutsideError::Unresolved)?;
        let found: Vec<_> = match host {
            Host::Ipv4(address) => vec![SocketAddr::from((address, port))],
            Host::Ipv6(address) => vec![SocketAddr::from((address, port))],
            Host::Domain(name) => timeout(RESOLVE, tokio::net::lookup_host((name, port)))
                .await
                .ok()
                .and_then(Result::ok)
                .into_iter()
                .flatten()
                .collect(),
        };
        self.chosen(&found)
    }

    /// The first of the addresses that a name has, if all are allowed.
    fn chosen(self, found: &[SocketAddr]) -> Result<SocketAddr, OutsideError> {
        let allowed = |address: &SocketAddr| {
            is_public(address.ip()) || (self.allow_loopback && address.ip().is_loopback())
        };
        if !found.iter().all(allowed) {
            return Err(OutsideError::NotPublic);
        }
        found.first().copied().ok_or(OutsideError::Unresolved)
    }
}

/// Whether the address is one of the public internet's.
///
/// Source: <https://www.iana.org/assignments/iana-ipv4-special-registry>, and the registry of IPv6.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (18..20).contains(&b));
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [a, b, ..] = address.segments();
    // All of the public internet is in 2000::/3; in it, tunnels may lead inside, and some is for protocols and documents.
    let special =
        a == 0x2002 || (a == 0x2001 && (b < 0x200 || b == 0xdb8)) || (a == 0x3fff && b < 0x1000);
    (a & 0xe000) == 0x2000 && !special
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::{Reply, Responder};

    fn url(text: &str) -> Url {
        Url::parse(text).expect("a URL")
    }

    #[test]
    fn only_public_addresses_are_public() {
        let inside = [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "192.0.2.1",
            "198.18.0.1",
            "192.0.0.1",
            "::1",
            "::",
            "fc00::1",
            "fe80::1",
            "ff02::1",
            "::ffff:10.0.0.1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
            "64:ff9b::a00:1",
        ];
        for text in inside {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
        for text in ["1.1.1.1", "20.190.128.0", "2603:1036::1", "::ffff:1.1.1.1"] {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }

    #[tokio::test]
    async fn what_leads_inside_is_refused_before_anything_is_sent() {
        let server = Responder::start(vec![Reply::status(200)]).await;
        let inside = [
            server.url.as_str(),
            "http://example.com/",
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://u:p@example.com/",
            "ftp://example.com/",
            "https://localhost/",
            "https://169.254.169.254/latest",
        ];
        for text in inside {
            let sent = Outside::default()
                .post(&url(text), HeaderMap::new(), Bytes::new())
                .await;
            assert!(sent.is_err(), "{text}");
        }
        assert!(server.seen().is_empty());
    }

    #[test]
    fn a_name_is_refused_whole_for_one_address_that_leads_inside() {
        let at = |text: &str| SocketAddr::from((text.parse::<IpAddr>().expect("an address"), 443));
        let (public, other) = (at("20.190.128.0"), at("2603:1036::1"));
        let outside = Outside::default();
        assert_eq!(outside.chosen(&[public, other]).ok(), Some(public));
        for inside in ["10.1.2.3", "127.0.0.1", "169.254.169.254", "::1", "fd00::1"] {
            for found in [vec![at(inside)], vec![public, at(inside)]] {
                let refused = outside.chosen(&found);
                assert!(matches!(refused, Err(OutsideError::NotPublic)), "{found:?}");
            }
        }
        assert!(matches!(outside.chosen(&[]), Err(OutsideError::Unresolved)));
        let here = Outside {
            allow_loopback: true,
        };
        assert!(here.chosen(&[at("127.0.0.1")]).is_ok());
        assert!(here.chosen(&[at("10.1.2.3")]).is_err());
    }

    #[tokio::test]
    async fn this_machine_is_reached_when_configured_and_a_redirect_is_an_answer() {
        let reply = Reply::status(302).with("location", "http://127.0.0.1:9/elsewhere");
        let server = Responder::start(vec![reply]).await;
        let outside = Outside {
            allow_loopback: true,
        };
        let sent = outside
            .post(&server.url, HeaderMap::new(), Bytes::from_static(b"{}"))
            .await;
        assert_eq!(sent.expect("an answer"), StatusCode::FOUND);
        assert_eq!(server.seen()[0].body, "{}");
    }
}
