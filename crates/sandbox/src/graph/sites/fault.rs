//! Refusals of sites and lists. Source: <https://learn.microsoft.com/graph/errors>

use axum::http::StatusCode;

use crate::graph::fault::Fault;

pub(in crate::graph) fn not_found() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "itemNotFound",
        "The specified item was not found.",
    )
}

pub(super) fn no_such_site() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "itemNotFound",
        "Requested site could not be found",
    )
}

pub(super) fn access_denied() -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "accessDenied", "Access denied")
}

pub(super) fn invalid(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "invalidRequest", message)
}

pub(super) fn query(error: &crate::odata::error::Error) -> Fault {
    invalid(error.to_string())
}

pub(super) fn modified() -> Fault {
    Fault::new(
        StatusCode::PRECONDITION_FAILED,
        "resourceModified",
        "ETag does not match current item's value",
    )
}

pub(super) fn name_taken(message: &str) -> Fault {
    Fault::new(StatusCode::CONFLICT, "nameAlreadyExists", message)
}

/// The client starts afresh at the address in `Location`.
pub(super) fn resync(location: String) -> Fault {
    Fault::new(
        StatusCode::GONE,
        "resyncRequired",
        "Resync required. Replace any local items with the server's version (including deletes).",
    )
    .with_inner("resyncChangesApplyDifferences")
    .with_location(location)
}
