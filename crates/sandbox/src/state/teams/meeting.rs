//! Online meetings: <https://learn.microsoft.com/graph/api/resources/onlinemeeting>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A meeting, and what remains of it when it is over.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Meeting {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    /// Object id.
    pub(crate) organizer_id: String,
    pub(crate) subject: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) external_id: Option<String>,
    pub(crate) join_url: String,
    pub(crate) chat_id: String,
    /// Digits by which one joins without the link.
    pub(crate) join_id: String,
    pub(crate) passcode: Option<String>,
    pub(crate) attendees: Vec<Attendee>,
    /// Everything else that may be set, as Graph has it.
    pub(crate) settings: Map<String, Value>,
    pub(crate) reports: Vec<Report>,
    pub(crate) transcripts: Vec<Artifact>,
    pub(crate) recordings: Vec<Artifact>,
}

/// Somebody invited.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Attendee {
    pub(crate) user_id: Option<String>,
    pub(crate) upn: String,
    /// `attendee`, `presenter`, `coorganizer`
    pub(crate) role: String,
}

/// Who was there.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) id: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) records: Vec<Record>,
}

/// One person's presence in a meeting.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) user_id: String,
    pub(crate) role: String,
    pub(crate) joined_at: Timestamp,
    pub(crate) left_at: Timestamp,
}

/// A transcript (text of a VTT file) or a recording (Base64).
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Artifact {
    pub(crate) id: String,
    pub(crate) call_id: String,
    pub(crate) correlation_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) ended_at: Timestamp,
    pub(crate) content: String,
}
