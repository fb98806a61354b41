//! More than one organisation: tenants, their people, guests, and identities that the platform manages.

use serde::{Deserialize, Serialize};

use super::{Account, Control, ControlError};
use crate::entra::permissions;
use crate::state::State;
use crate::state::directory::{Application, ServicePrincipal, Tenant, User};

/// A tenant to add.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewTenant {
    /// What people read on the consent page.
    pub display_name: String,
    /// Its verified domain. Its administrator is `admin@` it.
    pub domain: String,
}

/// A tenant as it was added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AddedTenant {
    /// The portal's Directory (tenant) ID.
    pub tenant_id: String,
    /// Its first account, a global administrator.
    pub administrator: Account,
}

/// An account to add to a tenant.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewAccount {
    /// What they sign in with.
    pub user_principal_name: String,
    /// What people call them.
    pub display_name: String,
    /// Whether they may consent for the organisation.
    pub is_admin: bool,
}

/// An identity that the platform manages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ManagedIdentity {
    /// By which a machine with several identities picks one.
    pub client_id: String,
    /// Object id of its service principal.
    pub principal_id: String,
    /// Its tenant.
    pub tenant_id: String,
}

/// Everybody's, as in the seed.
const PASSWORD: &str = "Sandbox-1";

impl Control {
    /// Adds an organisation with one administrator.
    pub fn add_tenant(&self, new: &NewTenant) -> Result<AddedTenant, ControlError> {
        let domain = new.domain.to_ascii_lowercase();
        if !domain.contains('.') {
            let message = format!("`{domain}` is no domain");
            return Err(ControlError::InvalidRequest(message));
        }
        self.shared.write(|state| {
            if state.directory.tenant(&domain).is_some() {
                let message = format!("another tenant has the domain `{domain}`");
                return Err(ControlError::InvalidRequest(message));
            }
            let tenant_id = state.ids.uuid().to_string();
            state.directory.tenants.push(Tenant {
                id: tenant_id.clone(),
                display_name: new.display_name.clone(),
                domain: domain.clone(),
            });
            let administrator = NewAccount {
                user_principal_name: format!("admin@{domain}"),
                display_name: format!("Administrator of {}", new.display_name),
                is_admin: true,
            };
            let administrator = add_user(state, &tenant_id, &administrator);
            Ok(AddedTenant {
                tenant_id,
                administrator,
            })
        })
    }

    /// Adds an account to a tenant.
    pub fn add_user(&self, tenant: &str, new: &NewAccount) -> Result<Account, ControlError> {
        self.shared.write(|state| {
            let tenant_id = tenant_id(state, tenant)?;
            if state.directory.user(&new.user_principal_name).is_some() {
                let name = &new.user_principal_name;
                let message = format!("another account is named `{name}`");
                return Err(ControlError::InvalidRequest(message));
            }
            Ok(add_user(state, &tenant_id, new))
        })
    }

    /// Makes somebody a guest of another tenant. They go on signing in with the account of their own.
    pub fn add_guest(&self, tenant: &str, user: &str) -> Result<Account, ControlError> {
        self.shared.write(|state| {
            let tenant_id = tenant_id(state, tenant)?;
            let home = state
                .directory
                .user(user)
                .cloned()
                .ok_or_else(|| ControlError::UnknownUser(user.to_owned()))?;
            let domain = state
                .directory
                .tenant(&tenant_id)
                .map(|tenant| tenant.domain.clone())
                .unwrap_or_default();
            let outside = home.user_principal_name.replace('@', "_");
            let guest = User {
                id: state.ids.uuid().to_string(),
                tenant_id,
                user_principal_name: format!("{outside}#EXT#@{domain}"),
                // Their address stays their own account's.
                mail: None,
                is_admin: false,
                guest_of: Some(home.id.clone()),
                ..home
            };
            state.directory.users.push(guest.clone());
            Ok(Account::of(&guest))
        })
    }

    /// Forgets what changed among a tenant's people and groups so far: whoever follows them is told to start afresh, with 410.
    pub fn forget_directory_changes(&self, tenant: &str) -> Result<(), ControlError> {
        self.shared.write(|state| {
            let tenant_id = tenant_id(state, tenant)?;
            state.directory.watched.forget(&tenant_id);
            Ok(())
        })
    }

    /// Adds an identity that machines get tokens for without any secret, holding these application permissions of
    /// Microsoft Graph. The first one is what a machine is when it names none.
    pub fn add_managed_identity(
        &self,
        name: &str,
        roles: &[&str],
    ) -> Result<ManagedIdentity, ControlError> {
        let unknown = |name: &&&str| {
            permissions::find(name).is_none_or(|permission| permission.application.is_none())
        };
        if let Some(name) = roles.iter().find(unknown) {
            return Err(ControlError::UnknownPermission {
                name: (*name).to_owned(),
                form: "application",
            });
        }
        Ok(self.shared.write(|state| {
            let tenant_id = state.directory.tenants.first();
            let tenant_id = tenant_id.map(|it| it.id.clone()).unwrap_or_default();
            let identity = ManagedIdentity {
                client_id: state.ids.uuid().to_string(),
                principal_id: state.ids.uuid().to_string(),
                tenant_id,
            };
            keep_identity(state, name, &identity);
            let roles: Vec<_> = roles.iter().map(|&role| role.to_owned()).collect();
            super::grant_roles(state, &identity.client_id, &identity.tenant_id, &roles);
            identity
        }))
    }
}

fn tenant_id(state: &State, tenant: &str) -> Result<String, ControlError> {
    state
        .directory
        .tenant(tenant)
        .map(|tenant| tenant.id.clone())
        .ok_or_else(|| ControlError::UnknownTenant(tenant.to_owned()))
}

fn add_user(state: &mut State, tenant_id: &str, new: &NewAccount) -> Account {
    let user = User {
        id: state.ids.uuid().to_string(),
        tenant_id: tenant_id.to_owned(),
        user_principal_name: new.user_principal_name.clone(),
        mail: Some(new.user_principal_name.clone()),
        display_name: new.display_name.clone(),
        password: PASSWORD.to_owned(),
        is_admin: new.is_admin,
        ..User::default()
    };
    state.directory.users.push(user.clone());
    Account::of(&user)
}

fn keep_identity(state: &mut State, name: &str, identity: &ManagedIdentity) {
    state.directory.applications.push(Application {
        object_id: state.ids.uuid().to_string(),
        client_id: identity.client_id.clone(),
        tenant_id: identity.tenant_id.clone(),
        display_name: name.to_owned(),
        managed: true,
        ..Application::default()
    });
    state.directory.service_principals.push(ServicePrincipal {
        id: identity.principal_id.clone(),
        client_id: identity.client_id.clone(),
        tenant_id: identity.tenant_id.clone(),
        ..ServicePrincipal::default()
    });
}
