use async_trait::async_trait;
use model::{AppRegistrationId, ConnectionId, ProofId, Sealed, WorkspaceId};

use crate::Result;

/// Where a sealed value lies that is sealed anew when its owner's data key is replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SealedAt {
    RefreshToken {
        connection: ConnectionId,
        generation: i64,
    },
    AccessToken {
        connection: ConnectionId,
        audience: String,
        version: i64,
    },
    /// What was answered under an idempotency key.
    Answer {
        key: String,
    },
    /// How far a long write under an idempotency key has come.
    Progress {
        key: String,
    },
    /// Where a delta query is.
    Cursor {
        connection: ConnectionId,
        name: String,
    },
    Proof {
        id: ProofId,
        generation: i64,
    },
}

/// A sealed value and where it lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedCell {
    pub at: SealedAt,
    pub sealed: Sealed,
}

/// Values sealed by a data key that is being replaced. What a browser's way through consent holds is not among them: it is over
/// before the old key goes.
#[async_trait]
pub trait Reseal {
    /// The tokens of a connection, and where its delta queries are.
    async fn sealed_tokens(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Vec<SealedCell>>;
    /// What is kept under idempotency keys of a connection, by key: of the `limit` keys after `after`. The second is the key to go
    /// on after; `None` when there are no more.
    async fn sealed_answers(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        after: &str,
        limit: i64,
    ) -> Result<(Vec<SealedCell>, Option<String>)>;
    /// The proofs of an app registration.
    async fn sealed_proofs(
        &mut self,
        workspace: WorkspaceId,
        app: AppRegistrationId,
    ) -> Result<Vec<SealedCell>>;
    /// Puts `new` where `old` lies. False when something else lies there by now.
    async fn reseal(
        &mut self,
        workspace: WorkspaceId,
        old: &SealedCell,
        new: &Sealed,
    ) -> Result<bool>;
}
