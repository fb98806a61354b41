//! Why the control API refuses.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

/// What was wrong with a request to the control API.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ControlError {
    /// No application has this client id.
    #[error("no application has the client id `{0}`")]
    UnknownApplication(String),
    /// No user has this id or name.
    #[error("no user has the id or name `{0}`")]
    UnknownUser(String),
    /// No tenant has this id or domain.
    #[error("no tenant has the id or domain `{0}`")]
    UnknownTenant(String),
    /// Microsoft Graph has no delegated, or no application permission of this name.
    #[error("`{name}` is no {form} permission that the sandbox knows")]
    UnknownPermission {
        /// As given.
        name: String,
        /// `delegated` or `application`.
        form: &'static str,
    },
    /// No snapshot has this name.
    #[error("no snapshot has the name `{0}`")]
    UnknownSnapshot(String),
    /// No scenario has this name.
    #[error("no scenario has the name `{0}`")]
    UnknownScenario(String),
    /// The data directory could not be read or written.
    #[error("the sandbox could not use its data directory: {0}")]
    Storage(String),
    /// The body is not what this path takes.
    #[error("{0}")]
    InvalidRequest(String),
}

impl ControlError {
    /// A stable name for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownApplication(_) => "unknown_application",
            Self::UnknownUser(_) => "unknown_user",
            Self::UnknownTenant(_) => "unknown_tenant",
            Self::UnknownPermission { .. } => "unknown_permission",
            Self::UnknownSnapshot(_) => "unknown_snapshot",
            Self::UnknownScenario(_) => "unknown_scenario",
            Self::Storage(_) => "storage",
            Self::InvalidRequest(_) => "invalid_request",
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::UnknownApplication(_)
            | Self::UnknownUser(_)
            | Self::UnknownTenant(_)
            | Self::UnknownScenario(_)
            | Self::UnknownSnapshot(_) => StatusCode::NOT_FOUND,
            Self::Storage(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UnknownPermission { .. } | Self::InvalidRequest(_) => StatusCode::BAD_REQUEST,
        }
    }
}

impl IntoResponse for ControlError {
    fn into_response(self) -> Response {
        let body = json!({ "error": { "code": self.code(), "message": self.to_string() } });
        (self.status(), Json(body)).into_response()
    }
}
