//! Messages as clients write them.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::attached;
use super::schema::MESSAGE;
use crate::graph::fault::Fault;
use crate::state::ids::Ids;
use crate::state::mail::message::{
    Address, Body, Content, ExtendedProperty, Flag, FlagStatus, Header, Importance, Inference,
    ZonedText,
};

/// Most `internetMessageHeaders` that Exchange takes.
const MAX_HEADERS: usize = 5;

/// What a writer sets beside the content.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) is_read: Option<bool>,
    pub(super) internet_message_id: Option<String>,
}

/// What may change only while a message is a draft.
/// Source: <https://learn.microsoft.com/graph/api/message-update#request-body>
const DRAFT_ONLY: [&str; 10] = [
    "subject",
    "body",
    "from",
    "sender",
    "torecipients",
    "ccrecipients",
    "bccrecipients",
    "replyto",
    "internetmessageid",
    "internetmessageheaders",
];

/// Refuses to change what was sent or received.
pub(super) fn refuse_draft_only(body: &Map<String, Value>) -> Result<(), Fault> {
    match body
        .keys()
        .find(|name| DRAFT_ONLY.contains(&name.to_ascii_lowercase().as_str()))
    {
        Some(name) => Err(Fault::not_settable(name)),
        None => Ok(()),
    }
}

/// Writes the named properties into the content. Annotations, and what only the server sets, are passed over.
pub(super) fn apply(
    content: &mut Content,
    body: &Map<String, Value>,
    ids: &mut Ids,
    now: Timestamp,
) -> Result<Marks, Fault> {
    let mut marks = Marks::default();
    for (name, value) in body {
        if name.contains('@') {
            continue;
        }
        match name.to_ascii_lowercase().as_str() {
            "isread" => marks.is_read = Some(boolean(name, value)?),
            "internetmessageid" => marks.internet_message_id = Some(text(name, value)?),
            "attachments" => {
                for item in array(name, value)? {
                    content
                        .attachments
                        .push(attached::read(object(name, item)?, ids, now)?);
                }
            }
            _ => set(content, name, value)?,
        }
    }
    Ok(marks)
}

fn set(content: &mut Content, name: &str, value: &Value) -> Result<(), Fault> {
    match name.to_ascii_lowercase().as_str() {
        "subject" => content.subject = optional_text(name, value)?.unwrap_or_default(),
        "body" => content.set_body(item_body(name, value)?),
        "from" => content.from = optional_recipient(name, value)?,
        "sender" => content.sender = optional_recipient(name, value)?,
        "torecipients" => content.to = recipients(name, value)?,
        "ccrecipients" => content.cc = recipients(name, value)?,
        "bccrecipients" => content.bcc = recipients(name, value)?,
        "replyto" => content.reply_to = recipients(name, value)?,
        "categories" => content.categories = texts(name, value)?,
        "importance" => content.importance = importance(name, value)?,
        "inferenceclassification" => content.inference = inference(name, value)?,
        "flag" => content.flag = flag(name, value)?,
        "isreadreceiptrequested" => content.receipts.read = value.as_bool().unwrap_or_default(),
        "isdeliveryreceiptrequested" => content.receipts.delivery = value.as_bool(),
        "internetmessageheaders" => content.headers = headers(name, value)?,
        "singlevalueextendedproperties" => content.extended = extended(name, value)?,
        _ if MESSAGE.property(name).is_some() => {}
        _ => return Err(Fault::unknown_property(name, MESSAGE.name)),
    }
    Ok(())
}

/// `toRecipients` and its kin.
pub(in crate::graph) fn recipients(name: &str, value: &Value) -> Result<Vec<Address>, Fault> {
    array(name, value)?
        .iter()
        .map(|item| recipient(name, item))
        .collect()
}

pub(in crate::graph) fn recipient(name: &str, value: &Value) -> Result<Address, Fault> {
    let wanted = "microsoft.graph.recipient";
    let email = object(name, value)?
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("emailAddress"));
    let email = email
        .and_then(|(_, email)| email.as_object())
        .ok_or_else(|| Fault::invalid_value(name, wanted))?;
    let part = |key: &str| {
        email
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(key))
            .and_then(|(_, value)| value.as_str())
    };
    let address = part("address")
        .ok_or_else(|| Fault::invalid_value(name, wanted))?
        .trim();
    let shown = part("name")
        .filter(|name| !name.is_empty())
        .unwrap_or(address);
    Ok(Address {
        name: shown.to_owned(),
        address: address.to_owned(),
    })
}

fn optional_recipient(name: &str, value: &Value) -> Result<Option<Address>, Fault> {
    if value.is_null() {
        Ok(None)
    } else {
        recipient(name, value).map(Some)
    }
}

