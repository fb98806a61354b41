//! What left a mailbox, for those who follow its changes.

use serde::{Deserialize, Serialize};

/// Older departures are forgotten, and who asks about them starts afresh.
pub(super) const KEPT: usize = 20_000;

/// Something that is no longer where it was.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Gone {
    /// The mailbox's counter when it left.
    pub(crate) change: u64,
    pub(crate) what: GoneItem,
}

/// What left, by the numbers that its ids were made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum GoneItem {
    /// A message, from one folder: moved or deleted.
    Message {
        folder: u32,
        item: u64,
        key: u64,
    },
    Folder {
        number: u32,
    },
    /// An event, from a calendar.
    Event {
        calendar: u32,
        key: u64,
    },
    /// A contact, from a folder.
    Contact {
        folder: u32,
        key: u64,
    },
}
