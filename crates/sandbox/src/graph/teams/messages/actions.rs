//! Editing, deleting, and reacting to a message.

use axum::http::Method;
use serde_json::{Value, json};

use super::super::access::{self, Permissions};
use super::super::fields;
use super::{Place, input};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::teams::only;
use crate::state::changes::ChangeKind;
use crate::state::teams::conversation::{Message, Reaction};

/// <https://learn.microsoft.com/graph/api/chatmessage-update>
const EDIT_CHANNEL: Permissions = Permissions {
    delegated: &["ChannelMessage.ReadWrite", "Group.ReadWrite.All"],
    application: &[
        "ChannelMessage.UpdatePolicyViolation.All",
        "Group.ReadWrite.All",
    ],
};
const EDIT_CHAT: Permissions = Permissions {
    delegated: &["Chat.ReadWrite", "Group.ReadWrite.All"],
    application: &[
        "Chat.UpdatePolicyViolation.All",
        "Chat.ReadWrite.All",
        "Group.ReadWrite.All",
    ],
};
/// <https://learn.microsoft.com/graph/api/chatmessage-softdelete>
const DELETE_CHANNEL: Permissions = Permissions {
    delegated: &["ChannelMessage.ReadWrite"],
    application: &[],
};
const DELETE_CHAT: Permissions = Permissions {
    delegated: &["Chat.ReadWrite"],
    application: &[],
};
/// <https://learn.microsoft.com/graph/api/chatmessage-setreaction>
const REACT_CHANNEL: Permissions = Permissions {
    delegated: &["ChannelMessage.Send", "Group.ReadWrite.All"],
    application: &[],
};
const REACT_CHAT: Permissions = Permissions {
    delegated: &["ChatMessage.Send", "Chat.ReadWrite"],
    application: &[],
};

fn by_place(place: &Place, channel: Permissions, chat: Permissions) -> Permissions {
    match place {
        Place::Channel { .. } => channel,
        Place::Chat { .. } => chat,
    }
}

/// `PATCH …/messages/{id}`: people edit what they wrote, applications mark what violates a policy.
pub(super) fn patch(
    call: &Call,
    place: &Place,
    thread: Option<u64>,
    id: &str,
) -> Result<Reply, Fault> {
    by_place(place, EDIT_CHANNEL, EDIT_CHAT).require(call)?;
    let entered = place.enter(call)?;
    let message = entered.find(call, thread, id)?;
    let body = call.json()?;
    if call.caller.is_application() {
        if body.keys().any(|name| name != "policyViolation") {
            return Err(access::forbidden(
                "Only the policyViolation of a message can be updated in application-only context.",
            ));
        }
        let violation = body.get("policyViolation").cloned().unwrap_or(Value::Null);
        let violation = policy_violation(&violation)?;
        entered.change(call, &message, ChangeKind::Updated, |it| {
            it.policy_violation = violation;
        })?;
        return Ok(Reply::empty(axum::http::StatusCode::OK));
    }
    require_own(call, &message)?;
    let edited = input::edited(call, &message, &body)?;
    entered.change(call, &message, ChangeKind::Updated, |it| {
        it.is_html = edited.is_html;
        it.content = edited.content;
        it.subject = edited.subject;
        it.summary = edited.summary;
        it.importance = edited.importance;
        it.mentions = edited.mentions;
        it.attachments = edited.attachments;
        it.edited_at = Some(call.now);
    })?;
    Ok(Reply::no_content())
}

fn policy_violation(value: &Value) -> Result<Option<Value>, Fault> {
    if value.is_null() {
        return Ok(None);
    }
    let body = fields::object(value, "policyViolation")?;
    let names = [
        "dlpAction",
        "justificationText",
        "policyTip",
        "userAction",
        "verdictDetails",
    ];
    fields::known(body, &names, "microsoft.graph.chatMessagePolicyViolation")?;
    let get = |name: &str, usual: Value| body.get(name).cloned().unwrap_or(usual);
    Ok(Some(json!({
        "dlpAction": get("dlpAction", json!("none")),
        "justificationText": get("justificationText", Value::Null),
        "policyTip": get("policyTip", Value::Null),
        "userAction": get("userAction", json!("none")),
        "verdictDetails": get("verdictDetails", json!("none")),
    })))
}

/// `…/softDelete` and `…/undoSoftDelete`, of one's own messages.
pub(super) fn delete(
    call: &Call,
    place: &Place,
    thread: Option<u64>,
    id: &str,
    deletes: bool,
) -> Result<Reply, Fault> {
    only(call, &Method::POST)?;
    by_place(place, DELETE_CHANNEL, DELETE_CHAT).require(call)?;
    // Messages of chats have this below their user only.
    let first = call.segments.first().map(|it| it.to_ascii_lowercase());
    if matches!(place, Place::Chat { .. }) && first.as_deref() == Some("chats") {
        return Err(Fault::method_not_allowed());
    }
    let entered = place.enter(call)?;
    let message = entered.find(call, thread, id)?;
    require_own(call, &message)?;
    let kind = if deletes {
        ChangeKind::Deleted
    } else {
        ChangeKind::Updated
    };
    entered.change(call, &message, kind, |it| {
        it.deleted_at = deletes.then_some(call.now);
    })?;
    Ok(Reply::no_content())
}

fn require_own(call: &Call, message: &Message) -> Result<(), Fault> {
    if message.user_id == call.caller.object_id() {
        Ok(())
    } else {
        Err(access::forbidden(
            "The message was written by somebody else.",
        ))
    }
}

/// `…/setReaction` and `…/unsetReaction`: one of each kind and person.
pub(super) fn react(
    call: &Call,
    place: &Place,
    thread: Option<u64>,
    id: &str,
    sets: bool,
) -> Result<Reply, Fault> {
    only(call, &Method::POST)?;
    by_place(place, REACT_CHANNEL, REACT_CHAT).require(call)?;
    let entered = place.enter(call)?;
    let message = entered.find(call, thread, id)?;
    let body = call.json()?;
    fields::known(&body, &["reactionType"], "microsoft.graph.chatMessage")?;
    let kind = fields::required(&body, "reactionType")?;
    let me = call.caller.object_id();
    entered.change(call, &message, ChangeKind::Updated, |it| {
        it.reactions
            .retain(|old| old.kind != kind || old.user_id != me);
        if sets {
            it.reactions.push(Reaction {
                kind,
                user_id: me.to_owned(),
                at: call.now,
            });
        }
    })?;
    Ok(Reply::no_content())
}
