//! Entra's errors: one constructor for each AADSTS code, with Microsoft's words.
//! Source: learn.microsoft.com/entra/identity-platform/reference-error-codes

mod assertion;
mod client;
mod grant;
mod policy;
mod request;

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::trace::Trace;

/// One refusal. How it reaches the caller (JSON, page, or redirect) depends on where it happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntraError {
    /// The number after `AADSTS`.
    pub(crate) code: u32,
    /// OAuth's `error`.
    pub(crate) error: &'static str,
    pub(crate) suberror: Option<&'static str>,
    /// JSON that the client sends back as `claims` when it signs in again.
    claims: Option<String>,
    text: String,
}

/// Codes that the public error page does not list, and whose answers therefore carry no `error_uri`.
const WITHOUT_PAGE: [u32; 3] = [700_038, 70003, 700_082];

impl EntraError {
    fn new(code: u32, error: &'static str, text: impl Into<String>) -> Self {
        Self {
            code,
            error,
            suberror: None,
            claims: None,
            text: text.into(),
        }
    }

    fn with_claims(self, claims: String) -> Self {
        Self {
            claims: Some(claims),
            ..self
        }
    }

    fn with_suberror(self, suberror: &'static str) -> Self {
        Self {
            suberror: Some(suberror),
            ..self
        }
    }

    /// `AADSTS…: text`, without what identifies the request.
    pub(crate) fn short(&self) -> String {
        format!("AADSTS{}: {}", self.code, self.text)
    }

    /// The whole `error_description`.
    pub(crate) fn description(&self, trace: &Trace) -> String {
        format!(
            "{} Trace ID: {} Correlation ID: {} Timestamp: {}",
            self.short(),
            trace.id,
            trace.correlation_id,
            trace.timestamp(),
        )
    }

    /// Where the error is explained, for codes that the public page lists.
    pub(crate) fn uri(&self, trace: &Trace) -> Option<String> {
        (!WITHOUT_PAGE.contains(&self.code))
            .then(|| format!("{}/error?code={}", trace.base, self.code))
    }

    /// The answer of the token endpoint and of metadata.
    pub(crate) fn respond(&self, trace: &Trace) -> Response {
        let status = if self.error == "invalid_client" {
            StatusCode::UNAUTHORIZED
        } else {
            StatusCode::BAD_REQUEST
        };
        (status, Json(self.to_json(trace))).into_response()
    }

    fn to_json(&self, trace: &Trace) -> Value {
        let mut body = json!({
            "error": self.error,
            "error_description": self.description(trace),
            "error_codes": [self.code],
            "timestamp": trace.timestamp(),
            "trace_id": trace.id,
            "correlation_id": trace.correlation_id,
        });
        if let Some(uri) = self.uri(trace) {
            body["error_uri"] = uri.into();
        }
        if let Some(suberror) = self.suberror {
            body["suberror"] = suberror.into();
        }
        if let Some(claims) = &self.claims {
            body["claims"] = claims.as_str().into();
        }
        body
    }
}
