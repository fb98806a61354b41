//! Mail as JSON.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::schema::{MESSAGE_DEFAULT, MESSAGE_ON_REQUEST, NOT_BASIC};
use super::{attached, meeting};
use crate::graph::fault::Fault;
use crate::graph::prefer::Preferences;
use crate::graph::schema::ATTACHMENT;
use crate::odata::filter::{self, Entity, eval};
use crate::odata::options::Expand;
use crate::odata::project::Selection;
use crate::state::mail::item_id;
use crate::state::mail::message::{
    Address, Body, BodyKind, FlagStatus, Header, Importance, Inference, Message, ZonedText,
};

/// How the reader of one request wants messages.
pub(super) struct View {
    pub(super) mailbox: Uuid,
    pub(super) selection: Selection,
    pub(super) expand: Vec<Expand>,
    /// Without bodies: all that the permission opens.
    pub(super) basic: bool,
    pub(super) immutable_ids: bool,
    pub(super) body_kind: Option<BodyKind>,
}

/// One message under a view; filters and sort keys read it property by property.
pub(super) struct Row<'a> {
    pub(super) view: &'a View,
    pub(super) message: &'a Message,
}

impl View {
    /// The whole message, as answers to writes have it.
    pub(super) fn whole(mailbox: Uuid, prefer: &Preferences) -> Self {
        Self {
            mailbox,
            selection: Selection::default(),
            expand: Vec::new(),
            basic: false,
            immutable_ids: prefer.immutable_ids,
            body_kind: prefer.body_kind,
        }
    }

    /// The id that this reader knows the message by.
    pub(super) fn id(&self, message: &Message) -> String {
        if self.immutable_ids {
            item_id::immutable(self.mailbox, message.key)
        } else {
            item_id::message(self.mailbox, message.folder, message.item)
        }
    }

    /// The message with its annotations, selected and expanded.
    pub(super) fn message(&self, message: &Message) -> Result<Map<String, Value>, Fault> {
        let row = Row {
            view: self,
            message,
        };
        let mut entity = Map::with_capacity(MESSAGE_DEFAULT.len() + 2);
        let meeting = message.content.meeting.as_deref();
        if let Some(meeting) = meeting {
            entity.insert("@odata.type".to_owned(), json!(meeting::type_name(meeting)));
        }
        entity.insert(
            "@odata.etag".to_owned(),
            Value::String(etag(self.mailbox, message)),
        );
        entity.insert("id".to_owned(), Value::String(self.id(message)));
        let on_request = MESSAGE_ON_REQUEST
            .iter()
            .filter(|name| self.selection.names(name));
        for name in MESSAGE_DEFAULT
            .iter()
            .filter(|name| self.selection.wants(name))
            .chain(on_request)
        {
            if !(self.basic && NOT_BASIC.contains(name)) {
                entity.insert((*name).to_owned(), row.property(name));
            }
        }
        if let Some(meeting) = meeting.filter(|_| self.selection.is_everything()) {
            meeting::show(meeting, &mut entity);
        }
        for expand in self
            .expand
            .iter()
            .filter(|expand| !meeting::is_event(&expand.path))
        {
            self.expand_into(&mut entity, message, expand)?;
        }
        Ok(entity)
    }

