//! What left a mailbox, for those who follow its changes.

use serde::{Deserialize, Serialize};

use super::Mailbox;

/// Older departures are forgotten, and who asks about them starts afresh.
const KEPT: usize = 20_000;

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

impl Mailbox {
    /// Notes a departure, so that it can be told.
    pub(crate) fn leave(&mut self, what: GoneItem) {
        let change = self.next();
        self.gone.push_back(Gone { change, what });
        if self.gone.len() > KEPT
            && let Some(oldest) = self.gone.pop_front()
        {
            self.forgotten = oldest.change;
        }
    }

    /// Departures after a change, oldest first.
    pub(crate) fn gone_after(&self, change: u64) -> impl Iterator<Item = &Gone> {
        self.gone.iter().filter(move |gone| gone.change > change)
    }

    /// Whether all that happened after a change can still be told.
    pub(crate) fn remembers(&self, change: u64) -> bool {
        (self.forgotten..=self.last).contains(&change)
    }

    /// Forgets what happened so far: who follows changes has to start afresh.
    pub(crate) fn forget_changes(&mut self) {
        self.gone.clear();
        self.forgotten = self.next();
    }
}
