use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ConnectionId, DataKeyId, EventId, WebhookId, WorkspaceId};

/// What happened to a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum EventKind {
    #[serde(rename = "connection.created")]
    Created,
    /// Transient trouble; it is retried by itself.
    #[serde(rename = "connection.degraded")]
    Degraded,
    #[serde(rename = "connection.needs_reconnect")]
    NeedsReconnect,
    #[serde(rename = "connection.needs_admin")]
    NeedsAdmin,
    /// A proof of its application ends soon.
    #[serde(rename = "connection.expiring")]
    Expiring,
    #[serde(rename = "connection.rotated")]
    Rotated,
    #[serde(rename = "connection.recovered")]
    Recovered,
    #[serde(rename = "connection.removed")]
    Removed,
}

impl EventKind {
    pub const ALL: [Self; 8] = [
        Self::Created,
        Self::Degraded,
        Self::NeedsReconnect,
        Self::NeedsAdmin,
        Self::Expiring,
        Self::Rotated,
        Self::Recovered,
        Self::Removed,
    ];

    /// The event's type in the feed and in webhooks.
    pub fn id(self) -> &'static str {
        match self {
            Self::Created => "connection.created",
            Self::Degraded => "connection.degraded",
            Self::NeedsReconnect => "connection.needs_reconnect",
            Self::NeedsAdmin => "connection.needs_admin",
            Self::Expiring => "connection.expiring",
            Self::Rotated => "connection.rotated",
            Self::Recovered => "connection.recovered",
            Self::Removed => "connection.removed",
        }
    }
}

/// One event, written in the transaction of the change that it tells of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    #[serde(skip_serializing)]
    pub workspace_id: WorkspaceId,
    #[serde(rename = "type")]
    pub kind: EventKind,
    #[serde(rename = "timestamp")]
    pub at: Timestamp,
    #[serde(skip_serializing)]
    pub connection_id: ConnectionId,
    /// Name, service, state and diagnosis as they were then; never a secret.
    pub data: serde_json::Value,
}

/// An address that events are sent to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Webhook {
    pub id: WebhookId,
    pub workspace_id: WorkspaceId,
    pub url: String,
    /// These types only; all when absent.
    pub kinds: Option<Vec<EventKind>>,
    /// Why and since when nothing is sent any more.
    pub disabled_at: Option<Timestamp>,
    #[serde(skip)]
    pub data_key_id: Option<DataKeyId>,
    pub created_at: Timestamp,
}