    fn expand_into(
        &self,
        entity: &mut Map<String, Value>,
        message: &Message,
        expand: &Expand,
    ) -> Result<(), Fault> {
        match expand.path.to_ascii_lowercase().as_str() {
            "attachments" => {
                let mut select = expand.options.select.clone();
                ATTACHMENT
                    .resolve_select(&mut select)
                    .map_err(|error| Fault::outlook_query(&error))?;
                let selection = Selection::new(&select);
                let all = message.content.attachments.iter();
                let place = (message.folder, message.item);
                let list = all.map(|item| {
                    Value::Object(attached::render(
                        self.mailbox,
                        place,
                        item,
                        &selection,
                        false,
                    ))
                });
                entity.insert("attachments".to_owned(), list.collect());
            }
            "singlevalueextendedproperties" => {
                let all = message
                    .content
                    .extended
                    .iter()
                    .map(|property| json!({"id": property.id, "value": property.value}));
                let matching = |value: &Value| {
                    expand
                        .options
                        .filter
                        .as_ref()
                        .is_none_or(|filter| eval::matches(filter, value))
                };
                let list: Vec<Value> = all.filter(matching).collect();
                if !list.is_empty() {
                    entity.insert(
                        "singleValueExtendedProperties".to_owned(),
                        Value::Array(list),
                    );
                }
            }
            "extensions" | "multivalueextendedproperties" => {}
            _ => {
                return Err(Fault::bad_request(format!(
                    "Parsing OData Select and Expand failed: Could not find a property named '{}' on type 'microsoft.graph.message'.",
                    expand.path
                )));
            }
        }
        Ok(())
    }
}

impl filter::Entity for Row<'_> {
    fn property(&self, name: &str) -> Value {
        let (view, message) = (self.view, self.message);
        let content = &message.content;
        // A condition on what may not be read would tell it, bit by bit.
        if view.basic && NOT_BASIC.contains(&name) {
            return Value::Null;
        }
        match name {
            "id" => view.id(message).into(),
            "createdDateTime" => time(message.created),
            "lastModifiedDateTime" => time(message.modified),
            "changeKey" => item_id::change_key(view.mailbox, message.change).into(),
            "categories" => content.categories.clone().into(),
            "receivedDateTime" => time(message.received),
            "sentDateTime" => time(message.sent),
            "hasAttachments" => content.has_attachments().into(),
            "internetMessageId" => message.internet_message_id.clone().into(),
            "subject" => content.subject.clone().into(),
            "bodyPreview" => content.preview.clone().into(),
            "importance" => importance(content.importance).into(),
            "parentFolderId" => item_id::folder(view.mailbox, message.folder).into(),
            "conversationId" => item_id::conversation(view.mailbox, message.conversation).into(),
            "conversationIndex" => conversation_index(message).into(),
            "isDeliveryReceiptRequested" => content.receipts.delivery.into(),
            "isReadReceiptRequested" => content.receipts.read.into(),
            "isRead" => message.is_read.into(),
            "isDraft" => message.is_draft.into(),
            "webLink" => web_link(&view.id(message)).into(),
            "inferenceClassification" => match content.inference {
                Inference::Focused => "focused".into(),
                Inference::Other => "other".into(),
            },
            "body" | "uniqueBody" => item_body(&content.body, view.body_kind),
            "sender" => content.sender.as_ref().map_or(Value::Null, recipient),
            "from" => content.from.as_ref().map_or(Value::Null, recipient),
            "toRecipients" => content.to.iter().map(recipient).collect(),
            "ccRecipients" => content.cc.iter().map(recipient).collect(),
            "bccRecipients" => content.bcc.iter().map(recipient).collect(),
            "replyTo" => content.reply_to.iter().map(recipient).collect(),
            "flag" => flag(message),
            "internetMessageHeaders" => headers(message)
                .iter()
                .map(|h| json!({"name": h.name, "value": h.value}))
                .collect(),
            "singleValueExtendedProperties" => content
                .extended
                .iter()
                .map(|property| json!({"id": property.id, "value": property.value}))
                .collect(),
            _ => Value::Null,
        }
    }
}

/// `W/"…"` around the change key.
pub(super) fn etag(mailbox: Uuid, message: &Message) -> String {
    format!("W/\"{}\"", item_id::change_key(mailbox, message.change))
}

/// Whole seconds, UTC.
pub(in crate::graph) fn time(at: Timestamp) -> Value {
    Value::String(
        Timestamp::from_second(at.as_second())
            .unwrap_or(at)
            .to_string(),
    )
}

/// An item's text, as what the client prefers or else as it was written.
pub(in crate::graph) fn item_body(body: &Body, preferred: Option<BodyKind>) -> Value {
    let (kind, content) = match preferred.unwrap_or(body.kind) {
        BodyKind::Text => ("text", body.as_text()),
        BodyKind::Html => ("html", body.as_html()),
    };
    json!({"contentType": kind, "content": content})
}

