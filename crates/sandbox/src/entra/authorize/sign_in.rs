//! The sign-in page.

use axum::response::{Html, IntoResponse, Response};

use super::PURPOSE;
use super::request::Request;
use crate::entra::error::EntraError;
use crate::entra::pages::{self, Account, Current, SignInPage};
use crate::entra::session::SignedIn;
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::directory::User;

/// Asks who it is. `error` is what was wrong with the last answer.
pub(super) fn page(
    shared: &Shared,
    request: &Request,
    current: Option<SignedIn>,
    error: Option<&EntraError>,
) -> Response {
    let page = SignInPage {
        action: request.path("login"),
        purpose: PURPOSE,
        request: &request.text,
        application: &request.application.display_name,
        login: request.login_hint.as_deref().unwrap_or_default(),
        error: error.map(EntraError::short),
        current: current.map(|it| Current {
            user_principal_name: it.user.user_principal_name,
            form_token: it.session.form_token,
        }),
        accounts: accounts(
            shared,
            Some(&request.tenant.id).filter(|_| !request.is_open),
            |name| request.link_for(name),
        ),
    };
    Html(pages::rendered(&page)).into_response()
}

/// The page again, after an answer that was wrong.
pub(in crate::entra) fn sign_in_page(
    shared: &Shared,
    trace: &Trace,
    tenant: &str,
    text: String,
    error: &EntraError,
) -> Response {
    match shared.read(|state| Request::parse(state, tenant, text)) {
        Ok(request) => page(shared, &request, None, Some(error)),
        Err(refusal) => super::refuse(&refusal, trace),
    }
}

/// The accounts of a tenant, or of all, that may sign in. A guest signs in with the account of their own tenant.
pub(in crate::entra) fn accounts(
    shared: &Shared,
    tenant_id: Option<&String>,
    link: impl Fn(&str) -> String,
) -> Vec<Account> {
    let account = |user: &User| Account {
        display_name: user.display_name.clone(),
        user_principal_name: user.user_principal_name.clone(),
        is_admin: user.is_admin,
        link: link(&user.user_principal_name),
    };
    shared.read(|state| {
        let users = state.directory.users.iter();
        users
            .filter(|user| !user.disabled && user.guest_of.is_none())
            .filter(|user| tenant_id.is_none_or(|id| state.directory.in_tenant(user, id).is_some()))
            .map(account)
            .collect()
    })
}
