use std::str::FromStr;

use async_trait::async_trait;
use jiff::Timestamp;
use model::{MemberId, WorkspaceId};

use crate::Result;

/// How a set-up without the portal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BootstrapState {
    SigningIn,
    Working,
    Done,
    Failed,
    /// Another one of the same name goes on instead.
    Superseded,
}

impl BootstrapState {
    const ALL: [Self; 5] = [
        Self::SigningIn,
        Self::Working,
        Self::Done,
        Self::Failed,
        Self::Superseded,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::SigningIn => "signing_in",
            Self::Working => "working",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }
}

impl FromStr for BootstrapState {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.id() == text)
            .ok_or_else(|| format!("`{text}` is no state of a set-up"))
    }
}

/// What is known of one, without anything of the administrator who signed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootstrapRow {
    pub workspace_id: WorkspaceId,
    pub id: String,
    pub begun_by: MemberId,
    /// Of the application that it makes.
    pub name: String,
    pub state: BootstrapState,
    /// The sign-in that goes on with it; whoever has another one stops.
    pub holder: String,
    pub wanted: serde_json::Value,
    pub progress: serde_json::Value,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// Set-ups without the portal.
#[async_trait]
pub trait Bootstraps {
    /// A new one, or another sign-in for a known one.
    async fn put_bootstrap(&mut self, row: &BootstrapRow) -> Result<()>;
    async fn bootstrap(&mut self, workspace: WorkspaceId, id: &str)
    -> Result<Option<BootstrapRow>>;
    /// Of one member, the latest first, `limit` at most.
    async fn bootstraps(
        &mut self,
        workspace: WorkspaceId,
        begun_by: MemberId,
        limit: i64,
    ) -> Result<Vec<BootstrapRow>>;
    /// State and progress. False when another holder goes on with it, or nobody does any more.
    async fn save_bootstrap(&mut self, row: &BootstrapRow) -> Result<bool>;
    /// Stops every other one of its name that is under way; answers how many.
    async fn supersede_bootstraps(&mut self, by: &BootstrapRow) -> Result<u64>;
    async fn delete_bootstrap(&mut self, workspace: WorkspaceId, id: &str) -> Result<bool>;
    /// Removes those of all workspaces that nobody touched since `before`; answers how many.
    async fn purge_bootstraps(&mut self, before: Timestamp) -> Result<u64>;
}
