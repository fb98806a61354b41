//! Refusals of drives. Source: <https://learn.microsoft.com/onedrive/developer/rest-api/concepts/errors>

use axum::http::StatusCode;

use crate::graph::fault::Fault;
use crate::state::drive::tree::NameTaken;

pub(super) fn not_found() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "itemNotFound",
        "The resource could not be found.",
    )
}

/// The person never had a drive.
pub(super) fn no_drive() -> Fault {
    Fault::new(
        StatusCode::NOT_FOUND,
        "ResourceNotFound",
        "User's mysite not found.",
    )
}

pub(super) fn access_denied() -> Fault {
    Fault::new(StatusCode::FORBIDDEN, "accessDenied", "Access denied")
}

pub(super) fn invalid_request(message: impl Into<String>) -> Fault {
    Fault::new(StatusCode::BAD_REQUEST, "invalidRequest", message)
}

pub(super) fn bad_name() -> Fault {
    invalid_request(
        "The provided name cannot be blank, is reserved, or contains invalid characters.",
    )
}

pub(super) fn path_too_long() -> Fault {
    invalid_request("The specified path is too long.").with_inner("pathIsTooLong")
}

pub(super) fn name_taken(_: NameTaken) -> Fault {
    Fault::new(
        StatusCode::CONFLICT,
        "nameAlreadyExists",
        "An item with the same name already exists under the parent",
    )
}

pub(super) fn modified() -> Fault {
    Fault::new(
        StatusCode::PRECONDITION_FAILED,
        "resourceModified",
        "ETag does not match current item's value",
    )
}

pub(super) fn no_room() -> Fault {
    Fault::new(
        StatusCode::INSUFFICIENT_STORAGE,
        "quotaLimitReached",
        "Insufficient Space Available",
    )
}

/// What drives for work do not do at all.
pub(super) fn not_supported() -> Fault {
    Fault::new(
        StatusCode::BAD_REQUEST,
        "notSupported",
        "The operation is not supported for this drive.",
    )
}

pub(super) fn not_convertible() -> Fault {
    Fault::new(
        StatusCode::NOT_ACCEPTABLE,
        "notSupported",
        "The file cannot be converted to the requested format.",
    )
}

/// The client starts afresh at the address in `Location`.
pub(super) fn resync(location: String) -> Fault {
    Fault::new(
        StatusCode::GONE,
        "resyncRequired",
        "Resync required. Replace any local items with the server's version (including deletes) if you're sure that the service was up to date with your local changes when you last synced. Upload any local changes that the server doesn't know about.",
    )
    .with_inner("resyncChangesApplyDifferences")
    .with_location(location)
}

/// The disk of the sandbox itself.
pub(super) fn storage(error: &std::io::Error) -> Fault {
    tracing::error!(error = %error, "the sandbox could not keep a file");
    Fault::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "generalException",
        "General exception while processing",
    )
}
