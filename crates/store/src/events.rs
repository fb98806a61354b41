use async_trait::async_trait;
use jiff::Timestamp;
use model::{
    ConnectionId, Event, EventId, EventKind, Proof, ProofId, ProofKind, Sealed, Webhook, WebhookId,
    WorkspaceId, WriterId,
};
use serde::Serialize;

use crate::{Page, Result};

/// A webhook with the secret that signs what is sent to it, still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedWebhook {
    pub webhook: Webhook,
    pub sealed: Sealed,
}

/// An event on its way.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    pub webhook: SealedWebhook,
    pub event: Event,
    /// Tries that were made before.
    pub attempts: i64,
}

/// An event that a webhook has not taken yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DeliveryState {
    pub event_id: EventId,
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Tries that were made.
    pub attempts: i64,
    /// When it is tried next.
    pub next_at: Timestamp,
}

/// Proofs of one kind that end soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EndingProofs {
    pub kind: ProofKind,
    pub number: i64,
    pub first: Timestamp,
}

/// What happened to connections, and who is told.
#[async_trait]
pub trait Events {
    /// With a delivery to every webhook that wants it, due at once. Others who add one to the workspace wait until this is
    /// committed, so that it comes last in a transaction.
    async fn add_event(&mut self, event: &Event) -> Result<()>;
    /// In the order in which they were committed.
    async fn events(&mut self, workspace: WorkspaceId, page: Page<EventId>) -> Result<Vec<Event>>;
    /// Newest first.
    async fn latest_events(&mut self, workspace: WorkspaceId, limit: i64) -> Result<Vec<Event>>;
    /// Those of before `before`, delivered or not; answers how many.
    async fn purge_events(&mut self, before: Timestamp) -> Result<u64>;

    async fn create_webhook(&mut self, webhook: &SealedWebhook) -> Result<()>;
    /// By age.
    async fn webhooks(&mut self, workspace: WorkspaceId) -> Result<Vec<SealedWebhook>>;
    /// With what is on its way to it, and its data key.
    async fn delete_webhook(&mut self, workspace: WorkspaceId, id: WebhookId) -> Result<bool>;
    /// Nothing is sent there any more; what was on its way is given up.
    async fn disable_webhook(
        &mut self,
        workspace: WorkspaceId,
        id: WebhookId,
        at: Timestamp,
    ) -> Result<bool>;

    /// Takes those due at `now`: nobody else takes them before `until`.
    async fn take_deliveries(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        limit: i64,
    ) -> Result<Vec<Delivery>>;
    /// It did not arrive, and is tried again at `next_at`.
    async fn postpone_delivery(&mut self, delivery: &Delivery, next_at: Timestamp) -> Result<bool>;
    /// It arrived, or is given up.
    async fn end_delivery(&mut self, delivery: &Delivery) -> Result<bool>;
    /// On their way to that webhook, the next first.
    async fn deliveries_to(
        &mut self,
        workspace: WorkspaceId,
        webhook: WebhookId,
        limit: i64,
    ) -> Result<Vec<DeliveryState>>;
    /// How many are on their way.
    async fn count_deliveries(&mut self) -> Result<i64>;
}

/// What jobs ask, and how replicas keep out of each other's way.
#[async_trait]
pub trait Jobs {
    /// Whether `owner` may do the job for `secs` seconds from now, by the database's time.
    async fn take_job(&mut self, name: &str, owner: WriterId, secs: i64) -> Result<bool>;
    /// Usable connections that were last looked after before `before`, the longest ago first.
    async fn connections_to_check(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>>;
    async fn mark_checked(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        at: Timestamp,
    ) -> Result<bool>;
    /// Proofs in use that are to be looked at by `now`, with the days that were warned of last; the longest due first.
    async fn proofs_to_warn(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(Proof, Option<i64>)>>;
    /// When it is to be looked at next; `None` for never.
    async fn look_at_proof(
        &mut self,
        workspace: WorkspaceId,
        proof: ProofId,
        next: Option<Timestamp>,
    ) -> Result<bool>;
    /// When it ends, as was learnt at `now`: it is looked at anew, as one that nobody was warned of.
    async fn set_proof_end(
        &mut self,
        workspace: WorkspaceId,
        proof: ProofId,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<bool>;
    /// False when another replica did.
    async fn mark_warned(
        &mut self,
        workspace: WorkspaceId,
        proof: ProofId,
        before: Option<i64>,
        days: i64,
    ) -> Result<bool>;
    /// Client secrets and certificates in use that end before `before`, of applications that replace them by themselves; by id.
    async fn proofs_to_rotate(
        &mut self,
        before: Timestamp,
        page: Page<ProofId>,
    ) -> Result<Vec<Proof>>;
    /// Proofs in use that end before `before`, of every workspace: how many of each kind, and the first end.
    async fn proofs_ending(&mut self, before: Timestamp) -> Result<Vec<EndingProofs>>;
}
