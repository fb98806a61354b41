use std::str::FromStr;

use async_trait::async_trait;
use jiff::Timestamp;
use model::{ConnectionId, ConsentRequestId, MemberId, PermissionSet, WorkspaceId};
use serde::Serialize;

use crate::Result;

/// What the administrator said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsentAnswer {
    /// Nothing yet.
    Waiting,
    Granted,
    Declined,
}

impl ConsentAnswer {
    const ALL: [Self; 3] = [Self::Waiting, Self::Granted, Self::Declined];

    pub fn id(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Granted => "granted",
            Self::Declined => "declined",
        }
    }
}

impl FromStr for ConsentAnswer {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|answer| answer.id() == text)
            .ok_or_else(|| format!("`{text}` is no answer to a request for consent"))
    }
}

/// An administrator of the tenant was asked to consent for everybody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentRequest {
    pub id: ConsentRequestId,
    pub workspace_id: WorkspaceId,
    pub connection_id: ConnectionId,
    pub requested_by: MemberId,
    /// SHA-256 of the secret in the address of the page where whoever could not consent waits.
    pub secret_hash: Option<[u8; 32]>,
    /// What Microsoft's answer is recognised by. Knowing it grants nothing.
    pub state: String,
    pub permissions: PermissionSet,
    /// Microsoft's code for why the user could not consent; empty where nobody tried.
    pub code: String,
    pub answer: ConsentAnswer,
    pub created_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// Requests for an administrator's consent, one a connection. They are found by a secret or by the answer before the
/// workspace is known.
#[async_trait]
pub trait ConsentRequests {
    /// In place of the connection's earlier one. [`Dangling`](crate::Error::Dangling) where the connection is gone.
    async fn put_consent_request(&mut self, request: &ConsentRequest) -> Result<()>;
    async fn consent_request_by_secret(
        &mut self,
        secret_hash: [u8; 32],
    ) -> Result<Option<ConsentRequest>>;
    async fn consent_request_by_state(&mut self, state: &str) -> Result<Option<ConsentRequest>>;
    async fn consent_request(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<ConsentRequest>>;
    /// The newest first, `limit` at most.
    async fn consent_requests(
        &mut self,
        workspace: WorkspaceId,
        limit: i64,
    ) -> Result<Vec<ConsentRequest>>;
    /// False when it was replaced meanwhile.
    async fn answer_consent_request(
        &mut self,
        workspace: WorkspaceId,
        id: ConsentRequestId,
        answer: ConsentAnswer,
        at: Timestamp,
    ) -> Result<bool>;
    /// Once it has served its purpose.
    async fn delete_consent_request(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<bool>;
    /// Removes those that ended before `now`; answers how many.
    async fn purge_consent_requests(&mut self, now: Timestamp) -> Result<u64>;
}
