//! What a client writes: a new message or reply, or another text for an old one.
//! Source: <https://learn.microsoft.com/graph/api/chatmessage-post>

use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::access::{self, Permissions};
use super::super::fields::{self, Body};
use super::super::rows;
use super::render::{self, HOSTED};
use super::{Entered, Place, missing};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::changes::ChangeKind;
use crate::state::teams::conversation::{Hosted, Message};

const TYPE: &str = "microsoft.graph.chatMessage";
const SEND_CHANNEL: Permissions = Permissions {
    delegated: &["ChannelMessage.Send", "Group.ReadWrite.All"],
    application: &["Teamwork.Migrate.All"],
};
const SEND_CHAT: Permissions = Permissions {
    delegated: &["ChatMessage.Send", "Chat.ReadWrite", "Group.ReadWrite.All"],
    application: &["Teamwork.Migrate.All"],
};
/// About what Teams takes in one message.
const LARGEST: usize = 28 * 1024;
const NAMES: [&str; 10] = [
    "body",
    "subject",
    "summary",
    "importance",
    "attachments",
    "mentions",
    "hostedContents",
    "messageType",
    "locale",
    "channelIdentity",
];

/// `POST …/messages` and `POST …/messages/{id}/replies`
pub(super) fn post(call: &Call, place: &Place, thread: Option<&str>) -> Result<Reply, Fault> {
    match place {
        Place::Channel { .. } => SEND_CHANNEL,
        Place::Chat { .. } => SEND_CHAT,
    }
    .require(call)?;
    if call.caller.is_application() {
        return Err(Fault::new(
            StatusCode::UNAUTHORIZED,
            "Unauthorized",
            "Message POST is allowed in application-only context only for import purposes. Refer to https://docs.microsoft.com/microsoftteams/platform/graph-api/import-messages/import-external-messages-to-teams for more details.",
        ));
    }
    let entered = place.enter(call)?;
    if entered.is_archived {
        return Err(access::forbidden(
            "The team is archived, and nothing can be written in it.",
        ));
    }
    let thread = thread.map(|id| root(call, &entered, id)).transpose()?;
    let body = call.json()?;
    fields::known(&body, &NAMES, TYPE)?;
    let mut message = written(call, &body)?;
    message.thread = thread;
    message.created_at = call.now;
    message.modified_at = call.now;
    call.caller.object_id().clone_into(&mut message.user_id);
    let message = call.shared.write(|state| {
        message.change = state.teams.next_change();
        let conversation = entered.place.conversation_mut(state).ok_or_else(missing)?;
        let number = conversation.add(message.clone());
        // A thread moves up when something is said in it.
        if let Some(root) = thread.and_then(|it| conversation.get_mut(it)) {
            root.modified_at = call.now;
        }
        message.number = number;
        if let Place::Chat { chat } = &entered.place
            && let Some(chat) = state.teams.chats.get_mut(chat)
        {
            chat.updated_at = call.now;
        }
        let what = entered.place.what(&message);
        state
            .changes
            .note(call.caller.tenant_id(), ChangeKind::Created, what);
        Ok::<_, Fault>(message)
    })?;
    let set = match thread {
        Some(thread) => format!("{}('{thread}')/replies", entered.place.set()),
        None => entered.place.set(),
    };
    Ok(rows::created(
        call,
        &set,
        render::message(call, &entered.place, &message),
    ))
}

/// The message that is answered; a reply to a reply is one to the first message.
fn root(call: &Call, entered: &Entered, id: &str) -> Result<u64, Fault> {
    let message = entered.find(call, None, id)?;
    Ok(message.thread.unwrap_or(message.number))
}

/// An old message with what a `PATCH` says.
pub(super) fn edited(call: &Call, old: &Message, body: &Body) -> Result<Message, Fault> {
    fields::known(body, &NAMES, TYPE)?;
    let mut whole = body.clone();
    let kept =
        json!({ "contentType": if old.is_html { "html" } else { "text" }, "content": old.content });
    whole.entry("body").or_insert(kept);
    if !body.contains_key("mentions") {
        whole.insert("mentions".to_owned(), json!(old.mentions));
    }
    if !body.contains_key("attachments") {
        whole.insert("attachments".to_owned(), json!(old.attachments));
    }
    let new = written(call, &whole)?;
    let has = |name: &str| body.contains_key(name);
    Ok(Message {
        is_html: new.is_html,
        content: new.content,
        mentions: new.mentions,
        attachments: new.attachments,
        subject: if has("subject") {
            new.subject
        } else {
            old.subject.clone()
        },
        summary: if has("summary") {
            new.summary
        } else {
            old.summary.clone()
        },
        importance: if has("importance") {
            new.importance
        } else {
            old.importance.clone()
        },
        ..old.clone()
    })
}

