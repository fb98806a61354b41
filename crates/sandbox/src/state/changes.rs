//! What has happened to things that somebody may watch: the one feed that change notifications are made from.
//!
//! Whoever changes something says so with [`Changes::note`] in the same write. The notifier empties the feed right after.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

/// Changes that may wait for the notifier; the oldest makes room.
const MAX_WAITING: usize = 100_000;

/// Changes since the notifier last looked.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Changes {
    waiting: VecDeque<Change>,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Change {
    pub(crate) tenant_id: String,
    pub(crate) kind: ChangeKind,
    pub(crate) what: What,
}

/// Microsoft's three change types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ChangeKind {
    Created,
    Updated,
    Deleted,
}

impl ChangeKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Deleted => "deleted",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::Created, Self::Updated, Self::Deleted]
            .into_iter()
            .find(|kind| kind.name().eq_ignore_ascii_case(name))
    }
}

/// The thing, by the ids that its address has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum What {
    /// A message of a mailbox; `folder` is its folder's id.
    Message {
        user: String,
        folder: String,
        id: String,
    },
    Event {
        user: String,
        id: String,
    },
    Contact {
        user: String,
        id: String,
    },
    /// Something in a drive.
    Drive {
        id: String,
    },
    /// Something in a list.
    List {
        site: String,
        list: String,
    },
    Team {
        team: String,
    },
    Channel {
        team: String,
        channel: String,
    },
    /// A message of a channel, or a reply to the one in `thread`.
    ChannelMessage {
        team: String,
        channel: String,
        thread: Option<String>,
        id: String,
    },
    Chat {
        chat: String,
    },
    ChatMessage {
        chat: String,
        id: String,
    },
    User {
        id: String,
    },
    Group {
        id: String,
    },
    Presence {
        user: String,
    },
}

impl Changes {
    /// Says that something happened.
    pub(crate) fn note(&mut self, tenant_id: &str, kind: ChangeKind, what: What) {
        let change = Change {
            tenant_id: tenant_id.to_owned(),
            kind,
            what,
        };
        // Whoever changes one thing twice in one go has changed it once.
        if self.waiting.back() == Some(&change) {
            return;
        }
        if self.waiting.len() == MAX_WAITING {
            self.waiting.pop_front();
        }
        self.waiting.push_back(change);
    }

    /// Everything noted so far, oldest first.
    pub(crate) fn take(&mut self) -> VecDeque<Change> {
        std::mem::take(&mut self.waiting)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}
