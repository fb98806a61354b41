//! Signing in and out.

use askama::Template;
use axum::Extension;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::chrome::Plain;
use super::form::{Fields, Form, Submission};
use super::page::{go, show_as, with_cookie};
use crate::App;
use crate::auth::{sign_in_with_link, sign_in_with_password, sign_out as end_session};
use crate::http::Peer;
use crate::problem::Problem;

/// Where people start.
const HOME: &str = "/integrations";

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    plain: Plain,
    form: Form,
    next: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct SignInQuery {
    next: String,
}

/// `GET /sign-in`: also where a one-time link leads, with its secret in the fragment.
pub(crate) async fn page(Query(query): Query<SignInQuery>) -> Result<Response, Problem> {
    render(&query.next, Form::default())
}

/// `POST /sign-in`
pub(crate) async fn with_password(
    State(app): State<App>,
    Extension(peer): Extension<Peer>,
    fields: Fields,
) -> Result<Response, Problem> {
    let next = fields.get("next").to_owned();
    let tried =
        sign_in_with_password(&app, peer, fields.get("email"), fields.password("password")).await;
    match tried {
        Ok(session) => with_cookie(go(within(&next)), &session.set_cookie),
        Err(problem) if problem.internal_reason().is_none() => {
            render(&next, Form::refused(fields, &problem))
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /sign-in/link`: what the page's script read from the fragment.
pub(crate) async fn with_link(State(app): State<App>, fields: Fields) -> Result<Response, Problem> {
    let session = sign_in_with_link(&app, fields.get("secret")).await?;
    with_cookie(go(within(fields.get("next"))), &session.set_cookie)
}

/// `POST /sign-out`
pub(crate) async fn sign_out(
    State(app): State<App>,
    Submission { session, .. }: Submission,
) -> Result<Response, Problem> {
    let cookie = end_session(&app, &session).await?;
    with_cookie(go("/sign-in"), &cookie)
}

fn render(next: &str, form: Form) -> Result<Response, Problem> {
    show_as(
        form.status(),
        &SignInPage {
            plain: Plain::new("Sign in"),
            form,
            next: within(next).to_owned(),
        },
    )
}

/// A path of this server: whatever else was asked for leads home, never to another site.
fn within(next: &str) -> &str {
    let mut letters = next.bytes();
    let is_path = letters.next() == Some(b'/') && !matches!(letters.next(), Some(b'/' | b'\\'));
    let is_plain = next
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_path && is_plain { next } else { HOME }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_signs_in_stays_on_this_server() {
        for foreign in [
            "",
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil",
            "/a\nb",
            "evil",
        ] {
            assert_eq!(within(foreign), HOME, "{foreign}");
        }
        assert_eq!(
            within("/connections/conn_1?done=policy"),
            "/connections/conn_1?done=policy"
        );
    }
}
