//! Mail folders.

use serde::{Deserialize, Serialize};

/// A folder of a mailbox.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Folder {
    pub(crate) parent: u32,
    pub(crate) display_name: String,
    pub(crate) is_hidden: bool,
    /// The mailbox's counter at its latest change.
    #[serde(default)]
    pub(crate) change: u64,
}

/// Folders that every mailbox has; their numbers are the same in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WellKnown {
    Root = 1,
    Archive = 2,
    ConversationHistory = 3,
    DeletedItems = 4,
    Drafts = 5,
    Inbox = 6,
    JunkEmail = 7,
    Outbox = 8,
    SentItems = 9,
    SyncIssues = 10,
}

impl WellKnown {
    pub(crate) const ALL: [Self; 10] = [
        Self::Root,
        Self::Archive,
        Self::ConversationHistory,
        Self::DeletedItems,
        Self::Drafts,
        Self::Inbox,
        Self::JunkEmail,
        Self::Outbox,
        Self::SentItems,
        Self::SyncIssues,
    ];

    /// Its number in every mailbox.
    pub(crate) const fn number(self) -> u32 {
        self as u32
    }

    /// By the name that stands for an id in a URL, in any case.
    /// Source: <https://learn.microsoft.com/graph/api/resources/mailfolder#properties>
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|folder| folder.name().eq_ignore_ascii_case(name))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Root => "msgfolderroot",
            Self::Archive => "archive",
            Self::ConversationHistory => "conversationhistory",
            Self::DeletedItems => "deleteditems",
            Self::Drafts => "drafts",
            Self::Inbox => "inbox",
            Self::JunkEmail => "junkemail",
            Self::Outbox => "outbox",
            Self::SentItems => "sentitems",
            Self::SyncIssues => "syncissues",
        }
    }

    pub(super) fn folder(self) -> Folder {
        let display_name = match self {
            Self::Root => "Top of Information Store",
            Self::Archive => "Archive",
            Self::ConversationHistory => "Conversation History",
            Self::DeletedItems => "Deleted Items",
            Self::Drafts => "Drafts",
            Self::Inbox => "Inbox",
            Self::JunkEmail => "Junk Email",
            Self::Outbox => "Outbox",
            Self::SentItems => "Sent Items",
            Self::SyncIssues => "Sync Issues",
        };
        Folder {
            parent: Self::Root.number(),
            display_name: display_name.to_owned(),
            is_hidden: self == Self::SyncIssues,
            change: u64::from(self.number()),
        }
    }
}
