//! Who wants to hear of which changes: <https://learn.microsoft.com/graph/api/resources/subscription>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::changes::{Change, ChangeKind, What};

/// Every subscription of the sandbox.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Subscriptions {
    pub(crate) all: Vec<Subscription>,
    /// Of what counts its own changes: the last one that was told.
    #[serde(default, with = "told")]
    pub(crate) told: BTreeMap<Source, u64>,
}

/// What counts its own changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Source {
    /// By its owner's object id.
    Mailbox(String),
    /// By its id.
    Drive(String),
    /// By the ids of its web and its own.
    List { site: Uuid, list: Uuid },
}

/// Keys in JSON are texts, so the map is saved as a list.
mod told {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::Source;

    pub(super) fn serialize<S: Serializer>(
        told: &BTreeMap<Source, u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        told.iter().collect::<Vec<_>>().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Source, u64>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Subscription {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    /// The application whose token made it.
    pub(crate) client_id: String,
    /// The user, or the service principal, who made it.
    pub(crate) creator_id: String,
    /// Whether the application acts for itself.
    pub(crate) is_application: bool,
    /// As the client wrote it.
    pub(crate) resource: String,
    pub(crate) watch: Watch,
    pub(crate) change_types: Vec<ChangeKind>,
    pub(crate) notification_url: String,
    pub(crate) lifecycle_url: Option<String>,
    pub(crate) client_state: Option<String>,
    pub(crate) expires_at: Timestamp,
    /// When a token last stood behind it.
    pub(crate) authorized_at: Timestamp,
    pub(crate) tls_version: Option<String>,
    /// Whether the changed thing itself is sent, encrypted.
    pub(crate) include_resource_data: bool,
    /// X.509 in DER, Base64.
    pub(crate) certificate: Option<String>,
    pub(crate) certificate_id: Option<String>,
    /// Its client was told that it ends soon.
    pub(crate) is_reminded: bool,
}

/// What a subscription's resource stands for. An absent id is any.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Watch {
    Messages {
        user: String,
        folder: Option<String>,
    },
    Events {
        user: String,
    },
    Contacts {
        user: String,
    },
    Drive {
        id: String,
    },
    List {
        site: String,
        list: String,
    },
    Teams {
        team: Option<String>,
    },
    Channels {
        team: Option<String>,
    },
    ChannelMessages {
        team: Option<String>,
        channel: Option<String>,
    },
    Chats {
        chat: Option<String>,
    },
    ChatMessages {
        chat: Option<String>,
    },
    /// All chats of one person.
    ChatMessagesOf {
        user: String,
    },
    Users {
        id: Option<String>,
    },
    Groups {
        id: Option<String>,
    },
    Presence {
        users: Vec<String>,
    },
}

impl Watch {
    /// Whether a change is one of those watched for. `is_in_chat` knows who is in which chat.
    pub(crate) fn covers(&self, what: &What, is_in_chat: &dyn Fn(&str, &str) -> bool) -> bool {
        let any = |wanted: &Option<String>, id: &str| wanted.as_ref().is_none_or(|it| it == id);
        match (self, what) {
            (
                Self::Messages { user, folder },
                What::Message {
                    user: of,
                    folder: at,
                    ..
                },
            ) => user == of && any(folder, at),
            (Self::Events { user }, What::Event { user: of, .. })
            | (Self::Contacts { user }, What::Contact { user: of, .. }) => user == of,
            (Self::Drive { id }, What::Drive { id: of }) => id == of,
            (Self::List { site, list }, What::List { site: at, list: of }) => {
                site == at && list == of
            }
            (Self::Teams { team }, What::Team { team: of })
            | (Self::Channels { team }, What::Channel { team: of, .. }) => any(team, of),
            (
                Self::ChannelMessages { team, channel },
                What::ChannelMessage {
                    team: of,
                    channel: at,
                    ..
                },
            ) => any(team, of) && any(channel, at),
            (Self::Chats { chat }, What::Chat { chat: of })
            | (Self::ChatMessages { chat }, What::ChatMessage { chat: of, .. }) => any(chat, of),
            (Self::ChatMessagesOf { user }, What::ChatMessage { chat, .. }) => {
                is_in_chat(user, chat)
            }
            (Self::Users { id }, What::User { id: of })
            | (Self::Groups { id }, What::Group { id: of }) => any(id, of),
            (Self::Presence { users }, What::Presence { user }) => users.contains(user),
            _ => false,
        }
    }
}

impl Subscription {
    /// Whether its client wants to hear of this.
    pub(crate) fn wants(&self, change: &Change, is_in_chat: &dyn Fn(&str, &str) -> bool) -> bool {
        self.tenant_id == change.tenant_id
            && self.change_types.contains(&change.kind)
            && self.watch.covers(&change.what, is_in_chat)
    }
}
