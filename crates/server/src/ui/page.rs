//! A template as an answer.

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Redirect, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use super::chrome::Plain;
use super::explained::Explained;
use super::prose::Prose;
use crate::problem::Problem;

/// Never to another site. Not `no-referrer`, which makes browsers send our own forms with `Origin: null`.
const REFERRER: &str = "same-origin";

/// Own style sheet and script and nothing else; forms go to this server only.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// For the one page whose form leads away: browsers hold the redirects after a form to `form-action`, and Microsoft's
/// sign-in may send people on to their organisation's own.
const LEAVING_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    base-uri 'none'; frame-ancestors 'none'";

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage<'a> {
    plain: Plain,
    status: u16,
    code: &'a str,
    message: Prose,
    next_step: Option<Prose>,
    diagnosis: Option<Explained>,
    request_id: &'a str,
}

/// The page, as `200 OK`.
pub(super) fn show(page: &impl Template) -> Result<Response, Problem> {
    show_as(StatusCode::OK, page)
}

pub(super) fn show_as(status: StatusCode, page: &impl Template) -> Result<Response, Problem> {
    let html = page.render().map_err(|error| Problem::internal(&error))?;
    let mut response = Response::new(Body::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=utf-8"),
    );
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(REFERRER));
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(POLICY),
    );
    Ok(response)
}

/// The page from which a form leads to Microsoft.
pub(super) fn show_leaving(page: &impl Template) -> Result<Response, Problem> {
    let mut response = show(page)?;
    let policy = HeaderValue::from_static(LEAVING_POLICY);
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

/// After a form did its work: a page that can be reloaded.
pub(super) fn go(to: &str) -> Response {
    Redirect::to(to).into_response()
}

/// The same, setting a cookie.
pub(super) fn with_cookie(mut response: Response, cookie: &str) -> Result<Response, Problem> {
    let value = HeaderValue::try_from(cookie).map_err(|error| Problem::internal(&error))?;
    response.headers_mut().append(header::SET_COOKIE, value);
    Ok(response)
}

/// Whether HTML is what is asked for: browsers say so, programs say what they want or nothing.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"))
}

/// A problem for a person. `None` if not even that can be shown.
pub(crate) fn problem_page(problem: &Problem, request_id: &str) -> Option<Response> {
    let page = ErrorPage {
        plain: if problem.diagnosis().is_some() {
            Plain::broad(title(problem))
        } else {
            Plain::new(title(problem))
        },
        status: problem.status().as_u16(),
        code: problem.code(),
        message: Prose::sentence(problem.detail()),
        next_step: problem.next_step().map(Prose::sentence),
        diagnosis: problem.diagnosis().map(Explained::from),
        request_id,
    };
    let mut response = show_as(problem.status(), &page).ok()?;
    let code = HeaderName::from_static("consentry-code");
    let headers = response.headers_mut();
    headers.insert(code, HeaderValue::from_static(problem.code()));
    if let Some(seconds) = problem.retry_after_secs() {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    Some(response)
}

fn title(problem: &Problem) -> &'static str {
    match problem.code() {
        "attempt_unknown" => "This link is not known",
        "attempt_expired" => "This link has expired",
        "attempt_used" => "This link was used already",
        "state_mismatch" => "This answer belongs to no sign-in",
        "wrong_browser" => "Started in another browser",
        "account_mismatch" => "Another account signed in",
        "consent_refused" => "Consent was not given",
        "refused_by_entra" => "Microsoft refused",
        "role_required" | "forbidden" => "Not yours to do",
        "unauthenticated" => "You are signed out",
        "csrf_refused" | "foreign_origin" => "This form was not sent from here",
        "unreachable" => "Microsoft does not answer",
        "database_unavailable" => "The database does not answer",
        _ => match problem.status() {
            StatusCode::NOT_FOUND => "Not found",
            status if status.is_server_error() => "Something went wrong",
            _ => "That did not work",
        },
    }
}