pub(in crate::graph) fn item_body(name: &str, value: &Value) -> Result<Body, Fault> {
    let item = object(name, value)?;
    let part = |key: &str| {
        item.iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(key))
            .and_then(|(_, value)| value.as_str())
    };
    let content = part("content").unwrap_or_default();
    match part("contentType")
        .unwrap_or("text")
        .to_ascii_lowercase()
        .as_str()
    {
        "text" => Ok(Body::text(content)),
        "html" => Ok(Body::html(content)),
        _ => Err(Fault::invalid_value(
            "contentType",
            "microsoft.graph.bodyType",
        )),
    }
}

fn headers(name: &str, value: &Value) -> Result<Vec<Header>, Fault> {
    let mut headers = Vec::new();
    for item in array(name, value)? {
        let (key, value) = pair(name, item, "name")?;
        let starts = key
            .get(..2)
            .is_some_and(|start| start.eq_ignore_ascii_case("x-"));
        if !starts
            || !key
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b':')
        {
            return Err(Fault::bad_header(&key));
        }
        headers.push(Header {
            name: key,
            value: value.replace(['\r', '\n'], " "),
        });
    }
    if headers.len() > MAX_HEADERS {
        Err(Fault::too_many_headers())
    } else {
        Ok(headers)
    }
}

fn extended(name: &str, value: &Value) -> Result<Vec<ExtendedProperty>, Fault> {
    let items = array(name, value)?.iter();
    items
        .map(|item| pair(name, item, "id").map(|(id, value)| ExtendedProperty { id, value }))
        .collect()
}

fn pair(name: &str, item: &Value, key: &str) -> Result<(String, String), Fault> {
    let item = object(name, item)?;
    let part = |key: &str| item.get(key).and_then(Value::as_str).map(str::to_owned);
    let key = part(key).ok_or_else(|| Fault::missing_property(key))?;
    Ok((key, part("value").unwrap_or_default()))
}

fn flag(name: &str, value: &Value) -> Result<Flag, Fault> {
    let item = object(name, value)?;
    let status = match item.get("flagStatus").and_then(Value::as_str) {
        Some("flagged") => FlagStatus::Flagged,
        Some("complete") => FlagStatus::Complete,
        Some("notFlagged") | None => FlagStatus::NotFlagged,
        Some(_) => {
            return Err(Fault::invalid_value(
                "flagStatus",
                "microsoft.graph.followupFlagStatus",
            ));
        }
    };
    let at = |name: &str| {
        let zoned = item.get(name)?.as_object()?;
        let part = |key: &str| zoned.get(key).and_then(Value::as_str).map(str::to_owned);
        Some(ZonedText {
            date_time: part("dateTime")?,
            time_zone: part("timeZone").unwrap_or_else(|| "UTC".to_owned()),
        })
    };
    Ok(Flag {
        status,
        start: at("startDateTime"),
        due: at("dueDateTime"),
        completed: at("completedDateTime"),
    })
}

pub(in crate::graph) fn importance(name: &str, value: &Value) -> Result<Importance, Fault> {
    match text(name, value)?.to_ascii_lowercase().as_str() {
        "low" => Ok(Importance::Low),
        "normal" => Ok(Importance::Normal),
        "high" => Ok(Importance::High),
        _ => Err(Fault::invalid_value(name, "microsoft.graph.importance")),
    }
}

pub(in crate::graph) fn inference(name: &str, value: &Value) -> Result<Inference, Fault> {
    match text(name, value)?.to_ascii_lowercase().as_str() {
        "focused" => Ok(Inference::Focused),
        "other" => Ok(Inference::Other),
        _ => Err(Fault::invalid_value(
            name,
            "microsoft.graph.inferenceClassificationType",
        )),
    }
}

/// An object, or the refusal that names the property.
pub(in crate::graph) fn object<'v>(
    name: &str,
    value: &'v Value,
) -> Result<&'v Map<String, Value>, Fault> {
    value
        .as_object()
        .ok_or_else(|| Fault::invalid_value(name, "Edm.ComplexType"))
}

pub(in crate::graph) fn array<'v>(name: &str, value: &'v Value) -> Result<&'v [Value], Fault> {
    match value {
        Value::Null => Ok(&[]),
        Value::Array(items) => Ok(items),
        _ => Err(Fault::invalid_value(name, "Collection")),
    }
}

/// A text, or the refusal that names the property.
pub(in crate::graph) fn text(name: &str, value: &Value) -> Result<String, Fault> {
    optional_text(name, value)?.ok_or_else(|| Fault::invalid_value(name, "Edm.String"))
}

pub(in crate::graph) fn optional_text(name: &str, value: &Value) -> Result<Option<String>, Fault> {
    match value {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(Fault::invalid_value(name, "Edm.String")),
    }
}

pub(in crate::graph) fn texts(name: &str, value: &Value) -> Result<Vec<String>, Fault> {
    array(name, value)?
        .iter()
        .map(|item| text(name, item))
        .collect()
}

pub(in crate::graph) fn boolean(name: &str, value: &Value) -> Result<bool, Fault> {
    value
        .as_bool()
        .ok_or_else(|| Fault::invalid_value(name, "Edm.Boolean"))
}
