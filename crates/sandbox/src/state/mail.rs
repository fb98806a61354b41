//! Mailboxes: folders, messages, and how a message comes into one, moves and leaves.

pub(crate) mod body;
pub(crate) mod delivery;
pub(crate) mod folder;
pub(crate) mod gone;
pub(crate) mod item_id;
pub(crate) mod message;
pub(crate) mod reply;
pub(crate) mod rules;
pub(crate) mod settings;
pub(crate) mod upload;

mod bytes;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid};

use super::calendar::Calendars;
use super::contacts::Contacts;
use super::ids::Ids;
use folder::{Folder, WellKnown};
use gone::{Gone, GoneItem};
use item_id::ItemId;
use message::{Content, Message};
use rules::Rule;
use settings::{Category, Override, Settings};
use upload::AttachmentUpload;

/// Every mailbox of the sandbox, by the object id of its owner.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Mail {
    mailboxes: BTreeMap<String, Mailbox>,
    /// Mailboxes that are filled when they are first opened, and the instant before which their messages came.
    #[serde(default)]
    pub(crate) promised: BTreeMap<String, Timestamp>,
    /// Large attachments on their way, by the hash of the secret in their address.
    #[serde(default)]
    pub(crate) uploads: BTreeMap<String, AttachmentUpload>,
}

/// One person's, or one shared, mailbox.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Mailbox {
    /// Part of every id in it. Not the owner's object id.
    pub(crate) id: Uuid,
    /// Object ids of those who may open it besides its owner: Exchange's full access and send-as in one.
    pub(crate) delegates: BTreeSet<String>,
    folders: BTreeMap<u32, Folder>,
    messages: BTreeMap<u64, Message>,
    /// Place to key, for the ordinary ids.
    items: BTreeMap<u64, u64>,
    last: u64,
    /// See [`super::contacts`].
    #[serde(default)]
    pub(super) contacts: Contacts,
    /// What happens to mail that arrives, by the rule's number.
    #[serde(default)]
    pub(crate) rules: BTreeMap<u64, Rule>,
    /// Colours by name, each with an id of its own.
    #[serde(default)]
    pub(crate) categories: Vec<Category>,
    /// Whose mail is always focused, or never.
    #[serde(default)]
    pub(crate) overrides: Vec<Override>,
    /// See [`super::calendar`].
    #[serde(default)]
    pub(super) calendar: Calendars,
    #[serde(default)]
    pub(crate) settings: Settings,
    #[serde(default)]
    gone: VecDeque<Gone>,
    /// Changes up to this one can no longer be told.
    #[serde(default)]
    forgotten: u64,
}

/// A message that is about to be stored.
#[derive(Clone, Debug)]
pub(crate) struct NewMessage {
    pub(crate) folder: u32,
    pub(crate) content: Content,
    pub(crate) is_read: bool,
    pub(crate) is_draft: bool,
    /// When it was sent and received.
    pub(crate) at: Timestamp,
    /// Made here when the writer gave none.
    pub(crate) internet_message_id: Option<String>,
    pub(crate) thread: Option<Thread>,
}

/// A message's place in a conversation.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) conversation: Uuid,
    pub(crate) start: Timestamp,
    pub(crate) steps: Vec<u32>,
    pub(crate) in_reply_to: Option<String>,
}

impl Mail {
    /// The mailbox of a user; made with its standard folders when it is first asked for.
    pub(crate) fn open(&mut self, user_id: &str, ids: &mut Ids) -> &mut Mailbox {
        self.mailboxes
            .entry(user_id.to_owned())
            .or_insert_with(|| Mailbox::new(ids))
    }

    /// The mailbox of a user, if somebody opened it before.
    pub(crate) fn mailbox(&self, user_id: &str) -> Option<&Mailbox> {
        self.mailboxes.get(user_id)
    }
}

