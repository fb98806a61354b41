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
    #[serde(skip)]
    pub data_key_id: Option<DataKeyId>,
    pub version: i64,
    pub created_at: Timestamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofKind {
    ClientSecret,
}

impl ProofKind {
    pub fn id(self) -> &'static str {
        match self {
            Self::ClientSecret => "client_secret",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProofState {
    /// Used for the next token.
    Active,
    /// Replaced, and kept until it is removed.
    Retired,
}

impl ProofState {
    pub fn id(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Retired => "retired",
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
    /// The first three characters, as the portal shows them.
    pub hint: String,
    pub state: ProofState,
    /// When Microsoft stops taking it, where that is known.
    pub expires_at: Option<Timestamp>,
    /// Part of what the seal is bound to.
    pub generation: i64,
    pub created_at: Timestamp,
}
