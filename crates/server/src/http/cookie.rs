//! Cookies that hold a secret, and that a browser gives back to this host only.

use http::HeaderMap;
use http::header::COOKIE;

/// With TLS the browser itself holds it to this host and to TLS, by its name. Without, which is for this machine only, no
/// browser would keep a cookie of that name.
pub(crate) struct Cookie {
    secure: &'static str,
    plain: &'static str,
    lifetime_secs: i64,
    is_https: bool,
}

/// `Lax`: a sign-in page's redirect back is a top-level navigation from another site, and has to carry it.
const ATTRIBUTES: &str = "; Path=/; HttpOnly; SameSite=Lax";

impl Cookie {
    /// `secure` begins with `__Host-`.
    pub(crate) const fn new(
        secure: &'static str,
        plain: &'static str,
        lifetime_secs: i64,
        is_https: bool,
    ) -> Self {
        Self {
            secure,
            plain,
            lifetime_secs,
            is_https,
        }
    }

    /// `Set-Cookie` with which it begins.
    pub(crate) fn set(&self, value: &str) -> String {
        self.line(value, self.lifetime_secs)
    }

    /// `Set-Cookie` with which it ends.
    pub(crate) fn end(&self) -> String {
        self.line("", 0)
    }

    /// What the browser sent, where it is not empty.
    pub(crate) fn value<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        headers
            .get_all(COOKIE)
            .iter()
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == self.name() && !value.is_empty()).then_some(value))
    }

    fn line(&self, value: &str, lifetime_secs: i64) -> String {
        let secure = if self.is_https { "; Secure" } else { "" };
        format!(
            "{}={value}; Max-Age={lifetime_secs}{ATTRIBUTES}{secure}",
            self.name()
        )
    }

    fn name(&self) -> &'static str {
        if self.is_https {
            self.secure
        } else {
            self.plain
        }
    }
}
