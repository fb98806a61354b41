//! The append-only log. Each line is chained by hash to the one that the same writer wrote before it in the same
//! workspace, so that a line removed or changed shows.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{ActivityId, ConnectionId, OperationKind, WorkspaceId, WriterId, sha256};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActivityKind {
    /// An operation or pass-through request: read, write, delete or action.
    Operation(OperationKind),
    /// A token that was minted or renewed, or handed out to a caller.
    Token,
    /// A change to connections, registrations, keys, members or policies.
    Change,
    /// Sign-in and sign-out of our own members, and refusals of callers.
    Access,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", content = "id", rename_all = "snake_case")]
pub enum Actor {
    Member(String),
    ApiKey(String),
    /// Whoever opened the socket in the data directory: the owner, as far as this machine tells.
    Local,
    /// A job of Consentry itself.
    System,
    /// Not signed in.
    Anonymous,
}

/// A write leaves two lines: its intent before anything is sent, its result before it is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    Intent,
    Result,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Of an intent: not known yet.
    Started,
    Ok,
    /// Microsoft, or the network, did not do it.
    Failed,
    /// Consentry did not let it.
    Denied,
    /// It may or may not have happened.
    Uncertain,
}

/// The ids under which Microsoft knows the request.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoteIds {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_request_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The token's own id (`uti`), by which Microsoft's logs know every call that was made with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uti: Option<String>,
}

/// One line: who, through which connection, did what, to what, with which result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    pub id: ActivityId,
    pub workspace_id: WorkspaceId,
    pub at: Timestamp,
    pub actor: Actor,
    pub kind: ActivityKind,
    /// An operation id, or a verb of our own: `connection.create`, `token.renew`, `session.open`.
    pub action: String,
    pub connection_id: Option<ConnectionId>,
    /// The mailbox, drive, site, table or company; never content.
    pub target: Option<String>,
    pub phase: Phase,
    /// On a result: the line that announced it.
    pub intent_id: Option<ActivityId>,
    pub outcome: Outcome,
    /// HTTP status of Microsoft's answer.
    pub status: Option<u16>,
    /// Our error code, or Microsoft's.
    pub code: Option<String>,
    pub duration_us: Option<i64>,
    /// Of a file, where one travelled to Microsoft. Absent from the hash of lines without it, those of before among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_sent: Option<i64>,
    /// Of a file, or of a raw answer, as far as it was passed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes_received: Option<i64>,
    pub remote: RemoteIds,
}

/// A line's place in its writer's chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainLink {
    pub writer: WriterId,
    /// From 1, without gaps, per (workspace, writer).
    pub seq: i64,
    /// The hash before it; zeros for the first.
    pub prev_hash: [u8; 32],
    pub hash: [u8; 32],
}

impl ChainLink {
    /// The first link of `writer`'s chain, for `line`.
    pub fn first(writer: WriterId, line: &Activity) -> Self {
        Self::at(writer, 1, [0; 32], line)
    }

    /// The link that follows this one, for `line`.
    #[must_use]
    pub fn next(&self, line: &Activity) -> Self {
        Self::at(self.writer, self.seq + 1, self.hash, line)
    }

    /// Whether this link fits `line` and its own fields: false when either was changed.
    pub fn fits(&self, line: &Activity) -> bool {
        *self == Self::at(self.writer, self.seq, self.prev_hash, line)
    }

    fn at(writer: WriterId, seq: i64, prev_hash: [u8; 32], line: &Activity) -> Self {
        let body = serde_json::to_vec(&(writer, seq, hex::encode(prev_hash), line))
            .expect("a line is plain data and always serialises");
        Self {
            writer,
            seq,
            prev_hash,
            hash: sha256(&body),
        }
    }
}