impl Mailbox {
    fn new(ids: &mut Ids) -> Self {
        // The first digit is a letter, as in most of Exchange's ids: they begin with AAMkAG then.
        let mut bytes = *ids.uuid().as_bytes();
        bytes[0] |= 0xc0;
        Self {
            id: Builder::from_bytes(bytes).into_uuid(),
            delegates: BTreeSet::new(),
            folders: WellKnown::ALL
                .iter()
                .map(|known| (known.number(), known.folder()))
                .collect(),
            messages: BTreeMap::new(),
            items: BTreeMap::new(),
            last: 1_000,
            contacts: Contacts::default(),
            rules: BTreeMap::new(),
            categories: settings::standard_categories(),
            overrides: Vec::new(),
            calendar: Calendars::default(),
            settings: Settings::default(),
            gone: VecDeque::new(),
            forgotten: 0,
        }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    /// The number of the newest change.
    pub(crate) fn last(&self) -> u64 {
        self.last
    }

    /// A folder shows other counts than before.
    fn touch(&mut self, folder: u32) {
        let change = self.next();
        if let Some(folder) = self.folders.get_mut(&folder) {
            folder.change = change;
        }
    }

    /// Stores a message and answers its key.
    pub(crate) fn add(&mut self, new: NewMessage, ids: &mut Ids) -> u64 {
        let key = self.next();
        let thread = new.thread.unwrap_or_else(|| Thread::start(new.at, ids));
        let internet_message_id = new
            .internet_message_id
            .unwrap_or_else(|| internet_message_id(ids));
        let message = Message {
            key,
            item: key,
            folder: new.folder,
            change: key,
            created: new.at,
            modified: new.at,
            received: new.at,
            sent: new.at,
            is_read: new.is_read,
            is_draft: new.is_draft,
            internet_message_id,
            in_reply_to: thread.in_reply_to,
            conversation: thread.conversation,
            reply_steps: thread.steps,
            conversation_start: thread.start,
            content: new.content,
        };
        self.items.insert(key, key);
        self.messages.insert(key, message);
        self.touch(new.folder);
        key
    }

    /// All messages in the order in which they came to be stored.
    pub(crate) fn messages(&self) -> impl Iterator<Item = &Message> {
        self.messages.values()
    }

    pub(crate) fn message(&self, key: u64) -> Option<&Message> {
        self.messages.get(&key)
    }

    /// The key of the message that an id names now; `None` when there is none, or no longer at that place.
    pub(crate) fn find(&self, id: ItemId) -> Option<u64> {
        match id {
            ItemId::Immutable { key } => self.messages.contains_key(&key).then_some(key),
            ItemId::Placed { folder, item } => {
                let key = *self.items.get(&item)?;
                (self.messages.get(&key)?.folder == folder).then_some(key)
            }
            ItemId::Folder { .. } | ItemId::Occurrence { .. } => None,
        }
    }

    /// Changes a message and its change key; `None` when there is no such message.
    pub(crate) fn change<T>(
        &mut self,
        key: u64,
        now: Timestamp,
        edit: impl FnOnce(&mut Message) -> T,
    ) -> Option<T> {
        let change = self.next();
        let message = self.messages.get_mut(&key)?;
        let (folder, was_read) = (message.folder, message.is_read);
        let result = edit(message);
        message.change = change;
        message.modified = now;
        if message.is_read != was_read {
            self.touch(folder);
        }
        Some(result)
    }

    /// Moves a message: its place, and so its ordinary id, is new.
    pub(crate) fn move_to(&mut self, key: u64, folder: u32, now: Timestamp) {
        let item = self.next();
        let moved = self.change(key, now, |message| {
            let old = (message.folder, message.item);
            message.folder = folder;
            message.item = item;
            old
        });
        if let Some((from, old)) = moved {
            self.items.remove(&old);
            self.items.insert(item, key);
            let what = GoneItem::Message {
                folder: from,
                item: old,
                key,
            };
            self.leave(what);
            self.touch(from);
            self.touch(folder);
        }
    }

    /// A draft that was sent: at its new place with its new content, under the key that it had.
    pub(crate) fn turn_into_sent(&mut self, key: u64, sent: NewMessage) -> u64 {
        self.change(key, sent.at, |message| {
            message.is_draft = false;
            message.is_read = sent.is_read;
            message.received = sent.at;
            message.sent = sent.at;
            message.content = sent.content;
        });
        self.move_to(key, sent.folder, sent.at);
        key
    }

    /// Copies a message and answers the copy's key.
    pub(crate) fn copy_to(&mut self, key: u64, folder: u32, now: Timestamp) -> Option<u64> {
        let new = self.next();
        let original = self.messages.get(&key)?;
        let copy = Message {
            key: new,
            item: new,
            change: new,
            folder,
            created: now,
            modified: now,
            ..original.clone()
        };
        self.items.insert(new, new);
        self.messages.insert(new, copy);
        self.touch(folder);
        Some(new)
    }

    /// Removes a message for good.
    pub(crate) fn remove(&mut self, key: u64) {
        if let Some(message) = self.messages.remove(&key) {
            self.items.remove(&message.item);
            let what = GoneItem::Message {
                folder: message.folder,
                item: message.item,
                key,
            };
            self.leave(what);
            self.touch(message.folder);
        }
    }
}

impl Thread {
    /// A new conversation.
    pub(crate) fn start(at: Timestamp, ids: &mut Ids) -> Self {
        Self {
            conversation: ids.uuid(),
            start: at,
            steps: Vec::new(),
            in_reply_to: None,
        }
    }

    /// The conversation of a message, as one sent at `at` in answer to it continues it.
    pub(crate) fn after(message: &Message, at: Timestamp) -> Self {
        let seconds = at
            .as_second()
            .saturating_sub(message.conversation_start.as_second());
        let mut steps = message.reply_steps.clone();
        steps.push(u32::try_from(seconds).unwrap_or_default());
        Self {
            conversation: message.conversation,
            start: message.conversation_start,
            steps,
            in_reply_to: Some(message.internet_message_id.clone()),
        }
    }

    /// The place that a message already has.
    pub(crate) fn of(message: &Message) -> Self {
        Self {
            conversation: message.conversation,
            start: message.conversation_start,
            steps: message.reply_steps.clone(),
            in_reply_to: message.in_reply_to.clone(),
        }
    }
}

/// A `Message-ID` as Exchange Online's servers write it.
fn internet_message_id(ids: &mut Ids) -> String {
    let id = ids.uuid().simple().to_string().to_uppercase();
    format!(
        "<AM9PR04MB{}{}@AM9PR04MB{}.eurprd04.prod.outlook.com>",
        &id[..4],
        &id[4..],
        &id[..4]
    )
}
