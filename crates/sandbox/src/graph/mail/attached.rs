//! Attachments of messages and events: as clients write them and as they are shown.
//! Source: <https://learn.microsoft.com/graph/api/resources/attachment>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::render::time;
use super::schema::{CONTACT_NAMES, EVENT_NAMES, MESSAGE};
use crate::graph::fault::Fault;
use crate::odata::project::Selection;
use crate::state::ids::Ids;
use crate::state::mail::item_id;
use crate::state::mail::message::{Attachment, AttachmentKind};

/// A file that is sent within a request; larger ones take an upload session.
pub(super) const MAX_INLINE: usize = 3 * 1024 * 1024;
/// What Exchange counts for an attachment besides its bytes.
const OVERHEAD: usize = 188;

/// An attachment as a client writes it.
pub(in crate::graph) fn read(
    item: &Map<String, Value>,
    ids: &mut Ids,
    now: Timestamp,
) -> Result<Attachment, Fault> {
    let get = |name: &str| {
        let mut all = item.iter();
        all.find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let words = |name: &str| get(name).and_then(Value::as_str).map(str::to_owned);
    let written = words("@odata.type").ok_or_else(|| Fault::missing_property("@odata.type"))?;
    let mut attachment = Attachment {
        id: ids.uuid(),
        name: words("name").ok_or_else(|| Fault::missing_property("name"))?,
        content_type: words("contentType").unwrap_or_default(),
        is_inline: get("isInline").and_then(Value::as_bool).unwrap_or_default(),
        content_id: words("contentId"),
        modified: now,
        content: Vec::new(),
        kind: AttachmentKind::File,
    };
    let kind = written.trim_start_matches('#');
    match kind
        .rsplit('.')
        .next()
        .unwrap_or(kind)
        .to_ascii_lowercase()
        .as_str()
    {
        "fileattachment" => {
            attachment.content = bytes(&words("contentBytes").unwrap_or_default())?;
            if attachment.content_type.is_empty() {
                "application/octet-stream".clone_into(&mut attachment.content_type);
            }
        }
        "itemattachment" => {
            let inner = get("item").ok_or_else(|| Fault::missing_property("item"))?;
            check_item(inner)?;
            attachment.kind = AttachmentKind::Item(inner.clone());
        }
        "referenceattachment" => attachment.kind = AttachmentKind::Reference,
        _ => {
            return Err(Fault::invalid_value(
                "@odata.type",
                "microsoft.graph.attachment",
            ));
        }
    }
    Ok(attachment)
}

fn bytes(encoded: &str) -> Result<Vec<u8>, Fault> {
    let content = STANDARD
        .decode(encoded)
        .map_err(|_| Fault::invalid_value("contentBytes", "Edm.Binary"))?;
    if content.len() > MAX_INLINE {
        return Err(Fault::request_too_large());
    }
    Ok(content)
}

/// What is attached has to be a message, an event or a contact, and have properties of it.
fn check_item(item: &Value) -> Result<(), Fault> {
    let wanted = "microsoft.graph.outlookItem";
    let item = item
        .as_object()
        .ok_or_else(|| Fault::invalid_value("item", wanted))?;
    let kind = item
        .get("@odata.type")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let kind = kind.trim_start_matches('#').to_ascii_lowercase();
    let is_known = |name: &str| match kind.as_str() {
        "microsoft.graph.message" => MESSAGE.property(name).is_some(),
        "microsoft.graph.event" => EVENT_NAMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name)),
        "microsoft.graph.contact" => CONTACT_NAMES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name)),
        _ => false,
    };
    if ![
        "microsoft.graph.message",
        "microsoft.graph.event",
        "microsoft.graph.contact",
    ]
    .contains(&kind.as_str())
    {
        return Err(Fault::invalid_value("item", wanted));
    }
    let mut names = item.keys().filter(|name| !name.contains('@'));
    match names.find(|name| !is_known(name)) {
        Some(name) => Err(Fault::unknown_property(name, &kind)),
        None => Ok(()),
    }
}

/// An attachment under the place of what it belongs to; `whole` shows an attached item too.
pub(in crate::graph) fn render(
    mailbox: Uuid,
    (folder, item): (u32, u64),
    attachment: &Attachment,
    selection: &Selection,
    whole: bool,
) -> Map<String, Value> {
    let id = item_id::attachment(mailbox, folder, item, attachment.id);
    let (kind, size) = match &attachment.kind {
        AttachmentKind::File => ("fileAttachment", attachment.content.len()),
        AttachmentKind::Item(inner) => ("itemAttachment", inner.to_string().len()),
        AttachmentKind::Reference => ("referenceAttachment", attachment.name.len()),
    };
    let is_file = attachment.kind == AttachmentKind::File;
    let mut entity = Map::new();
    let mut put = |name: &str, value: Value| entity.insert(name.to_owned(), value);
    put("@odata.type", json!(format!("#microsoft.graph.{kind}")));
    if is_file {
        put("@odata.mediaContentType", json!(attachment.content_type));
    }
    put("id", json!(id));
    put("lastModifiedDateTime", time(attachment.modified));
    put("name", json!(attachment.name));
    let content_type = Some(&attachment.content_type).filter(|text| !text.is_empty());
    put("contentType", json!(content_type));
    put("size", json!(size + OVERHEAD));
    put("isInline", json!(attachment.is_inline));
    if is_file {
        put("contentId", json!(attachment.content_id));
        put("contentLocation", Value::Null);
        if selection.wants("contentBytes") {
            put(
                "contentBytes",
                Value::String(STANDARD.encode(&attachment.content)),
            );
        }
    }
    if let AttachmentKind::Item(inner) = &attachment.kind
        && whole
    {
        put("item", inner.clone());
    }
    selection.apply(&mut entity, &["id", "item"]);
    entity
}
