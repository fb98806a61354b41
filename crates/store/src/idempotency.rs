use async_trait::async_trait;
use jiff::Timestamp;
use model::{ActivityId, ConnectionId, Sealed, WorkspaceId, WriterId};

use crate::Result;

/// A caller's `Idempotency-Key`, taken before the request is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The caller's own text, prefixed by who the caller is, so that two callers' keys never meet.
    pub key: String,
    /// SHA-256 of what was asked: the same key with another request is refused.
    pub request_hash: [u8; 32],
    pub connection_id: ConnectionId,
    pub writer: WriterId,
    /// The activity line that is written before the request leaves. A claim whose intent line does not exist was never sent.
    pub intent_id: ActivityId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

/// What was answered, to be answered again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub status: u16,
    /// Headers and body, sealed by the connection's data key.
    pub sealed: Sealed,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyRow {
    pub claim: Claim,
    /// `None` while it runs, or when whoever ran it died.
    pub answer: Option<Answer>,
    /// Where a long write is, sealed like an answer, for whoever takes over.
    pub progress: Option<Sealed>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClaimOutcome {
    Claimed,
    Existing(IdempotencyRow),
}

/// Keys that callers repeat writes with: at most one request each, for a day.
#[async_trait]
pub trait Idempotency {
    /// Takes the key if nobody has; an expired row is replaced.
    async fn claim(&mut self, workspace: WorkspaceId, claim: &Claim) -> Result<ClaimOutcome>;
    /// Makes a dead writer's claim ours. False when another took it first, or it was answered.
    async fn reclaim(&mut self, workspace: WorkspaceId, dead: &Claim, ours: &Claim)
    -> Result<bool>;
    /// False when the claim is no longer `writer`'s, or was answered.
    async fn note_progress(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
        writer: WriterId,
        progress: &Sealed,
    ) -> Result<bool>;
    /// False when the claim is no longer `writer`'s.
    async fn answer_claim(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
        writer: WriterId,
        answer: &Answer,
    ) -> Result<bool>;
    /// Gives a claim up that was never sent, so that the key can be used again.
    async fn abandon_claim(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
        writer: WriterId,
    ) -> Result<bool>;
    async fn purge_claims(&mut self, now: Timestamp) -> Result<u64>;
}

/// Processes: each start of each replica is a writer that beats while it lives.
#[async_trait]
pub trait Writers {
    async fn register_writer(&mut self, writer: WriterId, now: Timestamp) -> Result<()>;
    /// Marks it alive at the database's own time, and says by which master key it wraps; after a blank, which one
    /// it holds and waits to wrap by.
    async fn beat(&mut self, writer: WriterId, master_key: &str) -> Result<()>;
    /// Those whose last beat is at most `within_secs` old, by the database's clock.
    async fn writers_alive(&mut self, within_secs: i64) -> Result<Vec<WriterId>>;
    /// What those that are alive say of their master keys; `None` of one that did not.
    async fn master_keys_of(&mut self, within_secs: i64) -> Result<Vec<Option<String>>>;
    /// An orderly end: not alive from now on.
    async fn retire_writer(&mut self, writer: WriterId) -> Result<()>;
}
