use std::fmt::Display;

use async_trait::async_trait;
use jiff::Timestamp;
use model::WorkspaceId;

use crate::Result;

/// Something besides a connection that was removed, and that a restore from backup has to remove again: a key of the issuer, a
/// proof, an app registration or a webhook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    pub workspace_id: WorkspaceId,
    /// As text, whatever it is of.
    pub id: String,
    pub at: Timestamp,
}

impl Removal {
    pub fn new(workspace_id: WorkspaceId, id: impl Display, at: Timestamp) -> Self {
        Self {
            workspace_id,
            id: id.to_string(),
            at,
        }
    }
}

/// What is remembered of it. Connections have [deletions](crate::Deletion) of their own.
#[async_trait]
pub trait Removals {
    /// In the transaction of the removal. One that is noted already stays as it is.
    async fn note_removal(&mut self, removal: &Removal) -> Result<()>;
    /// Every one, oldest first.
    async fn removals(&mut self) -> Result<Vec<Removal>>;
    /// Removes it once more, with its data key, and notes it; whether it was there. An app registration that connections use
    /// stays.
    async fn remove_again(&mut self, removal: &Removal) -> Result<bool>;
}
