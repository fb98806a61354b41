use http::HeaderMap;
use http::header::COOKIE;

use crate::App;

/// With TLS the browser itself holds it to this host and to TLS. Without, which is for this machine only, no browser
/// would keep a cookie of that name.
const SECURE: &str = "__Host-consentry_session";
const PLAIN: &str = "consentry_session";
/// As long as a session: 12 h, in seconds.
pub(super) const LIFETIME_SECS: i64 = 12 * 3600;

fn name(app: &App) -> &'static str {
    if app.is_https() { SECURE } else { PLAIN }
}

/// `Set-Cookie` that begins a session.
pub(super) fn begin(app: &App, secret: &str) -> String {
    format!(
        "{}={secret}; Max-Age={LIFETIME_SECS}{}",
        name(app),
        attributes(app)
    )
}

/// `Set-Cookie` that ends it.
pub(super) fn end(app: &App) -> String {
    format!("{}=; Max-Age=0{}", name(app), attributes(app))
}

fn attributes(app: &App) -> &'static str {
    if app.is_https() {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

/// What the session cookie holds.
pub(super) fn session_secret<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    value(headers, name(app)).filter(|secret| !secret.is_empty())
}

fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}
