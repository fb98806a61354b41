//! The cookie of a session.

use http::HeaderMap;

use crate::App;
use crate::http::Cookie;

/// As long as a session: 12 h, in seconds.
pub(super) const LIFETIME_SECS: i64 = 12 * 3600;

fn cookie(app: &App) -> Cookie {
    Cookie::new(
        "__Host-consentry_session",
        "consentry_session",
        LIFETIME_SECS,
        app.is_https(),
    )
}

/// `Set-Cookie` that begins a session.
pub(super) fn begin(app: &App, secret: &str) -> String {
    cookie(app).set(secret)
}

/// `Set-Cookie` that ends it.
pub(super) fn end(app: &App) -> String {
    cookie(app).end()
}

/// What the session cookie holds.
pub(super) fn session_secret<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    cookie(app).value(headers)
}
