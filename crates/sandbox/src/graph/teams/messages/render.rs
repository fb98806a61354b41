//! A message as Graph shows it.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::super::rows::Row;
use super::Place;
use crate::graph::call::Call;
use crate::state::State;
use crate::state::teams::conversation::{Message, Reaction};

/// Stands in kept contents for the address at which the message's images are.
pub(super) const HOSTED: &str = "{hosted-contents}";

pub(crate) fn message(call: &Call, place: &Place, message: &Message) -> Row {
    call.shared
        .read(|state| render(state, &call.base, call.caller.tenant_id(), place, message))
}

fn render(state: &State, base: &str, tenant: &str, place: &Place, message: &Message) -> Row {
    let id = message.id();
    let (chat, identity, web_url) = match place {
        Place::Channel { team, channel } => {
            let thread = utf8_percent_encode(channel, NON_ALPHANUMERIC);
            let parent = message.thread.unwrap_or(message.number);
            let url = format!(
                "https://teams.microsoft.com/l/message/{thread}/{id}?groupId={team}&tenantId={tenant}&createdTime={id}&parentMessageId={parent}"
            );
            (
                Value::Null,
                json!({ "teamId": team, "channelId": channel }),
                Some(url),
            )
        }
        Place::Chat { chat } => (json!(chat), Value::Null, None),
    };
    let is_deleted = message.deleted_at.is_some();
    let address = format!("{base}/{}", address(place, message));
    let content = message.content.replace(HOSTED, &address);
    let reactions = message.reactions.iter().map(|it| reaction(state, it));
    let value = json!({
        "id": id,
        "replyToId": message.thread.map(|it| it.to_string()),
        "etag": message.modified_at.as_millisecond().to_string(),
        "messageType": "message",
        "createdDateTime": message.created_at,
        "lastModifiedDateTime": message.modified_at,
        "lastEditedDateTime": message.edited_at,
        "deletedDateTime": message.deleted_at,
        "subject": message.subject,
        "summary": message.summary,
        "chatId": chat,
        "importance": message.importance,
        "locale": "en-us",
        "webUrl": web_url,
        "policyViolation": message.policy_violation,
        "eventDetail": null,
        "from": {
            "application": null,
            "device": null,
            "user": person(state, &message.user_id),
        },
        "body": {
            "contentType": if message.is_html { "html" } else { "text" },
            "content": if is_deleted { "" } else { &content },
        },
        "channelIdentity": identity,
        "attachments": if is_deleted { &[][..] } else { &message.attachments },
        "mentions": if is_deleted { &[][..] } else { &message.mentions },
        "reactions": reactions.collect::<Vec<_>>(),
        "messageHistory": [],
    });
    value.as_object().cloned().unwrap_or_default()
}

/// Where a message is, below the version.
pub(super) fn address(place: &Place, message: &Message) -> String {
    let (place, id) = (path(place), message.number);
    match message.thread {
        Some(thread) => format!("{place}/{thread}/replies/{id}/hostedContents"),
        None => format!("{place}/{id}/hostedContents"),
    }
}

fn path(place: &Place) -> String {
    match place {
        Place::Channel { team, channel } => format!("teams/{team}/channels/{channel}/messages"),
        Place::Chat { chat } => format!("chats/{chat}/messages"),
    }
}

/// Somebody of the organisation as messages name them.
pub(in crate::graph::teams) fn person(state: &State, user_id: &str) -> Value {
    let name = state
        .directory
        .user(user_id)
        .map(|it| it.display_name.clone());
    json!({
        "@odata.type": "#microsoft.graph.teamworkUserIdentity",
        "id": user_id,
        "displayName": name,
        "userIdentityType": "aadUser",
    })
}

fn reaction(state: &State, reaction: &Reaction) -> Value {
    json!({
        "reactionType": reaction.kind,
        "displayName": null,
        "reactionContentUrl": null,
        "createdDateTime": reaction.at,
        "user": {
            "application": null,
            "device": null,
            "user": person(state, &reaction.user_id),
        },
    })
}
