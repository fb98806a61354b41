use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AppRegistrationId, DataKeyId, MemberId, ProofId, WorkspaceId};

/// A client id in a tenant of a cloud.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppRegistration {
    pub id: AppRegistrationId,
    pub workspace_id: WorkspaceId,
    /// Unique in its workspace.
    pub name: String,
    /// Id of a cloud that the server's configuration knows.
    pub cloud: String,
    /// A tenant's GUID or verified domain; `organizations` for a multi-tenant registration.
    pub tenant_id: String,
    pub client_id: String,
    pub created_by: MemberId,
    /// Whether Consentry itself replaces client secret and certificate ahead of their end. Needs `Application.ReadWrite.OwnedBy`;
    /// where a certificate follows a certificate, `Application.Read.All` is enough.
    pub auto_rotate: bool,
    #[serde(skip)]
    pub data_key_id: Option<DataKeyId>,
    pub version: i64,
    pub created_at: Timestamp,
}

impl AppRegistration {
    /// Whether both are of one application at Microsoft: what is consented to one is consented to the other. Client ids are unique
    /// in a cloud, whichever way the tenant is written.
    pub fn is_same_application(&self, other: &Self) -> bool {
        self.cloud == other.cloud && self.client_id == other.client_id
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    ClientSecret,
    /// Its private key signs assertions.
    Certificate,
    /// A token of an issuer that the registration trusts.
    FederatedCredential,
    /// The platform that the server runs on gives the tokens.
    ManagedIdentity,
}

impl ProofKind {
    pub fn id(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
            Self::Certificate => "certificate",
            Self::FederatedCredential => "federated_credential",
            Self::ManagedIdentity => "managed_identity",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofState {
    /// Made, but Entra does not know of it yet: tried when nothing else works, and in use from its first success.
    Pending,
    /// Used for the next token.
    Active,
    /// Replaced: used when the ones in use are refused, and kept until it is removed.
    Retired,
    /// Entra refused it for good: not tried while there is another.
    Refused,
}

impl ProofState {
    pub fn id(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Retired => "retired",
            Self::Refused => "refused",
        }
    }
}

/// How an application proves that it is itself. What is secret of it lies sealed in `store`, not here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub id: ProofId,
    pub workspace_id: WorkspaceId,
    pub app_registration_id: AppRegistrationId,
    pub kind: ProofKind,
    /// What tells it from the others: the first three characters of a secret, as the portal shows them; a certificate's
    /// thumbprint; the name of a federated credential's source.
    pub hint: String,
    pub state: ProofState,
    /// When Microsoft stops taking it, where that is known.
    pub expires_at: Option<Timestamp>,
    /// Part of what the seal is bound to.
    pub generation: i64,
    pub created_at: Timestamp,
    pub details: ProofDetails,
    /// Entra's code, where it refused this proof.
    pub refused_code: Option<String>,
}

/// What may be shown of a proof beyond its hint; what does not apply is absent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ProofDetails {
    /// A certificate's thumbprint, SHA-1 in hexadecimal digits as the portal has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub thumbprint: Option<String>,
    /// Whom a certificate names, or an assertion speaks for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The certificate's public part in PEM: what is uploaded to Entra.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// Where assertions come from: `consentry`, `managed_identity`, or a source of the server's configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What the federated credential in Entra has to name, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audience: Option<String>,
    /// Which of a machine's managed identities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity_client_id: Option<String>,
    /// Entra's id of the secret or certificate, where it is known: what removes it there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_id: Option<String>,
}
