//! Upload sessions: <https://learn.microsoft.com/graph/api/driveitem-createuploadsession>

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::{Content, FileData};
use super::item::{Author, ItemTimes};
use super::quick_xor::QuickXor;
use super::tree::Conflict;

/// How long a session lives after its last piece.
const IDLE: SignedDuration = SignedDuration::from_hours(24);

/// A file on its way in.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct UploadSession {
    /// What the drive is kept under.
    pub(crate) drive: String,
    pub(crate) author: Author,
    pub(crate) place: Place,
    pub(crate) conflict: Conflict,
    pub(crate) times: ItemTimes,
    pub(crate) description: Option<String>,
    /// The file appears when it is told to, not with the last byte.
    pub(crate) is_deferred: bool,
    pub(crate) content: Content,
    /// Of what has come.
    pub(crate) hash: QuickXor,
    /// Bytes that have come.
    pub(crate) received: u64,
    /// Size of the whole, known from the first piece on.
    pub(crate) total: Option<u64>,
    pub(crate) expires_at: Timestamp,
    /// First byte of the piece that came last.
    #[serde(default)]
    pub(crate) last_piece: u64,
    /// The file that it became. The last piece may be sent again, in case its answer was lost.
    #[serde(default)]
    pub(crate) became: Option<Uuid>,
}

/// Where the file will be.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Place {
    /// An existing file gets new content.
    Item(Uuid),
    /// A name in a folder.
    Name(Uuid, String),
}

impl UploadSession {
    pub(crate) fn new(
        drive: &str,
        author: Author,
        place: Place,
        content: Content,
        now: Timestamp,
    ) -> Self {
        Self {
            drive: drive.to_owned(),
            author,
            place,
            conflict: Conflict::Fail,
            times: ItemTimes::default(),
            description: None,
            is_deferred: false,
            content,
            hash: QuickXor::default(),
            received: 0,
            total: None,
            expires_at: until(now),
            last_piece: 0,
            became: None,
        }
    }

    /// Notes a piece that was stored, with the hash of everything up to its end.
    pub(crate) fn grew(&mut self, length: u64, hash: QuickXor, now: Timestamp) {
        self.hash = hash;
        self.last_piece = self.received;
        self.received += length;
        self.expires_at = until(now);
    }

    pub(crate) fn is_complete(&self) -> bool {
        self.total == Some(self.received)
    }

    /// `["0-"]`, or with the size known `["327680-655359"]`; nothing when all has come.
    pub(crate) fn missing(&self) -> Vec<String> {
        match self.total {
            Some(total) if total == self.received => Vec::new(),
            Some(total) => vec![format!("{}-{}", self.received, total.saturating_sub(1))],
            None => vec![format!("{}-", self.received)],
        }
    }

    /// The whole file.
    pub(crate) fn data(&self) -> FileData {
        FileData {
            content: self.content.clone(),
            size: self.received,
            hash: self.hash.finish(),
        }
    }
}

fn until(now: Timestamp) -> Timestamp {
    now.saturating_add(IDLE).unwrap_or(Timestamp::MAX)
}
