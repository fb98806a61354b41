//! Refusals, with the status, code and wording of Microsoft Graph.
//! Source: <https://learn.microsoft.com/graph/errors>, <https://learn.microsoft.com/graph/resolve-auth-errors>

mod directory;
mod outlook;

use std::borrow::Cow;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode, header};
use serde_json::json;

use super::paths;
use super::reply::{self, Correlation};
use crate::odata;

/// A refusal on its way to the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What `WWW-Authenticate` says beyond the realm; only with 401.
    challenge: Option<Cow<'static, str>>,
    /// The nested, more exact code.
    inner: Option<&'static str>,
    /// Where to start afresh; only with 410.
    location: Option<String>,
}

impl Fault {
    pub(crate) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            challenge: None,
            inner: None,
            location: None,
        }
    }

    /// With a more exact code inside, as drives have it.
    pub(crate) fn with_inner(self, code: &'static str) -> Self {
        Self {
            inner: Some(code),
            ..self
        }
    }

    /// With the address to go on at.
    pub(crate) fn with_location(self, location: String) -> Self {
        Self {
            location: Some(location),
            ..self
        }
    }

    pub(crate) fn bad_request_as(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::bad_request_as("BadRequest", message)
    }

    /// 401 in each of its forms; `challenge` is appended to the `WWW-Authenticate` header.
    pub(crate) fn unauthenticated(message: &str, challenge: impl Into<Cow<'static, str>>) -> Self {
        Self {
            challenge: Some(challenge.into()),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                "InvalidAuthenticationToken",
                message,
            )
        }
    }

    pub(crate) fn me_needs_a_user() -> Self {
        Self::bad_request("/me request is only valid with delegated authentication flow.")
    }

    /// Microsoft's refusal of what it does not have either; what it has is said to be missing here.
    pub(crate) fn unknown_segment(segment: &str) -> Self {
        if paths::is_of_graph(segment) {
            return Self::not_implemented(segment);
        }
        Self::bad_request(format!("Resource not found for the segment '{segment}'."))
    }

    /// A batch that cannot be taken apart.
    pub(super) fn batch(error: &odata::batch::Error) -> Self {
        let code = match error {
            odata::batch::Error::TooMany => "MaximumValueExceeded",
            _ => "BadRequest",
        };
        Self::bad_request_as(code, error.to_string())
    }

    /// What it waited for in its batch did not succeed.
    pub(super) fn failed_dependency() -> Self {
        Self::new(
            StatusCode::FAILED_DEPENDENCY,
            "FailedDependency",
            "A request that this request depends on failed.",
        )
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
        )
    }

    /// The sandbox's own word: the original would do it.
    pub(crate) fn not_implemented(what: &str) -> Self {
        Self::new(
            StatusCode::NOT_IMPLEMENTED,
            "notImplemented",
            format!("The sandbox does not implement '{what}' yet. Microsoft Graph does."),
        )
    }

    pub(crate) fn request_too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "The request body is too large: a request to Microsoft Graph is at most 4 MB.",
        )
    }

    pub(super) fn headers_too_large() -> Self {
        Self::new(
            StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            "BadRequest",
            "The size of the request headers is too long.",
        )
    }

    pub(crate) fn unreadable_json() -> Self {
        Self::bad_request(
            "Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.",
        )
    }

    pub(crate) fn unknown_property(name: &str, type_name: &str) -> Self {
        Self::bad_request_as(
            "RequestBodyRead",
            format!(
                "The property '{name}' does not exist on type '{type_name}'. Make sure to only use property names that are defined by the type."
            ),
        )
    }

    pub(crate) fn invalid_value(name: &str, wanted: &str) -> Self {
        Self::bad_request_as(
            "RequestBodyRead",
            format!(
                "Cannot convert the value of property '{name}' to the expected type '{wanted}'."
            ),
        )
    }

    pub(crate) fn missing_property(name: &str) -> Self {
        Self::bad_request_as(
            "ErrorInvalidRequest",
            format!("The request is missing the required property '{name}'."),
        )
    }

    pub(super) fn into_response(self, correlation: &Correlation) -> Response<Body> {
        let mut body = json!({
            "error": {
                "code": self.code,
                "message": self.message,
                "innerError": {
                    "date": correlation.date(),
                    "request-id": correlation.request_id(),
                    "client-request-id": correlation.client_request_id(),
                }
            }
        });
        if let Some(inner) = self.inner {
            body["error"]["innerError"]["code"] = json!(inner);
        }
        let mut response = Response::new(Body::from(body.to_string()));
        *response.status_mut() = self.status;
        response.headers_mut().insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(reply::ERROR_JSON),
        );
        if let Some(location) = self
            .location
            .and_then(|url| HeaderValue::from_str(&url).ok())
        {
            response.headers_mut().insert(header::LOCATION, location);
        }
        if let Some(challenge) = self.challenge {
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, authenticate(&challenge));
        }
        response
    }
}

fn authenticate(challenge: &str) -> HeaderValue {
    let text = format!(
        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
         client_id=\"00000003-0000-0000-c000-000000000000\"{challenge}"
    );
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("Bearer"))
}
