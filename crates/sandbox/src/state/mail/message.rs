//! A message and its parts.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::state::calendar::meeting::Meeting;

/// One message in one mailbox. Typed and compact; its JSON is made when somebody reads it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Message {
    /// Stays through every move: what an immutable id names.
    pub(crate) key: u64,
    /// New with every move: what an ordinary id names, together with the folder.
    pub(crate) item: u64,
    pub(crate) folder: u32,
    /// Counts changes in the mailbox; the inside of `changeKey`.
    pub(crate) change: u64,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    pub(crate) received: Timestamp,
    pub(crate) sent: Timestamp,
    pub(crate) is_read: bool,
    pub(crate) is_draft: bool,
    /// Without the angle-bracketed id's meaning known: kept as the client gave it, or made here.
    pub(crate) internet_message_id: String,
    /// The message that this one answers.
    pub(crate) in_reply_to: Option<String>,
    pub(crate) conversation: Uuid,
    /// Reply steps in seconds since the conversation began.
    pub(crate) reply_steps: Vec<u32>,
    pub(crate) conversation_start: Timestamp,
    pub(crate) content: Content,
}

/// What a writer sets.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Content {
    pub(crate) subject: String,
    pub(crate) body: Body,
    /// The first 255 characters of the text.
    pub(crate) preview: String,
    pub(crate) from: Option<Address>,
    pub(crate) sender: Option<Address>,
    pub(crate) to: Vec<Address>,
    pub(crate) cc: Vec<Address>,
    pub(crate) bcc: Vec<Address>,
    pub(crate) reply_to: Vec<Address>,
    pub(crate) importance: Importance,
    pub(crate) inference: Inference,
    pub(crate) flag: Flag,
    pub(crate) categories: Vec<String>,
    pub(crate) receipts: Receipts,
    /// The writer's own, `x-…` only.
    pub(crate) headers: Vec<Header>,
    pub(crate) attachments: Vec<Attachment>,
    pub(crate) extended: Vec<ExtendedProperty>,
    /// Set for what is about a meeting.
    #[serde(default)]
    pub(crate) meeting: Option<Box<Meeting>>,
}

/// `body`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Body {
    pub(crate) kind: BodyKind,
    pub(crate) content: String,
}

/// `bodyType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum BodyKind {
    #[default]
    Text,
    Html,
}

/// `emailAddress`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Address {
    pub(crate) name: String,
    pub(crate) address: String,
}

/// `importance`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Importance {
    Low,
    #[default]
    Normal,
    High,
}

/// `inferenceClassification`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Inference {
    #[default]
    Focused,
    Other,
}

/// `followupFlag`; its times are kept as sent, a `dateTimeTimeZone` each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Flag {
    pub(crate) status: FlagStatus,
    pub(crate) start: Option<ZonedText>,
    pub(crate) due: Option<ZonedText>,
    pub(crate) completed: Option<ZonedText>,
}

/// `dateTimeTimeZone`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ZonedText {
    pub(crate) date_time: String,
    pub(crate) time_zone: String,
}

/// `flagStatus`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum FlagStatus {
    #[default]
    NotFlagged,
    Complete,
    Flagged,
}

/// Receipts that the sender asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Receipts {
    pub(crate) read: bool,
    pub(crate) delivery: Option<bool>,
}

/// `internetMessageHeader`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// `singleValueLegacyExtendedProperty`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ExtendedProperty {
    pub(crate) id: String,
    pub(crate) value: String,
}

/// What an attachment is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AttachmentKind {
    /// Bytes.
    #[default]
    File,
    /// A message, an event or a contact, as it was written.
    Item(Value),
    /// A link to a file elsewhere.
    Reference,
}

/// `attachment`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attachment {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) is_inline: bool,
    pub(crate) content_id: Option<String>,
    pub(crate) modified: Timestamp,
    #[serde(with = "super::bytes")]
    pub(crate) content: Vec<u8>,
    #[serde(default)]
    pub(crate) kind: AttachmentKind,
}

impl Content {
    /// Replaces the body, and the preview with it.
    pub(crate) fn set_body(&mut self, body: Body) {
        self.body = body.normalised();
        self.preview = self.body.preview();
    }

    /// Whether a reader sees a paper clip: inline pictures do not count.
    pub(crate) fn has_attachments(&self) -> bool {
        self.attachments
            .iter()
            .any(|attachment| !attachment.is_inline)
    }

    /// Everyone it goes to, hidden ones included.
    pub(crate) fn recipients(&self) -> impl Iterator<Item = &Address> {
        self.to.iter().chain(&self.cc).chain(&self.bcc)
    }
}

impl Message {
    /// Roughly what the item takes in the store.
    pub(crate) fn size_bytes(&self) -> usize {
        let attachments: usize = self
            .content
            .attachments
            .iter()
            .map(|attachment| attachment.content.len())
            .sum();
        2_048 + self.content.subject.len() + self.content.body.content.len() + attachments
    }
}

impl Address {
    /// Whether both mean one mailbox, whatever they call it.
    pub(crate) fn is_same_mailbox(&self, other: &Self) -> bool {
        self.address.eq_ignore_ascii_case(&other.address)
    }
}
