//! Who asks for a token, and whether they prove it.

use jiff::Timestamp;

use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::secrets;
use crate::entra::tokens::Proof;
use crate::state::State;
use crate::state::directory::{Application, Tenant};

/// The application of a token request, once it has proved itself.
pub(super) struct Client {
    pub(super) application: Application,
    pub(super) tenant: Tenant,
    pub(super) proof: Proof,
    /// The account decides on the tenant, not the path.
    is_open: bool,
}

impl Client {
    pub(super) fn authenticate(
        state: &State,
        authority: &Authority,
        form: &Form,
        now: Timestamp,
    ) -> Result<Self, EntraError> {
        let client_id = match form.proved() {
            Some(client_id) => client_id,
            None => form.require("client_id")?,
        };
        let (application, tenant) = authority.application(state, client_id)?;
        let proof = match form.get("client_secret") {
            _ if form.proved().is_some() => Proof::Certificate,
            None if application.is_public_client => Proof::Public,
            None => return Err(EntraError::secret_missing()),
            Some(_) if application.is_public_client => {
                return Err(EntraError::secret_of_public_client());
            }
            Some(secret) => {
                check(application, secret, now)?;
                Proof::Secret
            }
        };
        Ok(Self {
            application: application.clone(),
            tenant: tenant.clone(),
            proof,
            is_open: authority.is_open(),
        })
    }

    /// Settles on the tenant of a grant where the path leaves it open. False when the path names another.
    pub(super) fn settle(&mut self, state: &State, tenant_id: &str) -> bool {
        if self.tenant.id == tenant_id {
            return true;
        }
        let tenant = state.directory.tenant(tenant_id);
        match tenant.filter(|_| self.is_open) {
            Some(tenant) => {
                self.tenant = tenant.clone();
                true
            }
            None => false,
        }
    }

    /// The application has to be known in the tenant: by registration, or by somebody's consent there.
    pub(super) fn require_principal(&self, state: &State) -> Result<(), EntraError> {
        let client_id = &self.application.client_id;
        let known = state
            .directory
            .service_principal(client_id, &self.tenant.id);
        if known.is_some() {
            return Ok(());
        }
        Err(EntraError::principal_missing(client_id, &self.tenant.id))
    }
}

fn check(application: &Application, text: &str, now: Timestamp) -> Result<(), EntraError> {
    let hash = secrets::hash(text);
    let mut matching = application
        .secrets
        .iter()
        .filter(|secret| secret.hash == hash)
        .peekable();
    if matching.peek().is_none() {
        return Err(EntraError::secret_wrong(&application.client_id));
    }
    if matching.any(|secret| secret.ends_at > now) {
        return Ok(());
    }
    Err(EntraError::secret_expired(&application.client_id))
}
