use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ApiKeyId, ConnectionId, MemberId, OperationKind, SessionId, WorkspaceId};

/// The boundary of everything: members, keys, registrations and connections belong to one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    pub created_at: Timestamp,
}

/// What a member may do. Each role includes what the ones below it may, except that an auditor only reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Reads everything, changes nothing.
    Auditor,
    /// Connects their own account.
    Member,
    /// Writes workflows and calls operations from code.
    Builder,
    /// Registers applications, decides what may be touched, rotates, reviews.
    Admin,
    /// An administrator who may also manage administrators.
    Owner,
}

impl Role {
    pub const ALL: [Self; 5] = [
        Self::Auditor,
        Self::Member,
        Self::Builder,
        Self::Admin,
        Self::Owner,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::Auditor => "auditor",
            Self::Member => "member",
            Self::Builder => "builder",
            Self::Admin => "admin",
            Self::Owner => "owner",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|role| role.id() == text)
            .ok_or_else(|| {
                format!("`{text}` is no role; choose owner, admin, builder, member or auditor")
            })
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub workspace_id: WorkspaceId,
    /// The mail address they sign in with; unique in the workspace.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// PHC string of argon2id; `None` until a password is chosen.
    #[serde(skip)]
    pub password_hash: Option<String>,
    pub disabled_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// What a key may reach, inside what its member's role allows.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyScope {
    /// These connections only; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connections: Option<BTreeSet<ConnectionId>>,
    /// These kinds of operation only; all when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kinds: Option<BTreeSet<OperationKind>>,
}

/// A bearer key. The secret was shown once; only its SHA-256 is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKey {
    pub id: ApiKeyId,
    pub workspace_id: WorkspaceId,
    pub member_id: MemberId,
    pub name: String,
    /// At most the member's own role.
    pub role: Role,
    pub scope: KeyScope,
    #[serde(skip)]
    pub secret_hash: [u8; 32],
    pub expires_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    pub created_at: Timestamp,
}

/// A browser that signed in. The cookie holds a secret; only its SHA-256 is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub workspace_id: WorkspaceId,
    pub member_id: MemberId,
    pub secret_hash: [u8; 32],
    pub expires_at: Timestamp,
    pub created_at: Timestamp,
}

/// A link that signs a member in once. Its secret travels in the URL's fragment; only its SHA-256 is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInLink {
    pub workspace_id: WorkspaceId,
    pub member_id: MemberId,
    pub secret_hash: [u8; 32],
    pub expires_at: Timestamp,
}
