//! Large attachments on their way: <https://learn.microsoft.com/graph/outlook-large-attachments>

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::message::Attachment;

/// How long a session lives.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24);

/// A file that comes in pieces.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct AttachmentUpload {
    /// User id of the mailbox's owner.
    pub(crate) owner: String,
    pub(crate) parent: UploadParent,
    /// With the bytes that have come.
    pub(crate) attachment: Attachment,
    /// Bytes of the whole.
    pub(crate) size: usize,
    pub(crate) expires_at: Timestamp,
}

/// What the file will be attached to, by its key in the mailbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UploadParent {
    Message(u64),
    Event(u64),
}

impl AttachmentUpload {
    pub(crate) fn new(
        owner: &str,
        parent: UploadParent,
        attachment: Attachment,
        size: usize,
        now: Timestamp,
    ) -> Self {
        Self {
            owner: owner.to_owned(),
            parent,
            attachment,
            size,
            expires_at: now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX),
        }
    }

    pub(crate) fn received(&self) -> usize {
        self.attachment.content.len()
    }
}