pub(in crate::graph) fn recipient(address: &Address) -> Value {
    json!({"emailAddress": {"name": address.name, "address": address.address}})
}

pub(in crate::graph) fn importance(importance: Importance) -> &'static str {
    match importance {
        Importance::Low => "low",
        Importance::Normal => "normal",
        Importance::High => "high",
    }
}

fn flag(message: &Message) -> Value {
    let flag = &message.content.flag;
    let status = match flag.status {
        FlagStatus::NotFlagged => "notFlagged",
        FlagStatus::Complete => "complete",
        FlagStatus::Flagged => "flagged",
    };
    let mut value = Map::from_iter([("flagStatus".to_owned(), json!(status))]);
    for (name, at) in [
        ("startDateTime", &flag.start),
        ("dueDateTime", &flag.due),
        ("completedDateTime", &flag.completed),
    ] {
        if let Some(ZonedText {
            date_time,
            time_zone,
        }) = at
        {
            value.insert(
                name.to_owned(),
                json!({"dateTime": date_time, "timeZone": time_zone}),
            );
        }
    }
    Value::Object(value)
}

/// A version, five bytes of time, the conversation, then five bytes a reply.
fn conversation_index(message: &Message) -> String {
    let mut bytes = vec![1];
    let ticks = (message.conversation_start.as_second() + 11_644_473_600)
        .unsigned_abs()
        .wrapping_mul(10_000_000);
    bytes.extend_from_slice(&ticks.to_be_bytes()[..5]);
    bytes.extend_from_slice(message.conversation.as_bytes());
    for step in &message.reply_steps {
        bytes.extend_from_slice(&step.to_be_bytes());
        bytes.push(0x10);
    }
    STANDARD.encode(bytes)
}

fn web_link(id: &str) -> String {
    let id = utf8_percent_encode(id, NON_ALPHANUMERIC);
    format!("https://outlook.office365.com/owa/?ItemID={id}&exvsurl=1&viewmodel=ReadMessageItem")
}

/// The headers of the message on the wire: the usual ones once it was sent, then the writer's own.
pub(super) fn headers(message: &Message) -> Vec<Header> {
    let header = |name: &str, value: String| Header {
        name: name.to_owned(),
        value,
    };
    let mut headers = Vec::new();
    if !message.is_draft {
        let content = &message.content;
        let list = |addresses: &[Address]| {
            addresses
                .iter()
                .map(mailbox_text)
                .collect::<Vec<_>>()
                .join(", ")
        };
        if let Some(from) = &content.from {
            headers.push(header("From", mailbox_text(from)));
        }
        headers.push(header("To", list(&content.to)));
        if !content.cc.is_empty() {
            headers.push(header("CC", list(&content.cc)));
        }
        headers.push(header("Subject", content.subject.clone()));
        headers.push(header("Date", rfc2822(message.sent)));
        headers.push(header("Message-ID", message.internet_message_id.clone()));
        if let Some(original) = &message.in_reply_to {
            headers.push(header("In-Reply-To", original.clone()));
            headers.push(header("References", original.clone()));
        }
        headers.push(header("MIME-Version", "1.0".to_owned()));
    }
    headers.extend(message.content.headers.iter().cloned());
    headers
}

/// `Ana Reis <ana.reis@contoso.com>`
pub(super) fn mailbox_text(address: &Address) -> String {
    if address.name.is_empty() || address.name == address.address {
        address.address.clone()
    } else {
        format!("{} <{}>", address.name, address.address)
    }
}

/// `Mon, 5 Jan 2026 09:10:11 +0000`
pub(super) fn rfc2822(at: Timestamp) -> String {
    jiff::tz::Offset::UTC
        .to_datetime(at)
        .strftime("%a, %-d %b %Y %H:%M:%S +0000")
        .to_string()
}
