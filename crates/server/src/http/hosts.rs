use http::header::HOST;
use http::request::Parts;
use url::Url;

/// The names that this server answers to.
///
/// A page of any site may point its own name at this machine (DNS rebinding) and then read what the server says; its
/// requests carry that name as `Host`, so other names are refused.
#[derive(Debug)]
pub(crate) struct Hosts(Vec<String>);

/// This machine's own names, with any port: a port may be forwarded.
const LOOPBACK: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

impl Hosts {
    pub(crate) fn new(public_url: &Url, further: &[String]) -> Self {
        let own = &public_url[url::Position::BeforeHost..url::Position::AfterPort];
        let further = further.iter().map(|host| host.to_ascii_lowercase());
        Self(std::iter::once(own.to_owned()).chain(further).collect())
    }

    pub(crate) fn knows(&self, parts: &Parts) -> bool {
        host(parts).is_some_and(|host| self.has(host))
    }

    pub(crate) fn has(&self, host: &str) -> bool {
        self.0.iter().any(|known| known.eq_ignore_ascii_case(host)) || is_loopback(host)
    }
}

/// The name that the request was sent to.
pub(crate) fn host(parts: &Parts) -> Option<&str> {
    match parts.uri.authority() {
        Some(authority) => Some(authority.as_str()),
        None => parts.headers.get(HOST)?.to_str().ok(),
    }
}

fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    LOOPBACK.iter().any(|own| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_names_are_answered() -> Result<(), url::ParseError> {
        let url = Url::parse("https://consentry.contoso.com")?;
        let hosts = Hosts::new(&url, &["intranet:8365".to_owned()]);
        for known in [
            "consentry.contoso.com",
            "Consentry.Contoso.com",
            "127.0.0.1:8365",
            "localhost",
            "[::1]:9",
            "intranet:8365",
        ] {
            assert!(hosts.has(known), "{known}");
        }
        for foreign in [
            "evil.example",
            "consentry.contoso.com.evil.example",
            "127.0.0.1.evil.example",
            "evil.example:8365",
            "127.0.0.1@evil.example",
        ] {
            assert!(!hosts.has(foreign), "{foreign}");
        }
        Ok(())
    }
}
