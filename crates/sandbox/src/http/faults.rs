//! Faults on demand: what a client must survive, committed a given number of times.

use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Builder;

use crate::entra::secrets;

/// A fault that the next matching requests meet.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `GET`, `POST` …; none matches every method.
    #[serde(default)]
    pub method: Option<String>,
    /// A part of the path, without the query. Empty matches every path.
    #[serde(default)]
    pub path_contains: String,
    /// How many requests meet it before it is gone.
    #[serde(default = "once")]
    pub times: u32,
    /// What happens to them.
    pub action: Action,
}

/// What happens to a request that meets a fault.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Answered at once, without doing anything.
    Status {
        /// The HTTP status.
        status: u16,
        /// The header of this name, in seconds.
        #[serde(default)]
        retry_after: Option<u32>,
        /// None sends the error body that the service concerned would.
        #[serde(default)]
        body: Option<Value>,
    },
    /// Graph's 401 with a claims challenge, without doing anything: what the token stands on is looked at once more. As a part of a
    /// batch it comes from the service behind Graph, which lets the batch itself pass.
    Challenge,
    /// The connection is closed without an answer, and nothing was done.
    Reset,
    /// The request is carried out, then the connection is closed without an answer.
    ResetAfter,
    /// Carried out after so many milliseconds.
    Delay(u64),
    /// Answered at once with 302 to this address, without doing anything.
    Redirect(String),
    /// Answered at once with a text that is not the API's: a proxy's page, half of a document.
    Text {
        /// The HTTP status.
        status: u16,
        /// `text/html`
        content_type: String,
        /// The body as it is sent.
        text: String,
    },
    /// Carried out, then the connection ends in the middle of the answer's headers.
    CutHeaders,
    /// Carried out and answered with half of the body, though the header promises all of it.
    CutBody,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// For the next request of this method whose path contains this.
    pub fn once(method: &str, path_contains: &str, action: Action) -> Self {
        Self {
            method: Some(method.to_owned()),
            path_contains: path_contains.to_owned(),
            times: once(),
            action,
        }
    }
}

impl Action {
    /// An answer of this status with the error body that the service concerned would send.
    pub fn status(status: u16) -> Self {
        Self::Status {
            status,
            retry_after: None,
            body: None,
        }
    }
}

/// The mark of a request that meets [`Action::Challenge`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Challenged;

