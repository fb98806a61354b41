//! Microsoft Teams: teams with their channels, chats, online meetings, and who is there.

pub(crate) mod conversation;
pub(crate) mod meeting;
pub(crate) mod presence;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::ids::Ids;
use conversation::Conversation;
use meeting::Meeting;
use presence::Presence;

/// Everything of Teams.
#[derive(Debug, Default, Serialize, Deserialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the product has the name of its part"
)]
pub(crate) struct Teams {
    /// By the id of the group that each stands on.
    pub(crate) teams: BTreeMap<String, Team>,
    /// By id.
    pub(crate) chats: BTreeMap<String, Chat>,
    pub(crate) meetings: Vec<Meeting>,
    /// By user id.
    pub(crate) presence: BTreeMap<String, Presence>,
    /// What was put into people's activity feeds, oldest first.
    pub(crate) activities: Vec<Activity>,
    /// Counts every change of a message, which is how delta goes on.
    pub(crate) last_change: u64,
}

/// A team; its name, description and people are its group's.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Team {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    pub(crate) created_at: Timestamp,
    pub(crate) is_archived: bool,
    /// `none` unless the template says otherwise.
    pub(crate) specialization: String,
    /// `memberSettings`, `guestSettings`, `messagingSettings` and `funSettings`, as Graph has them.
    pub(crate) settings: BTreeMap<String, Map<String, Value>>,
    /// General first.
    pub(crate) channels: Vec<Channel>,
    pub(crate) operations: Vec<Operation>,
}

/// What takes a while at Microsoft.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Operation {
    pub(crate) id: String,
    /// `createTeam`, `archiveTeam`, …
    pub(crate) kind: String,
    pub(crate) created_at: Timestamp,
    /// The first question finds it under way, as it mostly is at Microsoft.
    pub(crate) was_asked: bool,
}

/// How a channel's people are chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Membership {
    /// The team's.
    #[default]
    Standard,
    Private,
    Shared,
}

impl Membership {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Private => "private",
            Self::Shared => "shared",
        }
    }
}

/// A channel of a team.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Channel {
    /// `19:…@thread.tacv2`
    pub(crate) id: String,
    pub(crate) display_name: String,
    pub(crate) description: Option<String>,
    pub(crate) membership: Membership,
    pub(crate) created_at: Timestamp,
    pub(crate) is_archived: bool,
    /// Of a private or shared channel.
    pub(crate) members: Vec<Member>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) conversation: Conversation,
}

/// Somebody in a channel or chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Member {
    pub(crate) user_id: String,
    pub(crate) is_owner: bool,
    /// From when on they see a chat; none for all of it.
    pub(crate) sees_from: Option<Timestamp>,
}

/// A tab of a channel.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Tab {
    pub(crate) id: String,
    pub(crate) display_name: String,
    /// Of the Teams app in it.
    pub(crate) app_id: String,
    /// `entityId`, `contentUrl`, `websiteUrl`, `removeUrl`
    pub(crate) configuration: BTreeMap<String, Option<String>>,
}

/// The three kinds of chat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum ChatKind {
    OneOnOne,
    #[default]
    Group,
    Meeting,
}

impl ChatKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OneOnOne => "oneOnOne",
            Self::Group => "group",
            Self::Meeting => "meeting",
        }
    }
}

/// A chat.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Chat {
    pub(crate) id: String,
    pub(crate) tenant_id: String,
    pub(crate) kind: ChatKind,
    pub(crate) topic: Option<String>,
    pub(crate) created_at: Timestamp,
    pub(crate) updated_at: Timestamp,
    pub(crate) members: Vec<Member>,
    /// The meeting that a chat belongs to.
    pub(crate) meeting_id: Option<String>,
    pub(crate) conversation: Conversation,
}

/// An entry of somebody's activity feed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Activity {
    pub(crate) user_id: String,
    pub(crate) client_id: String,
    pub(crate) at: Timestamp,
    pub(crate) kind: String,
    pub(crate) topic: Value,
    pub(crate) preview: Option<String>,
}

impl Team {
    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        self.channels.iter().find(|it| it.id == id)
    }

    pub(crate) fn channel_mut(&mut self, id: &str) -> Option<&mut Channel> {
        self.channels.iter_mut().find(|it| it.id == id)
    }

    /// The channel that every team has.
    pub(crate) fn general(&self) -> Option<&Channel> {
        self.channels.first()
    }
}

impl Chat {
    pub(crate) fn member(&self, user_id: &str) -> Option<&Member> {
        self.members.iter().find(|it| it.user_id == user_id)
    }
}

impl Teams {
    pub(crate) fn is_in_chat(&self, user_id: &str, chat_id: &str) -> bool {
        let chat = self.chats.get(chat_id);
        chat.is_some_and(|chat| chat.member(user_id).is_some())
    }

    pub(crate) fn next_change(&mut self) -> u64 {
        self.last_change += 1;
        self.last_change
    }
}

/// The id of a new channel.
pub(crate) fn channel_id(ids: &mut Ids) -> String {
    format!("19:{}@thread.tacv2", ids.uuid().simple())
}

/// The id of a new group chat.
pub(crate) fn group_chat_id(ids: &mut Ids) -> String {
    format!("19:{}@thread.v2", ids.uuid().simple())
}

/// Two people have one chat, and its id is made of theirs.
pub(crate) fn one_on_one_id(one: &str, other: &str) -> String {
    let (first, second) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    format!("19:{first}_{second}@unq.gbl.spaces")
}
