use std::fmt;

use microsoft::{ClientCertificate, ClientProof};
use model::{AppRegistration, ProofKind};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use store::SealedProof;

use super::{SourceFailure, draft, sources};
use crate::seal::place;
use crate::{Context, Error, Result};

/// A proof opened: what signs, or says where an assertion comes from.
pub(crate) enum Material {
    Secret(SecretString),
    Certificate(Box<ClientCertificate>),
    Federated(Federated),
    /// The platform gives the tokens themselves.
    ManagedIdentity {
        client_id: Option<String>,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Federated {
    pub(crate) source: String,
    pub(crate) identity_client_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Platform {
    client_id: Option<String>,
}

/// What goes into one request.
pub(crate) enum Shown<'a> {
    Kept(ClientProof<'a>),
    Fresh(SecretString),
}

impl Shown<'_> {
    pub(crate) fn proof(&self) -> ClientProof<'_> {
        match self {
            Self::Kept(proof) => *proof,
            Self::Fresh(assertion) => ClientProof::Assertion(assertion),
        }
    }
}

impl Material {
    pub(crate) async fn open(
        context: &Context,
        app: &AppRegistration,
        stored: &SealedProof,
    ) -> Result<Self> {
        let SealedProof { proof, sealed } = stored;
        let row = proof.id.to_string();
        let lies = place::proof(&row, proof.generation);
        let text = context
            .seals
            .open_text(app.workspace_id, lies, sealed)
            .await?;
        let odd = |reason: &dyn fmt::Display| {
            Error::Unexpected(format!("proof {} cannot be used: {reason}", proof.id))
        };
        Ok(match proof.kind {
            ProofKind::ClientSecret => Self::Secret(text),
            ProofKind::Certificate => Self::Certificate(Box::new(
                ClientCertificate::from_pem(&text).map_err(|error| odd(&error))?,
            )),
            ProofKind::FederatedCredential => {
                Self::Federated(serde_json::from_str(text.expose_secret()).map_err(|e| odd(&e))?)
            }
            ProofKind::ManagedIdentity => {
                let platform: Platform =
                    serde_json::from_str(text.expose_secret()).map_err(|e| odd(&e))?;
                Self::ManagedIdentity {
                    client_id: platform.client_id,
                }
            }
        })
    }

    /// What [`open`](Self::open) reads, for sealing.
    pub(crate) fn to_text(&self) -> Result<SecretString> {
        Ok(match self {
            Self::Secret(secret) => secret.clone(),
            Self::Certificate(certificate) => certificate
                .to_pem()
                .map_err(|error| Error::Unexpected(error.to_string()))?,
            Self::Federated(federated) => draft::json(federated),
            Self::ManagedIdentity { client_id } => draft::json(&Platform {
                client_id: client_id.clone(),
            }),
        })
    }

    /// What a request to Entra shows. An assertion of somebody else is fetched anew each time: it lives for minutes.
    pub(crate) async fn show(
        &self,
        context: &Context,
        app: &AppRegistration,
    ) -> std::result::Result<Shown<'_>, SourceFailure> {
        match self {
            Self::Secret(secret) => Ok(Shown::Kept(ClientProof::Secret(secret))),
            Self::Certificate(certificate) => {
                Ok(Shown::Kept(ClientProof::Certificate(certificate)))
            }
            Self::Federated(federated) => sources::assertion(context, app, federated)
                .await
                .map(Shown::Fresh),
            Self::ManagedIdentity { .. } => Err(SourceFailure {
                message: "a managed identity gives tokens to the application itself, not to users"
                    .to_owned(),
                hint: "add a federated credential with the source `managed_identity` instead",
            }),
        }
    }
}

/// Shows the kind only.
impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret(_) => "Secret",
            Self::Certificate(_) => "Certificate",
            Self::Federated(_) => "Federated",
            Self::ManagedIdentity { .. } => "ManagedIdentity",
        })
    }
}
