//! Messages of channels and chats: <https://learn.microsoft.com/graph/api/resources/chatmessage>

mod actions;
mod delta;
pub(super) mod export;
mod hosted;
mod input;
mod list;
pub(super) mod render;

use axum::http::Method;

use super::access::{self, Permissions};
use super::{members, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::teams::conversation::{Conversation, Message};

const READ_CHANNEL: Permissions = Permissions::both(&[
    "ChannelMessage.Read.All",
    "Group.Read.All",
    "Group.ReadWrite.All",
]);
const READ_CHAT: Permissions = Permissions {
    delegated: &["Chat.Read", "Chat.ReadWrite"],
    application: &["Chat.Read.All", "Chat.ReadWrite.All"],
};

/// Where messages are.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Channel { team: String, channel: String },
    Chat { chat: String },
}

/// A place that the caller may enter, spelled as it is kept.
pub(super) struct Entered {
    place: Place,
    /// What the caller sees of a chat.
    member: Option<crate::state::teams::Member>,
    is_archived: bool,
}

impl Place {
    fn enter(&self, call: &Call) -> Result<Entered, Fault> {
        match self {
            Self::Channel { team, channel } => {
                let (known, channel) = access::channel(call, team, channel)?;
                Ok(Entered {
                    place: Self::Channel {
                        team: known.team.id.clone(),
                        channel: channel.id,
                    },
                    member: None,
                    is_archived: known.team.is_archived,
                })
            }
            Self::Chat { chat } => {
                let chat = access::chat(call, chat)?;
                Ok(Entered {
                    member: chat.member(call.caller.object_id()).cloned(),
                    place: Self::Chat { chat: chat.id },
                    is_archived: false,
                })
            }
        }
    }

    fn read(&self) -> Permissions {
        match self {
            Self::Channel { .. } => READ_CHANNEL,
            Self::Chat { .. } => READ_CHAT,
        }
    }

    /// Start of context URLs: `teams('…')/channels('…')/messages`.
    fn set(&self) -> String {
        match self {
            Self::Channel { team, channel } => {
                format!("teams('{team}')/channels('{channel}')/messages")
            }
            Self::Chat { chat } => format!("chats('{chat}')/messages"),
        }
    }

    fn conversation<'a>(&self, state: &'a State) -> Option<&'a Conversation> {
        let teams = &state.teams;
        match self {
            Self::Channel { team, channel } => {
                let channel = teams.teams.get(team)?.channel(channel)?;
                Some(&channel.conversation)
            }
            Self::Chat { chat } => Some(&teams.chats.get(chat)?.conversation),
        }
    }

    fn conversation_mut<'a>(&self, state: &'a mut State) -> Option<&'a mut Conversation> {
        let teams = &mut state.teams;
        match self {
            Self::Channel { team, channel } => {
                let channel = teams.teams.get_mut(team)?.channel_mut(channel)?;
                Some(&mut channel.conversation)
            }
            Self::Chat { chat } => Some(&mut teams.chats.get_mut(chat)?.conversation),
        }
    }

    fn what(&self, message: &Message) -> What {
        let id = message.id();
        match self {
            Self::Channel { team, channel } => What::ChannelMessage {
                team: team.clone(),
                channel: channel.clone(),
                thread: message.thread.map(|it| it.to_string()),
                id,
            },
            Self::Chat { chat } => What::ChatMessage {
                chat: chat.clone(),
                id,
            },
        }
    }
}

impl Entered {
    fn sees(&self, message: &Message) -> bool {
        members::sees(self.member.as_ref(), message.created_at)
    }

    /// One message; a reply only below the message that it answers.
    fn find(&self, call: &Call, thread: Option<u64>, id: &str) -> Result<Message, Fault> {
        let number: Option<u64> = id.parse().ok();
        let found = call.shared.read(|state| {
            let message = self.place.conversation(state)?.get(number?)?;
            Some(message.clone())
        });
        found
            .filter(|it| self.sees(it))
            .filter(|it| match (&self.place, thread) {
                // Replies are found under the conversation's own address too.
                (Place::Channel { .. }, None) => true,
                (_, thread) => it.thread == thread,
            })
            .ok_or_else(missing)
    }

    /// Changes a message, counts the change and tells of it.
    fn change<T>(
        &self,
        call: &Call,
        message: &Message,
        kind: ChangeKind,
        change: impl FnOnce(&mut Message) -> T,
    ) -> Result<T, Fault> {
        call.shared.write(|state| {
            let number = state.teams.next_change();
            let conversation = self.place.conversation_mut(state).ok_or_else(missing)?;
            let kept = conversation.get_mut(message.number).ok_or_else(missing)?;
            kept.change = number;
            kept.modified_at = call.now;
            let result = change(kept);
            state
                .changes
                .note(call.caller.tenant_id(), kind, self.place.what(message));
            Ok(result)
        })
    }
}

pub(super) fn missing() -> Fault {
    access::not_found("The message was not found.")
}

/// Everything below `…/messages`.
pub(super) fn dispatch(call: &Call, place: &Place, path: &[&str]) -> Result<Reply, Fault> {
    let lower: Vec<String> = path.iter().map(|it| super::plain(it)).collect();
    let names: Vec<&str> = lower.iter().map(String::as_str).collect();
    let is_channel = matches!(place, Place::Channel { .. });
    match names.as_slice() {
        [] => match call.method {
            Method::GET => list::messages(call, place),
            Method::POST => input::post(call, place, None),
            _ => Err(Fault::method_not_allowed()),
        },
        ["delta" | "delta()"] if is_channel => delta::answer(call, place),
        [id] => single(call, place, None, id),
        [id, "replies"] if is_channel => match call.method {
            Method::GET => list::replies(call, place, id),
            Method::POST => input::post(call, place, Some(id)),
            _ => Err(Fault::method_not_allowed()),
        },
        [thread, "replies", id] if is_channel => single(call, place, Some(thread), id),
        [thread, "replies", id, below @ ..] if is_channel => {
            below_message(call, place, Some(thread), id, below, path[3])
        }
        [id, below @ ..] => below_message(call, place, None, id, below, path[1]),
    }
}

fn thread_of(thread: Option<&str>) -> Result<Option<u64>, Fault> {
    thread
        .map(|it| it.parse().map_err(|_| missing()))
        .transpose()
}

fn single(call: &Call, place: &Place, thread: Option<&str>, id: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            place.read().require(call)?;
            let entered = place.enter(call)?;
            let message = entered.find(call, thread_of(thread)?, id)?;
            let row = render::message(call, &entered.place, &message);
            Ok(rows::one(call, &entered.place.set(), row))
        }
        Method::PATCH => actions::patch(call, place, thread_of(thread)?, id),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn below_message(
    call: &Call,
    place: &Place,
    thread: Option<&str>,
    id: &str,
    below: &[&str],
    written: &str,
) -> Result<Reply, Fault> {
    let thread = thread_of(thread)?;
    match below {
        ["softdelete"] => actions::delete(call, place, thread, id, true),
        ["undosoftdelete"] => actions::delete(call, place, thread, id, false),
        ["setreaction"] => actions::react(call, place, thread, id, true),
        ["unsetreaction"] => actions::react(call, place, thread, id, false),
        ["hostedcontents", below @ ..] => hosted::dispatch(call, place, thread, id, below),
        _ => Err(Fault::unknown_segment(written)),
    }
}
