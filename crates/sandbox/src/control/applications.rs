//! Registering applications, as an administrator does in the portal.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::{Control, ControlError};
use crate::entra::permissions::{self, Permission};
use crate::entra::secrets;
use crate::state::State;
use crate::state::directory::{Application, ClientSecret, ServicePrincipal};

/// An application to register.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the portal's, set by name"
)]
pub struct NewApplication {
    /// What people read on the consent page.
    pub display_name: String,
    /// Exact URIs; the port of a loopback one may differ, as Entra allows.
    pub redirect_uris: Vec<String>,
    /// Delegated permissions of Microsoft Graph: `Mail.Read`.
    pub delegated: Vec<String>,
    /// Application permissions of Microsoft Graph.
    pub application: Vec<String>,
    /// Grants both kinds for the whole organisation at once.
    pub admin_consent: bool,
    /// Usable through `common` and `organizations`, not only through its tenant's own paths.
    pub is_multi_tenant: bool,
    /// A native application, which has no secret.
    pub is_public_client: bool,
    /// By what others ask for tokens to this application's own API, beside its client id: `api://tailwind`.
    pub identifier_uris: Vec<String>,
    /// Delegated scopes of its own API: `access_as_user`.
    pub exposed_scopes: Vec<String>,
    /// Lets the authorize endpoint issue ID tokens, the portal's *ID tokens (used for implicit and hybrid flows)*.
    pub issues_id_tokens: bool,
}

/// A registered application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegisteredApplication {
    /// The portal's Application (client) ID.
    pub client_id: String,
    /// The portal's Directory (tenant) ID.
    pub tenant_id: String,
    /// The portal's Object ID.
    pub object_id: String,
    /// As registered.
    pub display_name: String,
}

/// A new client secret. Its text is known here only, and `Debug` does not show it.
#[derive(Clone, Serialize)]
pub struct Secret {
    /// The portal's Secret ID, which people paste by mistake.
    pub key_id: String,
    /// The portal's Value.
    pub secret_text: String,
    /// First three characters of the text.
    pub hint: String,
    /// When it stops being accepted.
    pub ends_at: Timestamp,
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Secret")
            .field("key_id", &self.key_id)
            .field("hint", &self.hint)
            .field("ends_at", &self.ends_at)
            .finish_non_exhaustive()
    }
}

impl Control {
    /// Registers an application and its service principal in the first tenant.
    pub fn register_application(
        &self,
        new: NewApplication,
    ) -> Result<RegisteredApplication, ControlError> {
        let delegated = known(&new.delegated, "delegated", |permission| {
            permission.delegated.is_some()
        })?;
        let application = known(&new.application, "application", |permission| {
            permission.application.is_some()
        })?;
        let registered = self.shared.write(|state| {
            let tenant_id = state
                .directory
                .tenants
                .first()
                .map(|tenant| tenant.id.clone())
                .unwrap_or_default();
            let registered = RegisteredApplication {
                client_id: state.ids.uuid().to_string(),
                tenant_id: tenant_id.clone(),
                object_id: state.ids.uuid().to_string(),
                display_name: new.display_name.clone(),
            };
            let principal_id = state.ids.uuid().to_string();
            state.directory.applications.push(Application {
                object_id: registered.object_id.clone(),
                client_id: registered.client_id.clone(),
                tenant_id: tenant_id.clone(),
                display_name: new.display_name,
                redirect_uris: new.redirect_uris,
                configured_scopes: delegated,
                configured_roles: application,
                is_multi_tenant: new.is_multi_tenant,
                is_public_client: new.is_public_client,
                identifier_uris: new.identifier_uris,
                exposed_scopes: new.exposed_scopes,
                issues_id_tokens: new.issues_id_tokens,
                ..Application::default()
            });
            state.directory.service_principals.push(ServicePrincipal {
                id: principal_id,
                client_id: registered.client_id.clone(),
                tenant_id,
                ..ServicePrincipal::default()
            });
            registered
        });
        if new.admin_consent {
            self.grant_admin_consent(&registered.client_id)?;
        }
        Ok(registered)
    }

