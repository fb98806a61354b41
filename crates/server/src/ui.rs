//! The pages: rendered here, complete without a script, and dressed by one stylesheet that is compiled in.
//!
//! A page calls what the API calls and decides nothing else. Forms carry the session's token; what they are refused for is
//! said at the field that it is about. Failures of whole pages are [`Problem`](crate::problem::Problem)s, which the gate
//! shows as a page to whoever asks for HTML ([`problem_page`]).

mod activity;
mod assets;
mod chrome;
mod connect;
mod connections;
mod consent;
mod explained;
mod form;
mod integrations;
mod page;
mod proof;
mod prose;
mod set_up;
mod settings;
mod sign_in;
mod viewer;
mod words;

use axum::Router;
use axum::response::Redirect;
use axum::routing::{get, post};

use crate::App;

pub(crate) use page::{problem_page, wants_page};

pub(crate) fn router() -> Router<App> {
    Router::new()
        .route("/", get(|| async { Redirect::to("/integrations") }))
        .route("/assets/{file}", get(assets::get))
        .merge(sign_in_pages())
        .merge(consent_pages())
        .merge(integration_pages())
        .merge(connection_pages())
        .merge(set_up_pages())
        .merge(settings_pages())
        .route("/activity", get(activity::list))
}

fn sign_in_pages() -> Router<App> {
    Router::new()
        .route("/sign-in", get(sign_in::page).post(sign_in::with_password))
        .route("/sign-in/link", post(sign_in::with_link))
        .route("/sign-out", post(sign_in::sign_out))
}

fn consent_pages() -> Router<App> {
    Router::new()
        .route("/connect/{secret}", get(consent::welcome))
        .route("/connect/{secret}/start", post(consent::start))
        .route(
            "/connect/confirm",
            get(consent::confirm_page).post(consent::confirm),
        )
        .route(
            "/connect/approval/{secret}",
            get(consent::wait).post(consent::go_on),
        )
        .route("/connect/cancel", post(consent::cancel))
        .route("/oauth/callback", get(consent::callback))
}

fn integration_pages() -> Router<App> {
    Router::new()
        .route("/integrations", get(integrations::list))
        .route("/integrations/{service}", get(integrations::get))
        .route(
            "/integrations/{service}/connect/oauth",
            get(connect::ask_oauth).post(connect::connect_oauth),
        )
        .route(
            "/integrations/{service}/connect/service-principal",
            get(connect::ask_service_principal).post(connect::connect_service_principal),
        )
}

fn set_up_pages() -> Router<App> {
    Router::new()
        .route("/set-up", get(set_up::ask).post(set_up::plan))
        .route("/set-up/begin", post(set_up::begin))
        .route("/set-up/{id}", get(set_up::get))
        .route("/set-up/{id}/next", post(set_up::next))
        .route("/set-up/{id}/sign-in", post(set_up::sign_in_again))
        .route("/set-up/{id}/end", post(set_up::end))
}

fn connection_pages() -> Router<App> {
    Router::new()
        .route("/connections", get(connections::list))
        .route("/connections/{id}", get(connections::get))
        .route("/connections/{id}/test", post(connections::test))
        .route("/connections/{id}/reconnect", post(connections::reconnect))
        .route(
            "/connections/{id}/rotate",
            get(connections::ask_rotate).post(connections::rotate),
        )
        .route(
            "/connections/{id}/permissions",
            get(connections::ask_permissions).post(connections::add_permissions),
        )
        .route(
            "/connections/{id}/ask-administrator",
            post(connections::ask_administrator),
        )
        .route("/connections/{id}/policy", post(connections::policy))
        .route("/connections/{id}/disable", post(connections::disable))
        .route("/connections/{id}/enable", post(connections::enable))
        .route(
            "/connections/{id}/delete",
            get(connections::confirm_delete).post(connections::delete),
        )
}

fn settings_pages() -> Router<App> {
    Router::new()
        .route("/settings", get(settings::get))
        .route("/settings/password", post(settings::change_password))
        .route("/settings/members", post(settings::create_member))
        .route(
            "/settings/members/{id}/sign-in-link",
            post(settings::sign_in_link),
        )
        .route("/settings/events", get(settings::events_page))
        .route("/settings/webhooks", post(settings::create_webhook))
        .route(
            "/settings/webhooks/{id}/delete",
            post(settings::remove_webhook),
        )
        .route("/settings/keys", post(settings::create_key))
        .route("/settings/keys/{id}/revoke", post(settings::revoke_key))
        .route(
            "/settings/app-registrations/{id}/proofs",
            post(settings::add_proof),
        )
        .route("/settings/app-registrations/{id}", get(settings::app_page))
        .route(
            "/settings/app-registrations/{id}/proofs/{proof}/verify",
            post(settings::verify_proof),
        )
        .route(
            "/settings/app-registrations/{id}/proofs/{proof}/delete",
            post(settings::remove_proof),
        )
        .route(
            "/settings/app-registrations/{id}/proofs/{proof}/certificate.cer",
            get(settings::certificate),
        )
        .route(
            "/settings/app-registrations/{id}/auto-rotate",
            post(settings::auto_rotate),
        )
        .route(
            "/settings/app-registrations/{id}/rotate",
            post(settings::rotate_app),
        )
        .route(
            "/settings/app-registrations/{id}/delete",
            get(settings::confirm_delete_app).post(settings::delete_app),
        )
}
