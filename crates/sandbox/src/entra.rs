//! Entra ID: sign-in pages, consent, codes and tokens.

pub(crate) mod keys;
pub(crate) mod permissions;
pub(crate) mod secrets;
pub(crate) mod tokens;

use axum::Router;

use crate::shared::Shared;

pub(crate) fn router(shared: &Shared) -> Router {
    let _ = shared;
    Router::new()
}
