//! The browser's session: one cookie, and the user behind it.

use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};

use super::secrets;
use crate::state::State;
use crate::state::directory::User;
use crate::state::sign_in::Session;

const COOKIE: &str = "ESTSSANDBOX";
/// How long a browser that is not told to stay signed in stays so.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A session that is still good, and its user.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) session: Session,
    pub(super) user: User,
}

/// Who is signed in with this browser.
pub(super) fn current(state: &State, headers: &HeaderMap, now: Timestamp) -> Option<SignedIn> {
    let session = state
        .sign_in
        .sessions
        .get(&secrets::hash(cookie(headers)?))?;
    let user = state.directory.user(&session.user_id)?;
    let is_good = !user.disabled && now.duration_since(session.started_at) < LIFETIME;
    is_good.then(|| SignedIn {
        session: session.clone(),
        user: user.clone(),
    })
}

/// Signs a user in, and returns the session with the value of its cookie.
pub(super) fn start(
    state: &mut State,
    user: &User,
    is_strong: bool,
    now: Timestamp,
) -> (SignedIn, String) {
    let value = secrets::nonce();
    let session = Session {
        id: state.ids.uuid().to_string(),
        user_id: user.id.clone(),
        started_at: now,
        form_token: secrets::nonce(),
        is_strong,
    };
    state
        .sign_in
        .add_session(secrets::hash(&value), session.clone());
    let user = user.clone();
    (SignedIn { session, user }, value)
}

/// Ends the session of this browser, if any.
pub(super) fn end(state: &mut State, headers: &HeaderMap) {
    if let Some(value) = cookie(headers) {
        state.sign_in.sessions.remove(&secrets::hash(value));
    }
}

/// Lets the browser keep a session.
pub(super) fn set_cookie(response: &mut Response, value: &str) {
    let text = format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax");
    let value = HeaderValue::from_str(&text).expect("a session's value is plain ASCII");
    response.headers_mut().append(header::SET_COOKIE, value);
}

/// Lets the browser forget its session.
pub(super) fn clear_cookie(response: &mut Response) {
    let value = HeaderValue::from_static("ESTSSANDBOX=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    response.headers_mut().append(header::SET_COOKIE, value);
}

fn cookie(headers: &HeaderMap) -> Option<&str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE)
        .map(|(_, value)| value)
}
