use async_trait::async_trait;
use jiff::Timestamp;
use model::{WorkspaceId, WriterId};
use serde::{Deserialize, Serialize};

use crate::Result;

/// The last line of a writer's chain, when a checkpoint was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    pub writer: WriterId,
    pub seq: i64,
    /// Hexadecimal.
    pub hash: String,
}

/// Signed heads of chains, joined to the checkpoint before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    pub workspace_id: WorkspaceId,
    /// From one, without gaps.
    pub number: i64,
    pub at: Timestamp,
    /// Of the chains that went on since the one before.
    pub heads: Vec<ChainHead>,
    pub prev_hash: [u8; 32],
    pub hash: [u8; 32],
    pub key_id: String,
    pub signature: Vec<u8>,
}

/// Checkpoints of the activity log.
#[async_trait]
pub trait Checkpoints {
    /// Heads of chains that went on since the last checkpoint.
    async fn moved_heads(&mut self, workspace: WorkspaceId) -> Result<Vec<ChainHead>>;
    /// With the heads marked as vouched for. [`Exists`](crate::Error::Exists) when another has its number.
    async fn add_checkpoint(&mut self, checkpoint: &Checkpoint) -> Result<()>;
    async fn last_checkpoint(&mut self, workspace: WorkspaceId) -> Result<Option<Checkpoint>>;
    /// By number, after `after`.
    async fn checkpoints(
        &mut self,
        workspace: WorkspaceId,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Checkpoint>>;
}
