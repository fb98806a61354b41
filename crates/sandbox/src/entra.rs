//! Entra ID: metadata, sign-in pages, consent, codes and tokens.
//! Source: learn.microsoft.com/entra/identity-platform

mod admin_consent;
pub(crate) mod assertion;
mod authority;
mod authorize;
mod certificate;
mod claims;
pub(crate) mod der;
mod device;
mod error;
mod forms;
mod id_token;
pub(crate) mod keys;
mod lockout;
mod logout;
mod lookup;
mod managed_identity;
mod metadata;
mod pages;
mod parameters;
pub(crate) mod pem;
pub(crate) mod permissions;
mod policy;
mod realm;
mod redirect;
mod scopes;
pub(crate) mod second_factor;
pub(crate) mod secrets;
mod session;
mod token;
pub(crate) mod tokens;
mod trace;
mod userinfo;

use axum::Router;
use axum::middleware;
use axum::routing::{get, post};

use crate::shared::Shared;

/// The one path of `OpenID` Connect that Microsoft serves on the host of Microsoft Graph.
pub(crate) fn userinfo_router(shared: &Shared) -> Router {
    Router::new()
        .route(
            "/oidc/userinfo",
            get(userinfo::userinfo).post(userinfo::userinfo),
        )
        .route_layer(middleware::from_fn_with_state(
            shared.clone(),
            trace::identify,
        ))
        .with_state(shared.clone())
}

/// Every path of Entra. `{tenant}` is an id, a verified domain, `common`, `organizations` or `consumers`.
pub(crate) fn router(shared: &Shared) -> Router {
    Router::new()
        .route("/common/discovery/instance", get(metadata::instance))
        .route(
            "/{tenant}/v2.0/.well-known/openid-configuration",
            get(metadata::openid_v2),
        )
        .route(
            "/{tenant}/.well-known/openid-configuration",
            get(metadata::openid_v1),
        )
        .route("/{tenant}/discovery/v2.0/keys", get(metadata::keys))
        .route("/{tenant}/discovery/keys", get(metadata::keys))
        .route(
            "/{tenant}/oauth2/v2.0/authorize",
            get(authorize::authorize_get).post(authorize::authorize_post),
        )
        .route(
            "/{tenant}/oauth2/v2.0/token",
            post(token::token).fallback(token::only_post),
        )
        .route("/{tenant}/oauth2/v2.0/devicecode", post(device::start))
        .route("/{tenant}/oauth2/devicecode", post(device::start_v1))
        .route("/devicelogin", get(device::page).post(device::enter))
        .route("/{tenant}/oauth2/authorize", get(authorize::authorize_v1))
        .route(
            "/{tenant}/oauth2/token",
            post(token::token_v1).fallback(token::only_post),
        )
        .route("/{tenant}/userrealm/{name}", get(realm::realm))
        .route("/{tenant}/oauth2/v2.0/logout", get(logout::logout))
        .route("/{tenant}/oauth2/logout", get(logout::logout))
        .route(
            "/metadata/identity/oauth2/token",
            get(managed_identity::instance_metadata),
        )
        .route("/msi/token", get(managed_identity::app_service))
        .route("/{tenant}/adminconsent", get(admin_consent::v1))
        .route("/{tenant}/v2.0/adminconsent", get(admin_consent::v2))
        .route("/error", get(lookup::error))
        .route("/{tenant}/login", post(forms::login))
        .route("/{tenant}/consent", post(forms::consent))
        .route_layer(middleware::from_fn_with_state(
            shared.clone(),
            trace::identify,
        ))
        .with_state(shared.clone())
}
