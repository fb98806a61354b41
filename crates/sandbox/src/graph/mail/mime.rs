//! A message as it travels between servers: RFC 5322 and MIME.
//! Source: <https://learn.microsoft.com/graph/outlook-get-mime-message>

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::Value;

use super::messages::Place;
use super::render::{headers, mailbox_text, rfc2822};
use super::{Target, input};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::state::ids::Ids;
use crate::state::mail::message::{Attachment, BodyKind, Content, Message};

/// `GET …/messages/{id}/$value`
pub(super) fn get(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    target.require(MailAccess::Read)?;
    target.read(call, |mailbox| {
        Ok(Reply::raw(
            "text/plain",
            write(place.message(mailbox)?).into_bytes(),
        ))
    })
}

/// A message that is attached to another, as MIME.
pub(super) fn of_item(item: &Value) -> Result<Reply, Fault> {
    let kind = item["@odata.type"].as_str().unwrap_or_default();
    let Some(written) = item.as_object().filter(|_| kind.ends_with("essage")) else {
        return Err(Fault::not_implemented(&format!(
            "$value of an attached {kind}"
        )));
    };
    let (mut content, mut ids) = (Content::default(), Ids::default());
    let now = Timestamp::UNIX_EPOCH;
    let mut known = written.clone();
    known.retain(|name, _| !name.contains('@'));
    let marks = input::apply(&mut content, &known, &mut ids, now)?;
    let message = Message {
        key: 0,
        item: 0,
        folder: 0,
        change: 0,
        created: now,
        modified: now,
        received: now,
        sent: now,
        is_read: true,
        is_draft: true,
        internet_message_id: marks.internet_message_id.unwrap_or_default(),
        in_reply_to: None,
        conversation: ids.uuid(),
        reply_steps: Vec::new(),
        conversation_start: now,
        content,
    };
    Ok(Reply::raw("text/plain", write(&message).into_bytes()))
}

/// The message's lines, each ended by CR LF.
fn write(message: &Message) -> String {
    let mut lines: Vec<String> = Vec::new();
    if message.is_draft {
        let content = &message.content;
        lines.extend(
            content
                .from
                .iter()
                .map(|from| format!("From: {}", encode(&mailbox_text(from)))),
        );
        lines.push(format!("Subject: {}", encode(&content.subject)));
        lines.push(format!("Date: {}", rfc2822(message.created)));
        lines.push(format!("Message-ID: {}", message.internet_message_id));
        lines.push("MIME-Version: 1.0".to_owned());
    }
    lines.extend(
        headers(message)
            .iter()
            .map(|header| format!("{}: {}", header.name, encode(&header.value))),
    );
    let body = part(
        text_type(message.content.body.kind),
        &[],
        message.content.body.content.as_bytes(),
    );
    let attachments = &message.content.attachments;
    if attachments.is_empty() {
        lines.extend(body);
    } else {
        let boundary = format!("_000_{}_", message.conversation.simple());
        lines.push(format!(
            "Content-Type: multipart/mixed; boundary=\"{boundary}\""
        ));
        lines.push(String::new());
        for part in std::iter::once(body).chain(attachments.iter().map(file)) {
            lines.push(format!("--{boundary}"));
            lines.extend(part);
        }
        lines.push(format!("--{boundary}--"));
    }
    lines.push(String::new());
    lines.join("\r\n")
}

fn text_type(kind: BodyKind) -> &'static str {
    match kind {
        BodyKind::Text => "text/plain; charset=\"utf-8\"",
        BodyKind::Html => "text/html; charset=\"utf-8\"",
    }
}

fn file(attachment: &Attachment) -> Vec<String> {
    let disposition = if attachment.is_inline {
        "inline"
    } else {
        "attachment"
    };
    let name = encode(&attachment.name.replace(['"', '\\'], "_"));
    let mut more = vec![format!(
        "Content-Disposition: {disposition}; filename=\"{name}\""
    )];
    more.extend(
        attachment
            .content_id
            .iter()
            .map(|id| format!("Content-ID: <{id}>")),
    );
    part(
        &format!(
            "{}; name=\"{name}\"",
            attachment.content_type.replace(['\r', '\n'], " ")
        ),
        &more,
        &attachment.content,
    )
}

fn part(content_type: &str, more: &[String], content: &[u8]) -> Vec<String> {
    let mut lines = vec![
        format!("Content-Type: {content_type}"),
        "Content-Transfer-Encoding: base64".to_owned(),
    ];
    lines.extend_from_slice(more);
    lines.push(String::new());
    let encoded = STANDARD.encode(content);
    let rows = encoded
        .as_bytes()
        .chunks(76)
        .map(|row| String::from_utf8_lossy(row).into_owned());
    lines.extend(rows);
    lines
}

/// A header value on one line; what is not ASCII becomes an encoded word (RFC 2047).
fn encode(value: &str) -> String {
    let value = value.replace(['\r', '\n'], " ");
    if value.is_ascii() {
        return value;
    }
    // Encoded words are at most 75 characters long; 30 bytes of text stay below that.
    let mut words: Vec<String> = Vec::new();
    let mut current = String::new();
    for character in value.chars() {
        if current.len() + character.len_utf8() > 30 {
            words.push(std::mem::take(&mut current));
        }
        current.push(character);
    }
    words.push(current);
    let encoded: Vec<String> = words
        .iter()
        .map(|word| format!("=?utf-8?B?{}?=", STANDARD.encode(word)))
        .collect();
    encoded.join("\r\n ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn header_values_are_ascii_and_cannot_break_out_of_their_line() {
        assert_eq!(encode("plain"), "plain");
        assert_eq!(encode("a\r\nBcc: x"), "a  Bcc: x");
        let long = encode(&"é".repeat(60));
        assert!(long.is_ascii() && long.split("\r\n").all(|line| line.trim().len() <= 75));
    }
}
