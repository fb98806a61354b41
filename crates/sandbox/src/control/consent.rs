//! Granting and taking back consent from outside the pages.

use super::{Control, ControlError};
use crate::entra::tokens::GRAPH_APP_ID;
use crate::state::State;
use crate::state::directory::first_party;
use crate::state::directory::{DelegatedGrant, RoleGrant, ServicePrincipal};

impl Control {
    /// Grants all that the application is configured with, for the whole organisation.
    pub fn grant_admin_consent(&self, client_id: &str) -> Result<(), ControlError> {
        self.change(client_id, |state, client_id| {
            let Some(application) = state.directory.application(client_id) else {
                return;
            };
            let delegated = application.configured_scopes.clone();
            let roles = application.configured_roles.clone();
            let tenant_id = application.tenant_id.clone();
            grant_scopes(state, client_id, &tenant_id, None, GRAPH_APP_ID, &delegated);
            grant_roles(state, client_id, &tenant_id, &roles);
            grant_configured_api_roles(state, client_id, &tenant_id);
        })
    }

    /// Grants an application roles of one of Microsoft's other APIs for the whole organisation, as an administrator's consent
    /// does: `https://api.businesscentral.dynamics.com`, `API.ReadWrite.All`.
    pub fn grant_api_roles(
        &self,
        client_id: &str,
        resource: &str,
        roles: &[&str],
    ) -> Result<(), ControlError> {
        let unknown = |name: &str| ControlError::UnknownPermission {
            name: name.to_owned(),
            form: "application",
        };
        let api = first_party::api(resource).ok_or_else(|| unknown(resource))?;
        let offered = |role: &str| {
            let mut all = api.app_roles.iter();
            all.any(|known| known.value.as_deref() == Some(role))
        };
        if let Some(role) = roles.iter().find(|role| !offered(role)) {
            return Err(unknown(role));
        }
        let roles: Vec<String> = roles.iter().map(|&role| role.to_owned()).collect();
        self.change(client_id, |state, client_id| {
            let Some(application) = state.directory.application(client_id) else {
                return;
            };
            let tenant_id = application.tenant_id.clone();
            grant_roles_of(state, client_id, &tenant_id, &api.client_id, &roles);
        })
    }

    /// Takes consent back: one user's own, or with none everyone's and the application roles.
    pub fn remove_consent(&self, client_id: &str, user: Option<&str>) -> Result<(), ControlError> {
        let user_id = match user {
            None => None,
            Some(name) => Some(
                self.shared
                    .read(|state| state.directory.user(name).map(|user| user.id.clone()))
                    .ok_or_else(|| ControlError::UnknownUser(name.to_owned()))?,
            ),
        };
        self.change(client_id, |state, client_id| {
            let directory = &mut state.directory;
            directory.delegated_grants.retain(|grant| {
                grant.client_id != client_id || (user_id.is_some() && grant.user_id != user_id)
            });
            if user_id.is_none() {
                directory
                    .role_grants
                    .retain(|grant| grant.client_id != client_id);
            }
        })
    }
}

/// Makes an application known in a tenant, as the first consent there does.
pub(crate) fn ensure_principal(state: &mut State, client_id: &str, tenant_id: &str) {
    if state
        .directory
        .service_principal(client_id, tenant_id)
        .is_some()
    {
        return;
    }
    let principal = ServicePrincipal {
        id: state.ids.uuid().to_string(),
        client_id: client_id.to_owned(),
        tenant_id: tenant_id.to_owned(),
        ..ServicePrincipal::default()
    };
    state.directory.service_principals.push(principal);
}

/// Adds delegated scopes of a resource to the grant of a user, or of all principals.
pub(crate) fn grant_scopes(
    state: &mut State,
    client_id: &str,
    tenant_id: &str,
    user_id: Option<&str>,
    resource: &str,
    scopes: &[String],
) {
    ensure_principal(state, client_id, tenant_id);
    let grants = &mut state.directory.delegated_grants;
    let held = grants.iter_mut().find(|grant| {
        grant.client_id == client_id
            && grant.user_id.as_deref() == user_id
            && grant.tenant_id == tenant_id
            && grant.resource == resource
    });
    if let Some(grant) = held {
        for scope in scopes {
            if !grant.scopes.contains(scope) {
                grant.scopes.push(scope.clone());
            }
        }
        return;
    }
    grants.push(DelegatedGrant {
        id: state.ids.uuid().to_string(),
        client_id: client_id.to_owned(),
        tenant_id: tenant_id.to_owned(),
        user_id: user_id.map(str::to_owned),
        resource: resource.to_owned(),
        scopes: scopes.to_vec(),
    });
}

/// Assigns application roles of Microsoft Graph that are not assigned yet.
pub(crate) fn grant_roles(state: &mut State, client_id: &str, tenant_id: &str, roles: &[String]) {
    grant_roles_of(state, client_id, tenant_id, GRAPH_APP_ID, roles);
}

/// Assigns the roles of Microsoft's other APIs that an application is configured with.
pub(crate) fn grant_configured_api_roles(state: &mut State, client_id: &str, tenant_id: &str) {
    let application = state.directory.application(client_id);
    let configured = application.map(|it| it.configured_api_roles.clone());
    for (resource, role) in configured.unwrap_or_default() {
        grant_roles_of(state, client_id, tenant_id, &resource, &[role]);
    }
}

/// The same of any resource, by its app id.
fn grant_roles_of(
    state: &mut State,
    client_id: &str,
    tenant_id: &str,
    resource: &str,
    roles: &[String],
) {
    ensure_principal(state, client_id, tenant_id);
    if resource != GRAPH_APP_ID {
        ensure_principal(state, resource, tenant_id);
    }
    let held = state
        .directory
        .granted_roles(client_id, tenant_id, resource);
    for role in roles.iter().filter(|role| !held.contains(role)) {
        let grant = RoleGrant {
            id: state.ids.uuid().to_string(),
            client_id: client_id.to_owned(),
            tenant_id: tenant_id.to_owned(),
            resource: resource.to_owned(),
            role: role.clone(),
        };
        state.directory.role_grants.push(grant);
    }
}