/// A message without its place and time.
fn written(call: &Call, body: &Body) -> Result<Message, Fault> {
    let text = body
        .get("body")
        .ok_or_else(|| Fault::bad_request("Missing body content."))?;
    let text = fields::object(text, "body")?;
    fields::known(
        text,
        &["contentType", "content"],
        "microsoft.graph.itemBody",
    )?;
    let kind = fields::word(text, "contentType", &["text", "html"])?;
    let mut content = fields::text(text, "content")?.unwrap_or_default();
    let attachments = fields::list(body, "attachments")?;
    if content.is_empty() && attachments.is_empty() {
        return Err(Fault::bad_request("Missing body content."));
    }
    if content.len() > LARGEST {
        return Err(Fault::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestEntityTooLarge",
            "The message is too large: Teams takes about 28 KB.",
        ));
    }
    let hosted = hosted(call, body, &mut content)?;
    let mentions = mentions(body, &content)?;
    let attachments = attached(attachments, &content)?;
    let importance = fields::word(body, "importance", &["normal", "high", "urgent"])?;
    Ok(Message {
        is_html: kind.as_deref() == Some("html"),
        content,
        subject: fields::text(body, "subject")?,
        summary: fields::text(body, "summary")?,
        importance: importance.unwrap_or_else(|| "normal".to_owned()),
        attachments,
        mentions,
        hosted,
        ..Message::default()
    })
}

/// Whom a message names. Each has its place in the text.
fn mentions(body: &Body, content: &str) -> Result<Vec<Value>, Fault> {
    let mut mentions = Vec::new();
    for mention in fields::list(body, "mentions")? {
        let mention = fields::object(mention, "mentions")?;
        fields::known(
            mention,
            &["id", "mentionText", "mentioned"],
            "microsoft.graph.chatMessageMention",
        )?;
        let id = mention
            .get("id")
            .and_then(Value::as_i64)
            .ok_or_else(|| Fault::invalid_value("id", "Edm.Int32"))?;
        if !content.contains(&format!("<at id=\"{id}\">")) {
            return Err(Fault::bad_request(format!(
                "Neither Body nor adaptive card content contains marker for mention with Id '{id}'."
            )));
        }
        let mentioned = mention.get("mentioned").and_then(Value::as_object);
        let mentioned = mentioned.ok_or_else(|| Fault::bad_request("Missing mentioned entity."))?;
        let part = |name: &str| mentioned.get(name).filter(|it| !it.is_null()).cloned();
        let user = part("user").map(|user| {
            json!({
                "@odata.type": "#microsoft.graph.teamworkUserIdentity",
                "id": user["id"],
                "displayName": user["displayName"],
                "userIdentityType": user["userIdentityType"].as_str().unwrap_or("aadUser"),
            })
        });
        let conversation = part("conversation").map(|it| json!({
            "id": it["id"],
            "displayName": it["displayName"],
            "conversationIdentityType": it["conversationIdentityType"].as_str().unwrap_or("channel"),
        }));
        if user.is_none() && conversation.is_none() && part("application").is_none() {
            return Err(Fault::bad_request("Missing mentioned entity."));
        }
        mentions.push(json!({
            "id": id,
            "mentionText": mention.get("mentionText"),
            "mentioned": {
                "application": part("application"),
                "device": null,
                "conversation": conversation,
                "user": user,
            },
        }));
    }
    Ok(mentions)
}

/// What is attached. Each has its place in the text.
fn attached(attachments: &[Value], content: &str) -> Result<Vec<Value>, Fault> {
    let names = [
        "id",
        "contentType",
        "contentUrl",
        "content",
        "name",
        "thumbnailUrl",
        "teamsAppId",
    ];
    let mut found = Vec::new();
    for attachment in attachments {
        let attachment = fields::object(attachment, "attachments")?;
        fields::known(attachment, &names, "microsoft.graph.chatMessageAttachment")?;
        let id = fields::required(attachment, "id")?;
        if !content.contains(&format!("<attachment id=\"{id}\">")) {
            return Err(Fault::bad_request(format!(
                "Body content does not contain a marker for the attachment with Id '{id}'."
            )));
        }
        let mut whole = Body::new();
        for name in names {
            whole.insert(name.to_owned(), json!(fields::text(attachment, name)?));
        }
        found.push(Value::Object(whole));
    }
    Ok(found)
}

/// Images that come with the message, and their addresses in its text.
fn hosted(call: &Call, body: &Body, content: &mut String) -> Result<Vec<Hosted>, Fault> {
    let mut found = Vec::new();
    for hosted in fields::list(body, "hostedContents")? {
        let hosted = fields::object(hosted, "hostedContents")?;
        fields::known(
            hosted,
            &["contentBytes", "contentType"],
            "microsoft.graph.chatMessageHostedContent",
        )?;
        let temporary = fields::required(hosted, "@microsoft.graph.temporaryId")?;
        let bytes = fields::required(hosted, "contentBytes")?;
        if STANDARD.decode(&bytes).is_err() {
            return Err(Fault::invalid_value("contentBytes", "Edm.Binary"));
        }
        let unique = call.shared.write(|state| state.ids.uuid());
        // Case must not matter to it: addresses are compared without.
        let id = format!("{}", unique.simple());
        *content = content.replace(
            &format!("../hostedContents/{temporary}/$value"),
            &format!("{HOSTED}/{id}/$value"),
        );
        found.push(Hosted {
            id,
            content_type: fields::required(hosted, "contentType")?,
            content: bytes,
        });
    }
    Ok(found)
}
