//! Who asks for a token, and whether they prove it.

use jiff::Timestamp;

use super::form::Form;
use crate::entra::authority::Authority;
use crate::entra::error::EntraError;
use crate::entra::secrets;
use crate::state::State;
use crate::state::directory::{Application, Tenant};

/// The application of a token request, once it has proved itself.
pub(super) struct Client {
    pub(super) application: Application,
    pub(super) tenant: Tenant,
}

impl Client {
    pub(super) fn authenticate(
        state: &State,
        authority: &Authority,
        form: &Form,
        now: Timestamp,
    ) -> Result<Self, EntraError> {
        let client_id = form.require("client_id")?;
        let (application, tenant) = authority.application(state, client_id)?;
        let secret = form.get("client_secret");
        match secret {
            None if application.is_public_client => {}
            None => return Err(EntraError::secret_missing()),
            Some(_) if application.is_public_client => {
                return Err(EntraError::secret_of_public_client());
            }
            Some(secret) => check(application, secret, now)?,
        }
        Ok(Self {
            application: application.clone(),
            tenant: tenant.clone(),
        })
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
