use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

/// Where a request came in. Every request carries one in its extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Peer {
    Tcp(SocketAddr),
    /// The socket in the data directory, which only its owner can open.
    Socket,
}

impl Peer {
    /// Whom a trusted proxy speaks for: the last address of `X-Forwarded-For` that is no such proxy's. What stands before it was
    /// said by others. Its port is not known.
    pub(crate) fn behind(self, proxies: &[IpAddr], headers: &HeaderMap) -> Self {
        let Self::Tcp(address) = self else {
            return self;
        };
        if !proxies.contains(&address.ip()) {
            return self;
        }
        let named: Vec<_> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(|address| address.trim().parse::<IpAddr>())
            .collect();
        let client = named
            .into_iter()
            .rev()
            .find(|named| !named.as_ref().is_ok_and(|named| proxies.contains(named)));
        match client {
            Some(Ok(client)) => Self::Tcp(SocketAddr::new(client, 0)),
            _ => self,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, SocketAddr};

    use http::{HeaderMap, HeaderValue};

    use super::Peer;

    #[test]
    fn a_trusted_proxy_names_its_client_and_nobody_else_does() {
        let proxy: IpAddr = [10, 0, 0, 1].into();
        let (client, liar) = ([192, 0, 2, 7].into(), [10, 0, 0, 2].into());
        let at = |ip| Peer::Tcp(SocketAddr::new(ip, 0));
        for (from, said, wanted) in [
            (proxy, "192.0.2.7", at(client)),
            (proxy, "203.0.113.9, 192.0.2.7", at(client)),
            (proxy, "192.0.2.7, 10.0.0.1", at(client)),
            (proxy, "192.0.2.7, nonsense", at(proxy)),
            (proxy, "", at(proxy)),
            (liar, "192.0.2.7", at(liar)),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert("x-forwarded-for", HeaderValue::from_static(said));
            assert_eq!(at(from).behind(&[proxy], &headers), wanted, "{said}");
        }
        assert_eq!(
            Peer::Socket.behind(&[proxy], &HeaderMap::new()),
            Peer::Socket
        );
    }
}
