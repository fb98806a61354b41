//! An event and its parts.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::recurrence::Recurrence;
use crate::state::mail::message::{Address, Attachment, Body, Importance};

/// An appointment, one's own meeting, or one's copy of somebody else's. A series is one event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Event {
    /// What its ids name.
    pub(crate) key: u64,
    pub(crate) calendar: u32,
    /// Counts changes in the mailbox; the inside of `changeKey`.
    pub(crate) change: u64,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// The same in every mailbox that has the meeting.
    pub(crate) uid: String,
    pub(crate) transaction_id: Option<String>,
    pub(crate) is_organizer: bool,
    pub(crate) organizer: Address,
    /// What this mailbox's owner answered.
    pub(crate) response: Response,
    pub(crate) is_cancelled: bool,
    pub(crate) recurrence: Option<Recurrence>,
    /// Days of the series that were taken out.
    pub(crate) deleted: BTreeSet<Date>,
    /// Days of the series that are different.
    pub(crate) exceptions: BTreeMap<Date, Details>,
    pub(crate) details: Details,
}

/// What may differ between the days of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a property of the event's own"
)]
pub(crate) struct Details {
    pub(crate) subject: String,
    pub(crate) body: Body,
    pub(crate) span: Span,
    pub(crate) is_all_day: bool,
    /// `location`s as Graph has them, checked when they came.
    pub(crate) locations: Vec<Value>,
    pub(crate) attendees: Vec<Attendee>,
    pub(crate) importance: Importance,
    pub(crate) sensitivity: String,
    pub(crate) show_as: String,
    pub(crate) categories: Vec<String>,
    pub(crate) reminder_minutes: i32,
    pub(crate) is_reminder_on: bool,
    pub(crate) response_requested: bool,
    pub(crate) allow_new_time_proposals: bool,
    pub(crate) hide_attendees: bool,
    pub(crate) attachments: Vec<Attachment>,
    /// Address to join at; with it the event is an online meeting.
    pub(crate) join_url: Option<String>,
}

/// From when to when. Of an all-day event these are midnights, read as UTC wherever the reader is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Span {
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    /// Names of the time zones that the writer thought in.
    pub(crate) start_zone: String,
    pub(crate) end_zone: String,
}

/// Somebody who was invited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Attendee {
    pub(crate) address: Address,
    pub(crate) kind: AttendeeKind,
    pub(crate) response: Response,
}

/// `attendeeType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AttendeeKind {
    #[default]
    Required,
    Optional,
    Resource,
}

/// `responseStatus`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Response {
    pub(crate) answer: Answer,
    pub(crate) at: Option<Timestamp>,
}

/// `responseType`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Answer {
    #[default]
    None,
    Organizer,
    TentativelyAccepted,
    Accepted,
    Declined,
    NotResponded,
}

impl Answer {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Organizer => "organizer",
            Self::TentativelyAccepted => "tentativelyAccepted",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::NotResponded => "notResponded",
        }
    }
}

impl AttendeeKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Optional => "optional",
            Self::Resource => "resource",
        }
    }
}

impl Default for Details {
    fn default() -> Self {
        Self {
            subject: String::new(),
            body: Body::html(""),
            span: Span {
                start: Timestamp::UNIX_EPOCH,
                end: Timestamp::UNIX_EPOCH,
                start_zone: "UTC".to_owned(),
                end_zone: "UTC".to_owned(),
            },
            is_all_day: false,
            locations: Vec::new(),
            attendees: Vec::new(),
            importance: Importance::Normal,
            sensitivity: "normal".to_owned(),
            show_as: "busy".to_owned(),
            categories: Vec::new(),
            reminder_minutes: 15,
            is_reminder_on: true,
            response_requested: true,
            allow_new_time_proposals: true,
            hide_attendees: false,
            attachments: Vec::new(),
            join_url: None,
        }
    }
}

impl Event {
    /// A new event of `organizer`, not stored yet.
    pub(crate) fn new(
        calendar: u32,
        organizer: Address,
        uid: String,
        details: Details,
        now: Timestamp,
    ) -> Self {
        Self {
            key: 0,
            calendar,
            change: 0,
            created: now,
            modified: now,
            uid,
            transaction_id: None,
            is_organizer: true,
            organizer,
            response: Response {
                answer: Answer::Organizer,
                at: None,
            },
            is_cancelled: false,
            recurrence: None,
            deleted: BTreeSet::new(),
            exceptions: BTreeMap::new(),
            details,
        }
    }

    /// Whether others were invited.
    pub(crate) fn is_meeting(&self) -> bool {
        !self.details.attendees.is_empty()
    }
}
