//! Microsoft Graph.

use axum::Router;

use crate::shared::Shared;

/// Routes relative to the version segment; the server nests them at `/v1.0` and `/beta`.
pub(crate) fn router(shared: &Shared) -> Router {
    let _ = shared;
    Router::new()
}
