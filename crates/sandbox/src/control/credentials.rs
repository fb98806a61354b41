//! Proofs of applications beside secrets: certificates, and trust in outside issuers.

use serde::{Deserialize, Serialize};

use super::{Control, ControlError};
use crate::Error;
use crate::entra::assertion::registered;
use crate::entra::pem;
use crate::state::directory::{FederatedCredential, KeyCredential};

/// A registered certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Certificate {
    /// The portal's Key ID.
    pub key_id: String,
    /// SHA-1, URL-safe Base64: the header `x5t` of an assertion.
    pub x5t: String,
    /// SHA-256, URL-safe Base64: the header `x5t#S256`.
    pub x5t_s256: String,
}

/// Trust in the tokens of an outside issuer for one subject. All three are compared letter by letter.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NewFederatedCredential {
    /// What people read.
    pub name: String,
    /// `iss` of the outside token. Its metadata is fetched below it: `https`, or `http` on this machine.
    pub issuer: String,
    /// `sub` of the outside token.
    pub subject: String,
    /// `aud` of the outside token; none stands for Microsoft's own, `api://AzureADTokenExchange`.
    pub audiences: Vec<String>,
}

/// What Microsoft recommends as audience of outside tokens.
pub(crate) const TOKEN_EXCHANGE: &str = "api://AzureADTokenExchange";

impl Control {
    /// Registers a certificate of an application, in PEM or as the Base64 of its DER.
    pub fn add_certificate(
        &self,
        client_id: &str,
        name: &str,
        certificate: &str,
    ) -> Result<Certificate, ControlError> {
        let der = pem::certificate(certificate);
        let added = self.change(client_id, |state, client_id| {
            let key_id = state.ids.uuid().to_string();
            let key = registered::credential(key_id, name, &der?)?;
            let application = state.directory.application_mut(client_id)?;
            application.certificates.push(key.clone());
            Some(Certificate::of(&key))
        })?;
        added.ok_or_else(|| {
            ControlError::InvalidRequest("this is no certificate in PEM or Base64".to_owned())
        })
    }

    /// Lets an outside issuer's tokens prove an application.
    pub fn add_federated_credential(
        &self,
        client_id: &str,
        new: NewFederatedCredential,
    ) -> Result<(), ControlError> {
        self.change(client_id, |state, client_id| {
            let audiences = if new.audiences.is_empty() {
                vec![TOKEN_EXCHANGE.to_owned()]
            } else {
                new.audiences
            };
            let credential = FederatedCredential {
                id: state.ids.uuid().to_string(),
                name: new.name,
                issuer: new.issuer,
                subject: new.subject,
                audiences,
                description: None,
            };
            if let Some(application) = state.directory.application_mut(client_id) {
                application.federated.push(credential);
            }
        })
    }

    /// Signs with a new key from now on. What the earlier ones signed stays good, and all of them are published.
    pub fn roll_signing_key(&self) -> Result<(), Error> {
        self.shared.roll_key()
    }

    /// What App Service would put into `IDENTITY_HEADER` for managed identities; new at each start.
    pub fn identity_header(&self) -> String {
        self.shared.identity_header().to_owned()
    }
}

impl Certificate {
    fn of(key: &KeyCredential) -> Self {
        Self {
            key_id: key.key_id.clone(),
            x5t: key.sha1.clone(),
            x5t_s256: key.sha256.clone(),
        }
    }
}
