//! The cookie of the browser that left for Microsoft.

use connections::oauth::AttemptCookie;
use http::HeaderMap;
use http::header::COOKIE;
use model::sha256;
use secrecy::ExposeSecret;

use crate::App;

/// With TLS the browser itself holds it to this host and to TLS; without, which is for this machine only, no browser would
/// keep a cookie of that name.
const SECURE: &str = "__Host-consentry_attempt";
const PLAIN: &str = "consentry_attempt";
/// As long as an attempt: ten minutes.
const LIFETIME_SECS: u32 = 600;

fn name(app: &App) -> &'static str {
    if app.is_https() { SECURE } else { PLAIN }
}

pub(super) fn set(app: &App, cookie: &AttemptCookie) -> String {
    let value = cookie.value();
    format!(
        "{}={}; Max-Age={LIFETIME_SECS}{}",
        name(app),
        value.expose_secret(),
        attributes(app)
    )
}

pub(super) fn end(app: &App) -> String {
    format!("{}=; Max-Age=0{}", name(app), attributes(app))
}

/// `Lax`: Microsoft's redirect back is a top-level navigation from another site, and has to carry it.
fn attributes(app: &App) -> &'static str {
    if app.is_https() {
        "; Path=/; HttpOnly; SameSite=Lax; Secure"
    } else {
        "; Path=/; HttpOnly; SameSite=Lax"
    }
}

pub(super) fn get(app: &App, headers: &HeaderMap) -> Option<AttemptCookie> {
    AttemptCookie::parse(value(app, headers)?)
}

/// The `state` that this browser left with.
pub(super) fn state<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    Some(value(app, headers)?.split_once('.')?.0)
}

/// What the forms of the confirmation carry. The cookie cannot be found from it.
pub(super) fn form_token(app: &App, headers: &HeaderMap) -> Option<String> {
    let value = value(app, headers)?;
    Some(hex::encode(sha256(format!("confirm:{value}").as_bytes())))
}

fn value<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    let name = name(app);
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}
