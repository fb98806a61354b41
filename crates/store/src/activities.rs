use async_trait::async_trait;
use jiff::Timestamp;
use model::{Activity, ActivityId, ChainLink, ConnectionId, Phase, WorkspaceId, WriterId};

use crate::{Page, Result};

/// A line with its place in its writer's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedActivity {
    pub line: Activity,
    pub link: ChainLink,
}

/// Which lines are wanted; absent fields do not filter.
#[derive(Debug, Clone, Default)]
pub struct ActivityFilter {
    pub connection: Option<ConnectionId>,
    /// The whole action, or a prefix that ends in `.`.
    pub action: Option<String>,
    pub phase: Option<Phase>,
    pub since: Option<Timestamp>,
}

/// The append-only log.
#[async_trait]
pub trait Activities {
    /// Adds lines in the order given, in few statements however many they are.
    async fn append_activities(&mut self, lines: &[ChainedActivity]) -> Result<()>;
    /// Newest first; `page.after` goes back in time.
    async fn activities(
        &mut self,
        workspace: WorkspaceId,
        filter: &ActivityFilter,
        page: Page<ActivityId>,
    ) -> Result<Vec<Activity>>;
    async fn activity(
        &mut self,
        workspace: WorkspaceId,
        id: ActivityId,
    ) -> Result<Option<Activity>>;
    /// The line that tells how this intent ended, if one was written.
    async fn result_of(
        &mut self,
        workspace: WorkspaceId,
        intent: ActivityId,
    ) -> Result<Option<Activity>>;
    /// One writer's chain from `from_seq` on, in order, to be verified.
    async fn chain(
        &mut self,
        workspace: WorkspaceId,
        writer: WriterId,
        from_seq: i64,
        limit: i64,
    ) -> Result<Vec<ChainedActivity>>;
    /// Every writer that has lines in the workspace.
    async fn chain_writers(&mut self, workspace: WorkspaceId) -> Result<Vec<WriterId>>;
    /// Intents without a result whose writer is not among `alive`, oldest first: of every workspace.
    async fn orphaned_intents(&mut self, alive: &[WriterId], limit: i64) -> Result<Vec<Activity>>;
}
