//! Consent to delegated permissions: what is missing, who may give it, and the decision.
//! Source: learn.microsoft.com/entra/identity-platform/permissions-consent-overview

use axum::response::{Html, IntoResponse, Response};

use super::request::Request;
use super::{PURPOSE, issue, refuse_request};
use crate::control::{UserConsentPolicy, grant_scopes};
use crate::entra::error::EntraError;
use crate::entra::pages::{self, ConsentPage, NeedAdminPage};
use crate::entra::parameters::Parameters;
use crate::entra::permissions;
use crate::entra::session::SignedIn;
use crate::entra::tokens::GRAPH_APP_ID;
use crate::entra::trace::Trace;
use crate::shared::Shared;
use crate::state::State;
use crate::state::directory::User;

/// What a request needs that was not granted before.
pub(super) struct Missing {
    /// Permissions of the resource that are asked for, granted before or not.
    wanted: Vec<String>,
    /// Those of them that the user may not consent to.
    beyond_user: Vec<String>,
    /// Whether anything is missing at all.
    pub(super) must_ask: bool,
}

impl Missing {
    pub(super) fn of(state: &State, request: &Request, user: &User) -> Self {
        let client_id = &request.application.client_id;
        let granted = state
            .directory
            .granted_scopes(client_id, user, request.scopes.resource_id());
        let wanted = if request.scopes.is_default {
            request
                .scopes
                .all_of_default(&request.application, &state.directory)
        } else {
            request.scopes.names.clone()
        };
        let missing: Vec<_> = wanted
            .iter()
            .filter(|name| !granted.contains(name))
            .cloned()
            .collect();
        // `.default` asks only where nothing was ever granted, even if the application's list has grown since.
        let grows = !missing.is_empty() && !request.scopes.is_default;
        let policy = state.settings.user_consent;
        let is_graph = request.scopes.resource_id() == GRAPH_APP_ID;
        let beyond_user = missing
            .into_iter()
            .filter(|name| !user.is_admin && !user_may_grant(policy, is_graph, name))
            .collect();
        Self {
            wanted,
            beyond_user,
            must_ask: granted.is_empty() || grows,
        }
    }

    fn needs_admin(&self, state: &State, user: &User) -> bool {
        let is_closed = state.settings.user_consent == UserConsentPolicy::Disabled;
        !user.is_admin && (is_closed || !self.beyond_user.is_empty())
    }

    /// Everything that consent is to be given to, OIDC's own first.
    fn all(&self, request: &Request) -> Vec<String> {
        let oidc = request.scopes.oidc.iter();
        oidc.chain(&self.wanted).cloned().collect()
    }
}

fn user_may_grant(policy: UserConsentPolicy, is_graph: bool, name: &str) -> bool {
    if !is_graph {
        return policy != UserConsentPolicy::Disabled;
    }
    let Some(permission) = permissions::find(name) else {
        return false;
    };
    match policy {
        UserConsentPolicy::Legacy => !permission.admin_only,
        UserConsentPolicy::Recommended => {
            !permission.admin_only && !permission.is_kept_for_admins()
        }
        UserConsentPolicy::Disabled => false,
    }
}

/// Asks for consent, or tells that an administrator is needed.
pub(super) fn page(
    shared: &Shared,
    request: &Request,
    missing: &Missing,
    signed_in: &SignedIn,
) -> Response {
    let user = &signed_in.user;
    if shared.read(|state| missing.needs_admin(state, user)) {
        return need_admin_page(request, missing, signed_in);
    }
    let page = ConsentPage {
        action: request.path("consent"),
        purpose: PURPOSE,
        request: &request.text,
        form_token: &signed_in.session.form_token,
        user_principal_name: &user.user_principal_name,
        application: &request.application.display_name,
        tenant: &request.tenant.display_name,
        permissions: pages::lines(&missing.all(request)),
        may_consent_for_organization: user.is_admin,
        organization_only: false,
    };
    Html(pages::rendered(&page)).into_response()
}

fn need_admin_page(request: &Request, missing: &Missing, signed_in: &SignedIn) -> Response {
    let page = NeedAdminPage {
        action: request.path("consent"),
        purpose: PURPOSE,
        request: &request.text,
        form_token: &signed_in.session.form_token,
        user_principal_name: &signed_in.user.user_principal_name,
        application: &request.application.display_name,
        tenant: &request.tenant.display_name,
        permissions: pages::lines(&missing.beyond_user),
        error: EntraError::admin_required().short(),
        other_account: request.link_to_other_account(),
    };
    Html(pages::rendered(&page)).into_response()
}

/// What the person chose.
pub(super) fn decide(
    shared: &Shared,
    trace: &Trace,
    request: &Request,
    form: &Parameters,
    signed_in: &SignedIn,
) -> Response {
    let user = &signed_in.user;
    let missing = shared.read(|state| Missing::of(state, request, user));
    match form.get("decision") {
        Some("accept") => {}
        Some("return") => {
            return refuse_request(shared, request, &EntraError::admin_required(), trace);
        }
        _ => return refuse_request(shared, request, &EntraError::consent_declined(), trace),
    }
    if shared.read(|state| missing.needs_admin(state, user)) {
        return need_admin_page(request, &missing, signed_in);
    }
    let for_organization = user.is_admin && form.get("organization") == Some("yes");
    let principal = (!for_organization).then_some(user.id.as_str());
    shared.write(|state| {
        grant_scopes(
            state,
            &request.application.client_id,
            &request.tenant.id,
            principal,
            request.scopes.resource_id(),
            &missing.all(request),
        );
    });
    issue(shared, trace, request, signed_in)
}
