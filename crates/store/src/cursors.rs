use async_trait::async_trait;
use jiff::Timestamp;
use model::{ConnectionId, Sealed, WorkspaceId};

use crate::Result;

/// Where a delta query is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CursorRow {
    /// The caller's own, one of its kind in the connection.
    pub name: String,
    pub operation: String,
    /// How often it was moved, from one.
    pub round: i64,
    /// Microsoft's link and what it belongs to, sealed by the connection's data key.
    pub sealed: Sealed,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Delta queries that go on where they were. They are deleted with their connection.
#[async_trait]
pub trait Cursors {
    async fn cursor(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        name: &str,
    ) -> Result<Option<CursorRow>>;
    /// By name.
    async fn cursors(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Vec<CursorRow>>;
    /// Stores the row's round where the one before it is what is there: none, for the first. False when somebody else moved it.
    async fn move_cursor(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        row: &CursorRow,
    ) -> Result<bool>;
    async fn delete_cursor(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        name: &str,
    ) -> Result<bool>;
}