    /// All registered applications.
    pub fn applications(&self) -> Vec<RegisteredApplication> {
        self.shared.read(|state| {
            let registered = state.directory.applications.iter();
            registered
                .map(|application| RegisteredApplication {
                    client_id: application.client_id.clone(),
                    tenant_id: application.tenant_id.clone(),
                    object_id: application.object_id.clone(),
                    display_name: application.display_name.clone(),
                })
                .collect()
        })
    }

    /// Adds a client secret that lives so long by the sandbox's clock.
    pub fn add_secret(
        &self,
        client_id: &str,
        name: &str,
        lifetime: Duration,
    ) -> Result<Secret, ControlError> {
        let text = secrets::client_secret();
        self.shared.issued().note("client_secret", &text);
        let starts_at = self.now();
        let lifetime = SignedDuration::try_from(lifetime).unwrap_or(SignedDuration::MAX);
        let ends_at = starts_at.saturating_add(lifetime).unwrap_or(Timestamp::MAX);
        let hint = text[..3].to_owned();
        let hash = secrets::hash(&text);
        let key_id = self.change(client_id, |state, client_id| {
            let key_id = state.ids.uuid().to_string();
            let secret = ClientSecret {
                key_id: key_id.clone(),
                display_name: name.to_owned(),
                hint: hint.clone(),
                hash,
                starts_at,
                ends_at,
            };
            if let Some(application) = state.directory.application_mut(client_id) {
                application.secrets.push(secret);
            }
            key_id
        })?;
        Ok(Secret {
            key_id,
            secret_text: text,
            hint,
            ends_at,
        })
    }

    /// Ends all secrets that an application has now.
    pub fn expire_secrets(&self, client_id: &str) -> Result<(), ControlError> {
        let now = self.now();
        self.change(client_id, |state, client_id| {
            let application = state.directory.application_mut(client_id);
            for secret in application.into_iter().flat_map(|it| &mut it.secrets) {
                secret.ends_at = secret.ends_at.min(now);
            }
        })
    }

    /// Blocks sign-in to an application, as *Enabled for users to sign in: No* does.
    pub fn disable_application(&self, client_id: &str) -> Result<(), ControlError> {
        self.set_disabled(client_id, true)
    }

    /// Lets people and the application itself sign in again.
    pub fn enable_application(&self, client_id: &str) -> Result<(), ControlError> {
        self.set_disabled(client_id, false)
    }

    /// Removes an application, its service principal and everything granted to it.
    pub fn delete_application(&self, client_id: &str) -> Result<(), ControlError> {
        self.change(client_id, |state, client_id| {
            state.directory.remove_application(client_id);
        })
    }

    fn set_disabled(&self, client_id: &str, disabled: bool) -> Result<(), ControlError> {
        self.change(client_id, |state, client_id| {
            let principals = state.directory.service_principals.iter_mut();
            for principal in principals.filter(|it| it.client_id == client_id) {
                principal.disabled = disabled;
            }
        })
    }

    /// Changes what belongs to a registered application; the closure gets its client id as registered.
    pub(super) fn change<T>(
        &self,
        client_id: &str,
        change: impl FnOnce(&mut State, &str) -> T,
    ) -> Result<T, ControlError> {
        self.shared.write(|state| {
            let application = state.directory.application(client_id);
            let client_id = application
                .map(|application| application.client_id.clone())
                .ok_or_else(|| ControlError::UnknownApplication(client_id.to_owned()))?;
            Ok(change(state, &client_id))
        })
    }
}

/// The permissions under their own spelling, or the first that does not exist in this form.
fn known(
    names: &[String],
    form: &'static str,
    exists: impl Fn(&Permission) -> bool,
) -> Result<Vec<String>, ControlError> {
    let resolve = |name: &String| {
        permissions::find(name)
            .filter(|permission| exists(permission))
            .map(|permission| permission.name.to_owned())
            .ok_or_else(|| ControlError::UnknownPermission {
                name: name.clone(),
                form,
            })
    };
    names.iter().map(resolve).collect()
}
