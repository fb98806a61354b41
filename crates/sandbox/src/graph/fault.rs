//! Refusals, with the status, code and wording of Microsoft Graph.
//! Source: <https://learn.microsoft.com/graph/errors>, <https://learn.microsoft.com/graph/resolve-auth-errors>

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

    /// A request that the directory cannot follow.
    pub(crate) fn directory(message: &str) -> Self {
        Self::bad_request_as("Request_BadRequest", message)
    }

    /// Another object has this already.
    pub(crate) fn same_key(message: &str) -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "Request_MultipleObjectsWithSameKeyValue",
            message,
        )
    }

    /// A directory permission is missing.
    pub(crate) fn request_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "Authorization_RequestDenied",
            "Insufficient privileges to complete the operation.",
        )
    }

    /// An Exchange permission is missing.
    pub(crate) fn access_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
        )
    }

    pub(crate) fn user_not_found(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
    }

    /// Exchange's words for a user that it does not know.
    pub(crate) fn invalid_user(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ErrorInvalidUser",
            format!("The requested user '{key}' is invalid."),
        )
    }

    pub(crate) fn no_mailbox() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "MailboxNotEnabledForRESTAPI",
            "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        )
    }

    /// Exchange keeps an application out of a mailbox by an application access policy.
    /// Source: <https://learn.microsoft.com/graph/auth-limit-mailbox-access>
    pub(crate) fn blocked_by_access_policy() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
        )
    }

    pub(crate) fn item_not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "ErrorItemNotFound",
            "The specified object was not found in the store.",
        )
    }

    pub(crate) fn malformed_id() -> Self {
        Self::bad_request_as("ErrorInvalidIdMalformed", "Id is malformed.")
    }

    pub(crate) fn changed_meanwhile() -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "ErrorIrresolvableConflict",
            "The send or update operation could not be performed because the change key passed in the request does not match the current change key for the item.",
        )
    }

    pub(crate) fn inefficient_filter() -> Self {
        Self::bad_request_as(
            "InefficientFilter",
            "The restriction or sort order is too complex for this operation.",
        )
    }

    /// A condition that no index serves.
    pub(crate) fn invalid_filter() -> Self {
        Self::bad_request_as(
            "ErrorInvalidUrlQueryFilter",
            "The query filter contains one or more invalid nodes.",
        )
    }

    pub(crate) fn not_with_search(code: &'static str, option: &str) -> Self {
        Self::bad_request_as(
            code,
            format!("The query parameter '{option}' is not supported with '$search'."),
        )
    }

    pub(crate) fn invalid_recipients(message: &str) -> Self {
        Self::bad_request_as("ErrorInvalidRecipients", message)
    }

    pub(crate) fn invalid_mime() -> Self {
        Self::bad_request_as(
            "ErrorMimeContentInvalidBase64String",
            "Invalid base64 string for MIME content.",
        )
    }

    /// `$top` beyond what Outlook gives at once.
    pub(crate) fn too_large_page(limit: usize, wanted: usize) -> Self {
        Self::bad_request_as(
            "ErrorInvalidUrlQuery",
            format!(
                "The query specified in the URI is not valid. The limit of '{limit}' for Top query has been exceeded. The value from the incoming request is '{wanted}'."
            ),
        )
    }

    /// A name that is no time zone's.
    pub(crate) fn unknown_time_zone(name: &str) -> Self {
        Self::bad_request_as(
            "TimeZoneNotSupportedException",
            format!(
                "A valid TimeZone value must be specified. The following TimeZone value is not supported: '{name}'."
            ),
        )
    }

    /// An item whose parts do not fit each other.
    pub(crate) fn property_validation(message: &str) -> Self {
        Self::bad_request_as("ErrorPropertyValidationFailure", message)
    }

    /// Exchange cannot do this with this item.
    pub(crate) fn invalid_request(message: &str) -> Self {
        Self::bad_request_as("ErrorInvalidRequest", message)
    }

    /// A parameter that is missing or makes no sense.
    pub(crate) fn invalid_parameter(message: &str) -> Self {
        Self::bad_request_as("ErrorInvalidParameter", message)
    }

    /// Larger than any mailbox may send.
    pub(crate) fn message_too_large() -> Self {
        Self::bad_request_as(
            "ErrorMessageSizeExceeded",
            "The message exceeds the maximum supported size., Cannot save changes made to an item to store.",
        )
    }

    pub(crate) fn not_settable(name: &str) -> Self {
        Self::bad_request_as(
            "ErrorInvalidPropertySet",
            format!("Set action is invalid for property '{name}'."),
        )
    }

    pub(crate) fn not_a_draft() -> Self {
        Self::bad_request_as(
            "ErrorInvalidOperation",
            "The message can't be sent because it isn't a draft.",
        )
    }

    pub(crate) fn bad_header(name: &str) -> Self {
        Self::bad_request_as(
            "InvalidInternetMessageHeader",
            format!("The internet message header name '{name}' should start with 'x-' or 'X-'."),
        )
    }

    pub(crate) fn too_many_headers() -> Self {
        Self::bad_request_as(
            "InvalidInternetMessageHeaderCollection",
            "Maximum number of headers in one message should be less than or equal to 5.",
        )
    }

    pub(crate) fn folder_exists() -> Self {
        Self::new(
            StatusCode::CONFLICT,
            "ErrorFolderExists",
            "A folder with the specified name already exists.",
        )
    }

    /// Inbox and its like cannot be deleted or moved.
    pub(crate) fn standard_folder() -> Self {
        Self::bad_request_as(
            "ErrorDeleteDistinguishedFolder",
            "Distinguished folders cannot be deleted.",
        )
    }

    /// The sender may not write in that name.
    pub(crate) fn send_as_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.",
        )
    }

    /// A query that Outlook's part of Graph cannot read.
    pub(crate) fn outlook_query(error: &odata::error::Error) -> Self {
        Self::bad_request_as("RequestBroker--ParseUri", error.to_string())
    }

    /// A query that the directory's part of Graph cannot read.
    pub(crate) fn directory_query(error: &odata::error::Error) -> Self {
        Self::bad_request_as("Request_BadRequest", error.to_string())
    }

    /// A `$search` that the directory cannot read.
    pub(crate) fn directory_search(clause: &str) -> Self {
        Self::bad_request_as(
            "Request_UnsupportedQuery",
            format!(
                "Unrecognized query argument specified: '{clause}'. A clause is a property that can be searched and a value, in double quotes."
            ),
        )
    }

    /// `ne`, `not`, `endsWith`, `$count` and `$search` on directory objects want the header that admits stale answers.
    pub(crate) fn needs_eventual_consistency() -> Self {
        Self::bad_request_as("Request_UnsupportedQuery", "Unsupported Query.")
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