/// The faults still to be met, in the order in which they were asked for.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(crate) fn inject(&self, fault: Fault) {
        self.with(|faults| faults.push(fault));
    }

    pub(crate) fn pending(&self) -> Vec<Fault> {
        self.with(|faults| {
            faults.retain(|fault| fault.times > 0);
            faults.clone()
        })
    }

    pub(crate) fn clear(&self) {
        self.with(Vec::clear);
    }

    /// The fault that this request meets, counted down.
    pub(crate) fn take(&self, method: &Method, path: &str) -> Option<Action> {
        self.with(|faults| {
            faults.retain(|fault| fault.times > 0);
            let fault = faults
                .iter_mut()
                .find(|fault| fault.matches(method, path))?;
            fault.times -= 1;
            Some(fault.action.clone())
        })
    }

    /// What a part of a batch is to be answered with; what happens to connections does not happen to parts.
    pub(crate) fn take_status(&self, method: &Method, path: &str) -> Option<Action> {
        self.with(|faults| {
            let fault = faults.iter_mut().find(|fault| {
                fault.times > 0
                    && matches!(fault.action, Action::Status { .. } | Action::Challenge)
                    && !fault.path_contains.is_empty()
                    && fault.matches(method, path)
            })?;
            fault.times -= 1;
            Some(fault.action.clone())
        })
    }

    fn with<T>(&self, use_them: impl FnOnce(&mut Vec<Fault>) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Fault {
    fn matches(&self, method: &Method, path: &str) -> bool {
        path.contains(&self.path_contains)
            && self
                .method
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
    }
}

/// The answer of [`Action::Status`]. `client_request_id` is the caller's name for the request.
pub(crate) fn answer(
    path: &str,
    client_request_id: Option<&str>,
    at: Timestamp,
    action: (u16, Option<u32>, Option<Value>),
) -> Response {
    let (status, retry_after, body) = action;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let request_id = Builder::from_random_bytes(secrets::random())
        .into_uuid()
        .to_string();
    let client_request_id = client_request_id.unwrap_or(&request_id);
    let is_graph = is_of_graph(path);
    let body = body.unwrap_or_else(|| {
        if is_of_business_central(path) {
            return business_central_body(status, &request_id);
        }
        if path.starts_with("/api/data/") {
            return dataverse_body(status);
        }
        let usual = if is_graph || is_of_a_site(path) {
            graph_body
        } else {
            entra_body
        };
        usual(status, &request_id, client_request_id, at)
    });
    let mut response = (status, axum::Json(body)).into_response();
    let headers = response.headers_mut();
    let name = if is_graph {
        "request-id"
    } else {
        "x-ms-request-id"
    };
    if let Ok(value) = HeaderValue::from_str(&request_id) {
        headers.insert(name, value);
    }
    if let Some(seconds) = retry_after {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// The answer of [`Action::Redirect`].
pub(crate) fn redirect(location: &str) -> Response {
    let mut response = StatusCode::FOUND.into_response();
    if let Ok(location) = HeaderValue::from_str(location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// The answer of [`Action::Text`].
pub(crate) fn text(status: u16, content_type: &str, text: String) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    let mut response = (status, text).into_response();
    if let Ok(value) = HeaderValue::from_str(content_type) {
        response.headers_mut().insert(header::CONTENT_TYPE, value);
    }
    response
}

/// Whether Graph answers for a path.
pub(crate) fn is_of_graph(path: &str) -> bool {
    path.starts_with("/v1.0/") || path.starts_with("/beta/")
}

/// Whether a site's own host answers for a path: what lies behind addresses that carry their own permission.
fn is_of_a_site(path: &str) -> bool {
    ["/_api/", "/_layouts/", "/AttachmentSessions("]
        .iter()
        .any(|part| path.contains(part))
}

/// Whether Business Central answers for a path.
fn is_of_business_central(path: &str) -> bool {
    ["/v2.0/", "/environments/", "/admin/"]
        .iter()
        .any(|start| path.starts_with(start))
}

/// Source: learn.microsoft.com/dynamics365/business-central/dev-itpro/api-reference/v2.0/dynamics-error-codes
fn business_central_body(status: StatusCode, request_id: &str) -> Value {
    let (code, message) = match status.as_u16() {
        401 => (
            "Authentication_InvalidCredentials",
            "The server has rejected the client credentials.",
        ),
        403 => (
            "Authorization_RequestDenied",
            "Sorry, the current permissions prevented the action.",
        ),
        404 => (
            "BadRequest_ResourceNotFound",
            "The server cannot find the requested resource.",
        ),
        409 | 412 => (
            "Request_EntityChanged",
            "Another user has already changed the record.",
        ),
        429 => ("Application_TooManyRequests", "Too many requests reached."),
        503 => (
            "Internal_TenantUnavailable",
            "The tenant is not accessible.",
        ),
        500..=599 => ("Internal_ServerError", "An internal error has occurred."),
        _ => ("Unknown", "The sandbox was asked to fail."),
    };
    json!({ "error": {
        "code": code,
        "message": format!("{message}  CorrelationId:  {request_id}."),
    }})
}

/// Source: learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes
fn dataverse_body(status: StatusCode) -> Value {
    let (code, message) = match status.as_u16() {
        403 => ("0x80048306", "The privilege check failed."),
        404 => ("0x80040217", "The object does not exist."),
        412 => (
            "0x80060882",
            "The version of the existing record doesn't match the RowVersion property provided.",
        ),
        429 => (
            "0x80072322",
            "Number of requests exceeded the limit of 6000 over time window of 300 seconds.",
        ),
        503 => (
            "0x80044150",
            "The server is busy and the request was not completed.",
        ),
        _ => ("0x80040216", "An unexpected error occurred."),
    };
    json!({ "error": { "code": code, "message": message } })
}

/// Source: learn.microsoft.com/graph/errors
fn graph_body(
    status: StatusCode,
    request_id: &str,
    client_request_id: &str,
    at: Timestamp,
) -> Value {
    let (code, message) = match status.as_u16() {
        401 => (
            "InvalidAuthenticationToken",
            "Access token has expired or is not yet valid.",
        ),
        403 => (
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        ),
        404 => ("itemNotFound", "The resource could not be found."),
        409 => (
            "nameAlreadyExists",
            "The specified item name already exists.",
        ),
        410 => (
            "resyncRequired",
            "Resync required. Replace any local items with the server's version.",
        ),
        412 => (
            "resourceModified",
            "The resource has changed since it was read.",
        ),
        413 => (
            "RequestEntityTooLarge",
            "The request is larger than the service takes.",
        ),
        429 => (
            "TooManyRequests",
            "Too many requests, please try again later.",
        ),
        501 => ("notSupported", "The request is not supported here."),
        502 => ("badGateway", "The gateway received an invalid answer."),
        500 => ("generalException", "An unexpected error occurred."),
        503 => (
            "serviceNotAvailable",
            "The service is temporarily unavailable. Repeat the request after a delay.",
        ),
        504 => ("gatewayTimeout", "The gateway timed out."),
        _ => ("UnknownError", "The sandbox was asked to fail."),
    };
    json!({ "error": {
        "code": code,
        "message": message,
        "innerError": {
            "date": at.strftime("%Y-%m-%dT%H:%M:%S").to_string(),
            "request-id": request_id,
            "client-request-id": client_request_id,
        },
    }})
}

/// Source: learn.microsoft.com/entra/identity-platform/reference-error-codes
fn entra_body(
    status: StatusCode,
    request_id: &str,
    client_request_id: &str,
    at: Timestamp,
) -> Value {
    let (error, code, text) = match status.as_u16() {
        429 => (
            "temporarily_unavailable",
            90055,
            "Tenant throttled due to too many requests.",
        ),
        503 => (
            "temporarily_unavailable",
            90033,
            "A transient error has occurred. Please try again.",
        ),
        _ => (
            "server_error",
            50000,
            "There was an error issuing a token or an issue with our sign-in service.",
        ),
    };
    let timestamp = at.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
    json!({
        "error": error,
        "error_description": format!(
            "AADSTS{code}: {text} Trace ID: {request_id} Correlation ID: {client_request_id} Timestamp: {timestamp}"
        ),
        "error_codes": [code],
        "timestamp": timestamp,
        "trace_id": request_id,
        "correlation_id": client_request_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_met_as_often_as_asked_and_only_where_it_matches() {
        let faults = Faults::default();
        faults.inject(Fault {
            method: Some("post".to_owned()),
            path_contains: "/token".to_owned(),
            times: 2,
            action: Action::Reset,
        });
        assert!(faults.take(&Method::GET, "/t/token").is_none());
        assert!(faults.take(&Method::POST, "/v1.0/me").is_none());
        assert!(faults.take(&Method::POST, "/t/token").is_some());
        assert!(faults.take(&Method::POST, "/t/token").is_some());
        assert!(faults.take(&Method::POST, "/t/token").is_none());
    }
}
