//! What the directory says of people, groups and applications.

use axum::http::StatusCode;

use super::Fault;
use crate::odata;

impl Fault {
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

    pub(crate) fn user_not_found(key: &str) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "Request_ResourceNotFound",
            format!(
                "Resource '{key}' does not exist or one of its queried reference-property objects are not present."
            ),
        )
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
}
