use std::collections::BTreeMap;

use url::Url;

/// Cookies of hosts. As in browsers, a port makes no difference.
#[derive(Debug, Default)]
pub(super) struct Cookies(BTreeMap<(String, String), Cookie>);

#[derive(Debug)]
struct Cookie {
    value: String,
    path: String,
}

impl Cookies {
    /// Keeps what a `Set-Cookie` of `url` says, or forgets it where that says so.
    pub(super) fn keep(&mut self, url: &Url, set_cookie: &str) {
        let mut parts = set_cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(String, &str)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value))
            .collect();
        let attribute = |wanted: &str| {
            let found = attributes.iter().find(|(name, _)| name == wanted)?;
            Some(found.1)
        };
        let key = (host(url), name.to_owned());
        let is_over = attribute("max-age")
            .and_then(|secs| secs.parse::<i64>().ok())
            .is_some_and(|secs| secs <= 0);
        if is_over {
            self.0.remove(&key);
            return;
        }
        let cookie = Cookie {
            value: value.to_owned(),
            path: attribute("path").unwrap_or("/").to_owned(),
        };
        self.0.insert(key, cookie);
    }

    /// The `Cookie` header for `url`.
    pub(super) fn of(&self, url: &Url) -> Option<String> {
        let host = host(url);
        let pairs: Vec<_> = self
            .0
            .iter()
            .filter(|((owner, _), cookie)| *owner == host && is_below(url.path(), &cookie.path))
            .map(|((_, name), cookie)| format!("{name}={}", cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// RFC 6265, 5.1.4.
fn is_below(path: &str, scope: &str) -> bool {
    path == scope
        || path
            .strip_prefix(scope)
            .is_some_and(|rest| scope.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a constant that is a URL")
    }

    #[test]
    fn cookies_go_to_their_host_and_path_only() {
        let mut cookies = Cookies::default();
        cookies.keep(&url("http://a/"), "all=1; HttpOnly");
        cookies.keep(&url("http://a/x"), "some=2; Path=/oauth");
        assert_eq!(cookies.of(&url("http://a:8/")).as_deref(), Some("all=1"));
        assert_eq!(
            cookies.of(&url("http://a/oauth/b")).as_deref(),
            Some("all=1; some=2")
        );
        assert_eq!(
            cookies.of(&url("http://a/oauthority")).as_deref(),
            Some("all=1")
        );
        assert_eq!(cookies.of(&url("http://b/")), None);
    }

    #[test]
    fn a_cookie_that_is_over_is_forgotten() {
        let mut cookies = Cookies::default();
        cookies.keep(&url("http://a/"), "one=1");
        cookies.keep(&url("http://a/"), "one=; Max-Age=0");
        assert_eq!(cookies.of(&url("http://a/")), None);
    }
}
