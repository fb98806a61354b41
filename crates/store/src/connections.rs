use std::collections::BTreeSet;
use std::str::FromStr;

use async_trait::async_trait;
use jiff::Timestamp;
use model::{
    AppRegistrationId, AttemptId, Connection, ConnectionId, MemberId, PermissionSet, Sealed,
    WorkspaceId,
};

use crate::{Page, Result};

/// A removal that a restore from backup has to repeat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    pub workspace_id: WorkspaceId,
    pub connection_id: ConnectionId,
    pub at: Timestamp,
}

#[async_trait]
pub trait Connections {
    async fn create_connection(&mut self, connection: &Connection) -> Result<()>;
    async fn connection(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<Option<Connection>>;
    async fn connection_by_name(
        &mut self,
        workspace: WorkspaceId,
        name: &str,
    ) -> Result<Option<Connection>>;
    /// By id, which is by age.
    async fn connections(
        &mut self,
        workspace: WorkspaceId,
        page: Page<ConnectionId>,
    ) -> Result<Vec<Connection>>;
    async fn connections_of_app(
        &mut self,
        workspace: WorkspaceId,
        app: AppRegistrationId,
    ) -> Result<Vec<Connection>>;
    /// The connection, which nobody else changes until this transaction ends. Whoever changes more than one row of what belongs
    /// to a connection asks for this first, so that nobody waits for somebody who waits for them.
    async fn hold_connection(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<Option<Connection>>;
    /// Keeps these connections, those that there are, from being removed until this transaction ends.
    async fn keep_connections(&mut self, ids: &BTreeSet<(WorkspaceId, ConnectionId)>)
    -> Result<()>;
    /// Writes all fields where the stored version is `connection.version`, and raises that by one. False when
    /// somebody else changed it first.
    async fn update_connection(&mut self, connection: &Connection) -> Result<bool>;
    /// Removes the row with its tokens, attempts, credentials and data key, and notes the deletion.
    async fn delete_connection(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectionId,
        at: Timestamp,
    ) -> Result<bool>;
    /// Notes a deletion of elsewhere, unless it is noted already.
    async fn note_deletion(&mut self, deletion: &Deletion) -> Result<()>;
    /// Every deletion noted since `since`, oldest first.
    async fn deletions(&mut self, since: Timestamp) -> Result<Vec<Deletion>>;
}

/// How far a try at consent has come. Each step happens once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AttemptState {
    /// The page can be opened.
    Open,
    /// The browser was sent to Microsoft: state and cookie are bound.
    Sent,
    /// One callback has the code and redeems it. A crash here ends the attempt; the person starts again.
    Redeeming,
    /// The code was redeemed; the account waits to be confirmed.
    Received,
    /// The connection uses what was received.
    Confirmed,
    /// Refused, failed or thrown away.
    Failed,
}

impl AttemptState {
    const ALL: [Self; 6] = [
        Self::Open,
        Self::Sent,
        Self::Redeeming,
        Self::Received,
        Self::Confirmed,
        Self::Failed,
    ];

    pub fn id(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Sent => "sent",
            Self::Redeeming => "redeeming",
            Self::Received => "received",
            Self::Confirmed => "confirmed",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for AttemptState {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|state| state.id() == text)
            .ok_or_else(|| format!("`{text}` is no state of an attempt"))
    }
}

/// One try at consent for a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub workspace_id: WorkspaceId,
    pub connection_id: ConnectionId,
    pub requested_by: MemberId,
    /// SHA-256 of the secret in the page's address.
    pub secret_hash: [u8; 32],
    /// SHA-256 of the `state` sent to Microsoft.
    pub state_hash: Option<[u8; 32]>,
    /// SHA-256 of the cookie that the browser was given.
    pub cookie_hash: Option<[u8; 32]>,
    /// Nonce and PKCE verifier, later the tokens that wait for confirmation; sealed by the connection's data key.
    pub sealed: Option<Sealed>,
    pub state: AttemptState,
    /// Asked for beyond what the connection asks for, which takes them over when this is confirmed.
    pub permissions: PermissionSet,
    /// Why it failed, or who signed in, as JSON for the page.
    pub note: Option<String>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// Tries at consent. They are found by a secret before the workspace is known.
#[async_trait]
pub trait Attempts {
    async fn create_attempt(&mut self, attempt: &Attempt) -> Result<()>;
    async fn attempt_by_secret(&mut self, secret_hash: [u8; 32]) -> Result<Option<Attempt>>;
    async fn attempt_by_state(&mut self, state_hash: [u8; 32]) -> Result<Option<Attempt>>;
    /// Writes all changeable fields where the stored state is still `from`: each step is taken once. False
    /// when another request took it.
    async fn advance_attempt(&mut self, from: AttemptState, attempt: &Attempt) -> Result<bool>;
    /// Removes those that ended before `now`; answers how many.
    async fn purge_attempts(&mut self, now: Timestamp) -> Result<u64>;
}
