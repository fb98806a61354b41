use std::net::{IpAddr, Ipv6Addr, SocketAddr};

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
        if !self.is_one_of(proxies) {
            return self;
        }
        let named: Vec<_> = headers
            .get_all("x-forwarded-for")
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(address)
            .collect();
        let mut clients = named
            .into_iter()
            .rev()
            .map(|named| named.map(|ip| Self::Tcp(SocketAddr::new(ip, 0))));
        let client = clients.find(|named| !named.is_some_and(|named| named.is_one_of(proxies)));
        client.flatten().unwrap_or(self)
    }

    /// However either of them is written: who listens to IPv6 sees an IPv4 address within one.
    pub(crate) fn is_one_of(self, proxies: &[IpAddr]) -> bool {
        match self {
            Self::Tcp(address) => {
                let ip = address.ip().to_canonical();
                proxies.iter().any(|proxy| proxy.to_canonical() == ip)
            }
            Self::Socket => false,
        }
    }

    /// Whose tries are counted together. A network of 64 bits is one customer's, who may take any address in it.
    pub(crate) fn client(self) -> Option<IpAddr> {
        let Self::Tcp(address) = self else {
            return None;
        };
        Some(match address.ip().to_canonical() {
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from(u128::from(ip) >> 64 << 64)),
            four @ IpAddr::V4(_) => four,
        })
    }
}

/// As proxies write it: some with its port, and then with IPv6 in brackets.
fn address(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bare = || text.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    let with_port = || Some(text.parse::<SocketAddr>().ok()?.ip());
    let ip: Option<IpAddr> = text.parse().ok();
    ip.or_else(with_port).or_else(bare)
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
        let within_six: IpAddr = "::ffff:10.0.0.1".parse().unwrap();
        let six: IpAddr = "2001:db8::7".parse().unwrap();
        let at = |ip| Peer::Tcp(SocketAddr::new(ip, 0));
        for (from, said, wanted) in [
            (proxy, "192.0.2.7", at(client)),
            (proxy, "203.0.113.9, 192.0.2.7", at(client)),
            (proxy, "192.0.2.7, 10.0.0.1", at(client)),
            (proxy, "192.0.2.7, nonsense", at(proxy)),
            (proxy, "192.0.2.7:51234", at(client)),
            (proxy, "192.0.2.7, ::ffff:10.0.0.1", at(client)),
            (proxy, "[2001:db8::7]:443", at(six)),
            (proxy, "[2001:db8::7]", at(six)),
            (within_six, "192.0.2.7", at(client)),
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

    #[test]
    fn a_client_is_one_however_many_addresses_it_has() {
        let client = |text: &str| Peer::Tcp(SocketAddr::new(text.parse().unwrap(), 7)).client();
        assert_eq!(client("2001:db8:0:1::1"), client("2001:db8:0:1:ffff::9"));
        assert_ne!(client("2001:db8:0:1::1"), client("2001:db8:0:2::1"));
        assert_eq!(client("::ffff:192.0.2.7"), client("192.0.2.7"));
        assert_ne!(client("192.0.2.7"), client("192.0.2.8"));
        assert_eq!(Peer::Socket.client(), None);
    }
}
