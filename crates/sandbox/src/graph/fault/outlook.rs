//! What Exchange says of mailboxes and what is in them.

use axum::http::StatusCode;

use super::Fault;
use crate::odata;

impl Fault {
    /// An Exchange permission is missing.
    pub(crate) fn access_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorAccessDenied",
            "Access is denied. Check credentials and try again.",
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

    /// The sender may not write in that name.
    pub(crate) fn send_as_denied() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "ErrorSendAsDenied",
            "The user account which was used to submit this request does not have the right to send mail on behalf of the specified sending account., Cannot submit message.",
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

    /// A query that Outlook's part of Graph cannot read.
    pub(crate) fn outlook_query(error: &odata::error::Error) -> Self {
        Self::bad_request_as("RequestBroker--ParseUri", error.to_string())
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

    pub(crate) fn invalid_recipients(message: &str) -> Self {
        Self::bad_request_as("ErrorInvalidRecipients", message)
    }

    pub(crate) fn invalid_mime() -> Self {
        Self::bad_request_as(
            "ErrorMimeContentInvalidBase64String",
            "Invalid base64 string for MIME content.",
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
}
