//! A failure as a client sees it: RFC 9457, with a stable code and a next step. What an operator needs beyond that goes
//! to the log, once, under the same request id.

mod connections;
mod operations;
mod rejections;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use model::Diagnosis;
use serde::Serialize;
use serde_json::Value;

pub(crate) const CONTENT_TYPE: &str = "application/problem+json";

pub(crate) const DATABASE_AWAY: &str = "the database does not answer, or takes no changes";
/// When it is worth trying again: each try waits for the database for a while itself.
pub(crate) const DATABASE_BACK_SECS: u64 = 2;

/// What went wrong, and what to do about it. `gate` gives it the request's id and makes it the answer.
#[derive(Debug, Clone)]
pub(crate) struct Problem(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: &'static str,
    detail: String,
    next_step: Option<String>,
    diagnosis: Option<Box<Diagnosis>>,
    field: Option<String>,
    nearest: Vec<&'static str>,
    retry_after_secs: Option<u64>,
    microsoft: Option<Value>,
    /// For the log only.
    internal: Option<String>,
}

/// The body.
#[derive(Serialize)]
struct Shown<'a> {
    r#type: String,
    title: String,
    status: u16,
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_step: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    nearest: &'a [&'static str],
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnosis: Option<&'a Diagnosis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    microsoft: Option<&'a Value>,
    request_id: &'a str,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self(Box::new(Parts {
            status,
            code,
            detail: detail.into(),
            next_step: None,
            diagnosis: None,
            field: None,
            nearest: Vec::new(),
            retry_after_secs: None,
            microsoft: None,
            internal: None,
        }))
    }

    /// Our fault: the log gets `error` with its sources, the client gets its request id to quote.
    pub(crate) fn internal(error: &(dyn Error + 'static)) -> Self {
        Self::broken(chain(error))
    }

    /// The same for what is no error value.
    pub(crate) fn broken(reason: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong here; it is in the server's log under the request id",
        )
        .next("try again; if it stays, give the request id to whoever runs this server");
        problem.0.internal = Some(reason.into());
        problem
    }

    /// The database is away, and nothing can be done without it. The log gets `reason`.
    pub(crate) fn database_unavailable(reason: impl Into<String>) -> Self {
        let mut problem = Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "database_unavailable",
            DATABASE_AWAY,
        )
        .next("try again in a moment; if it stays, see that the database runs and has room: `/readyz` tells when it is back")
        .retry_after(DATABASE_BACK_SECS);
        problem.0.internal = Some(reason.into());
        problem
    }

    pub(crate) fn unauthenticated(detail: &str) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail).next(
            "send an API key as `Authorization: Bearer csk_…`, or sign in; `consentry keys create` makes a key",
        )
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no {what} `{id}` here"),
        )
        .next("list what there is, and check the id")
    }

    pub(crate) fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
            .next("ask an administrator of the workspace")
    }

    pub(crate) fn invalid(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input", detail)
            .field(field)
            .next("correct the field and send it again")
    }

    /// Where input does not fit, says who tells what does.
    #[must_use]
    pub(crate) fn of_input(self, operation: &str) -> Self {
        if self.0.next_step.as_deref() == Some(::operations::DOES_NOT_FIT) {
            return self.next(format!(
                "see what it takes: `consentry operations show {operation}`"
            ));
        }
        self
    }

    #[must_use]
    pub(crate) fn next(mut self, step: impl Into<String>) -> Self {
        self.0.next_step = Some(step.into());
        self
    }

    #[must_use]
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u64) -> Self {
        self.0.retry_after_secs = Some(seconds);
        self
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(crate) fn code(&self) -> &'static str {
        self.0.code
    }

    pub(crate) fn detail(&self) -> &str {
        &self.0.detail
    }

    pub(crate) fn next_step(&self) -> Option<&str> {
        self.0.next_step.as_deref()
    }

    pub(crate) fn diagnosis(&self) -> Option<&Diagnosis> {
        self.0.diagnosis.as_deref()
    }

    pub(crate) fn retry_after_secs(&self) -> Option<u64> {
        self.0.retry_after_secs
    }

    /// The field that does not fit.
    pub(crate) fn field_name(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// Whether the request itself did not fit. What fails further down is recorded there, with its evidence.
    pub(crate) fn is_of_the_request(&self) -> bool {
        self.0.status.is_client_error() && self.0.diagnosis.is_none()
    }

    /// What the log is told beyond the detail.
    pub(crate) fn internal_reason(&self) -> Option<&str> {
        self.0.internal.as_deref()
    }

    pub(crate) fn to_json(&self, request_id: &str) -> Vec<u8> {
        let parts = &*self.0;
        serde_json::to_vec(&Shown {
            r#type: format!("urn:consentry:problem:{}", parts.code),
            title: parts.code.replace('_', " "),
            status: parts.status.as_u16(),
            code: parts.code,
            detail: &parts.detail,
            next_step: parts.next_step.as_deref(),
            field: parts.field.as_deref(),
            nearest: &parts.nearest,
            diagnosis: parts.diagnosis.as_deref(),
            microsoft: parts.microsoft.as_ref(),
            request_id,
        })
        .expect("text and plain data serialise")
    }

    /// The whole answer.
    pub(crate) fn render(&self, request_id: &str) -> Response {
        let mut response = Response::new(Body::from(self.to_json(request_id)));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(CONTENT_TYPE));
        if let Some(seconds) = self.0.retry_after_secs {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        if self.0.status == StatusCode::UNAUTHORIZED && self.0.code == "unauthenticated" {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

/// Carried to `gate` beside an empty body, which knows the request's id.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Of a read that several waited for.
impl From<Arc<store::Error>> for Problem {
    fn from(error: Arc<store::Error>) -> Self {
        ::connections::Error::Store(error).into()
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        ::connections::Error::from(error).into()
    }
}

/// An error with its sources, joined by `: `.
pub(crate) fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
