//! Messages of a channel or chat: <https://learn.microsoft.com/graph/api/resources/chatmessage>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Messages by their number, which is the millisecond in which they were written.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Conversation {
    messages: BTreeMap<u64, Message>,
}

/// One message.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Message {
    pub(crate) number: u64,
    /// The message that it answers; channels only.
    pub(crate) thread: Option<u64>,
    /// Its place among all changes.
    pub(crate) change: u64,
    pub(crate) created_at: Timestamp,
    pub(crate) modified_at: Timestamp,
    pub(crate) edited_at: Option<Timestamp>,
    pub(crate) deleted_at: Option<Timestamp>,
    /// The writer's object id.
    pub(crate) user_id: String,
    pub(crate) is_html: bool,
    pub(crate) content: String,
    pub(crate) subject: Option<String>,
    pub(crate) summary: Option<String>,
    /// `normal`, `high` or `urgent`
    pub(crate) importance: String,
    /// As Graph has them.
    pub(crate) attachments: Vec<Value>,
    pub(crate) mentions: Vec<Value>,
    pub(crate) reactions: Vec<Reaction>,
    pub(crate) hosted: Vec<Hosted>,
    pub(crate) policy_violation: Option<Value>,
}

/// What somebody thinks of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reaction {
    /// An emoji, or a name of old: `like`, `heart`, …
    pub(crate) kind: String,
    pub(crate) user_id: String,
    pub(crate) at: Timestamp,
}

/// An image inside a message.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Hosted {
    pub(crate) id: String,
    pub(crate) content_type: String,
    /// Base64.
    pub(crate) content: String,
}

impl Conversation {
    /// Stores a message under the first free number from its time on, and answers that number.
    pub(crate) fn add(&mut self, mut message: Message) -> u64 {
        let millisecond = message.created_at.as_millisecond();
        let mut number = u64::try_from(millisecond).unwrap_or_default();
        while self.messages.contains_key(&number) {
            number += 1;
        }
        message.number = number;
        self.messages.insert(number, message);
        number
    }

    pub(crate) fn get(&self, number: u64) -> Option<&Message> {
        self.messages.get(&number)
    }

    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Message> {
        self.messages.get_mut(&number)
    }

    /// All of it, oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Message> {
        self.messages.values()
    }
}

impl Message {
    pub(crate) fn id(&self) -> String {
        self.number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_messages_of_one_millisecond_have_two_numbers() {
        let mut conversation = Conversation::default();
        let message = Message {
            created_at: Timestamp::from_second(2).unwrap_or_default(),
            ..Message::default()
        };
        assert_eq!(conversation.add(message.clone()), 2_000);
        assert_eq!(conversation.add(message), 2_001);
    }
}
