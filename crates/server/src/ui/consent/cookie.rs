//! The cookie of the browser that left for Microsoft.

use connections::oauth::AttemptCookie;
use http::HeaderMap;
use model::sha256;
use secrecy::ExposeSecret;

use crate::App;
use crate::http::Cookie;

/// As long as an attempt: ten minutes.
const LIFETIME_SECS: i64 = 600;

fn cookie(app: &App) -> Cookie {
    Cookie::new(
        "__Host-consentry_attempt",
        "consentry_attempt",
        LIFETIME_SECS,
        app.is_https(),
    )
}

pub(super) fn set(app: &App, attempt: &AttemptCookie) -> String {
    cookie(app).set(attempt.value().expose_secret())
}

pub(super) fn end(app: &App) -> String {
    cookie(app).end()
}

pub(super) fn get(app: &App, headers: &HeaderMap) -> Option<AttemptCookie> {
    AttemptCookie::parse(cookie(app).value(headers)?)
}

/// The `state` that this browser left with.
pub(super) fn state<'a>(app: &App, headers: &'a HeaderMap) -> Option<&'a str> {
    Some(cookie(app).value(headers)?.split_once('.')?.0)
}

/// What the forms of the confirmation carry. The cookie cannot be found from it.
pub(super) fn form_token(app: &App, headers: &HeaderMap) -> Option<String> {
    let value = cookie(app).value(headers)?;
    Some(hex::encode(sha256(format!("confirm:{value}").as_bytes())))
}
