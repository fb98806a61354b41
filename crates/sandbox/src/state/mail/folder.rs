//! Mail folders.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Mailbox;
use super::gone::GoneItem;

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

/// Messages and unread ones in a folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) total: usize,
    pub(crate) unread: usize,
    pub(crate) size_bytes: usize,
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

impl Mailbox {
    pub(crate) fn folder(&self, number: u32) -> Option<&Folder> {
        self.folders.get(&number)
    }

    /// A folder about to change.
    pub(crate) fn folder_mut(&mut self, number: u32) -> Option<&mut Folder> {
        self.touch(number);
        self.folders.get_mut(&number)
    }

    /// Every folder but the root, by number.
    pub(crate) fn folders(&self) -> impl Iterator<Item = (u32, &Folder)> {
        let all = self
            .folders
            .iter()
            .map(|(number, folder)| (*number, folder));
        all.filter(|(number, _)| *number != WellKnown::Root.number())
    }

    /// Folders directly in another, in the order of their numbers; the root is nobody's child.
    pub(crate) fn children(&self, parent: u32) -> impl Iterator<Item = (u32, &Folder)> {
        self.folders
            .iter()
            .filter(move |(number, folder)| {
                folder.parent == parent && **number != WellKnown::Root.number()
            })
            .map(|(number, folder)| (*number, folder))
    }

    /// Makes a folder; `None` when its parent has one of that name.
    pub(crate) fn add_folder(
        &mut self,
        parent: u32,
        display_name: &str,
        is_hidden: bool,
    ) -> Option<u32> {
        if self
            .children(parent)
            .any(|(_, folder)| folder.display_name.eq_ignore_ascii_case(display_name))
        {
            return None;
        }
        let number = u32::try_from(self.next()).ok()?;
        self.folders.insert(
            number,
            Folder {
                parent,
                display_name: display_name.to_owned(),
                is_hidden,
                change: u64::from(number),
            },
        );
        self.touch(parent);
        Some(number)
    }

    /// Copies a folder with what is in and below it; `None` when the new parent has one of that name.
    pub(crate) fn copy_folder(&mut self, number: u32, parent: u32, now: Timestamp) -> Option<u32> {
        let original = self.folders.get(&number)?.clone();
        let copy = self.add_folder(parent, &original.display_name, original.is_hidden)?;
        let messages: Vec<u64> = self
            .messages()
            .filter(|message| message.folder == number)
            .map(|message| message.key)
            .collect();
        for key in messages {
            self.copy_to(key, copy, now);
        }
        let children: Vec<u32> = self.children(number).map(|(child, _)| child).collect();
        for child in children.into_iter().filter(|child| *child != copy) {
            self.copy_folder(child, copy, now);
        }
        Some(copy)
    }

    /// Removes a folder, what is below it, and every message in them.
    pub(crate) fn remove_folder(&mut self, number: u32) {
        let mut doomed = vec![number];
        let mut next = 0;
        while let Some(&parent) = doomed.get(next) {
            doomed.extend(self.children(parent).map(|(child, _)| child));
            next += 1;
        }
        let keys: Vec<u64> = self
            .messages()
            .filter(|m| doomed.contains(&m.folder))
            .map(|m| m.key)
            .collect();
        for key in keys {
            self.remove(key);
        }
        self.folders.retain(|number, _| !doomed.contains(number));
        for number in doomed {
            self.leave(GoneItem::Folder { number });
        }
    }

    /// Whether `number` is `ancestor` or lies below it.
    pub(crate) fn is_within(&self, number: u32, ancestor: u32) -> bool {
        let mut at = number;
        while at != ancestor {
            match self.folders.get(&at) {
                Some(folder) if folder.parent != at => at = folder.parent,
                _ => return false,
            }
        }
        true
    }

    /// What each folder holds, in one pass over the messages.
    pub(crate) fn counts(&self) -> BTreeMap<u32, Counts> {
        let mut counts: BTreeMap<u32, Counts> = BTreeMap::new();
        for message in self.messages() {
            let entry = counts.entry(message.folder).or_default();
            entry.total += 1;
            entry.unread += usize::from(!message.is_read);
            entry.size_bytes += message.size_bytes();
        }
        counts
    }
}
