//! Sending: `sendMail`, and `send` of a draft.

use axum::http::Method;
use serde_json::Value;

use super::actions::Parameters;
use super::messages::Place;
use super::{Target, input, mime_input};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::directory::Directory;
use crate::state::mail::delivery::{self, Outgoing};
use crate::state::mail::message::Content;
use crate::state::mail::{Mail, Thread};

/// Recipients of one message that Exchange Online allows a mailbox unless an administrator changes it.
/// Source: <https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits>
const MAX_RECIPIENTS: usize = 500;
/// The largest message that an administrator may allow.
const MAX_MESSAGE: usize = 150 * 1024 * 1024;

/// `POST …/sendMail`: 202 without a body.
/// Source: <https://learn.microsoft.com/graph/api/user-sendmail>
pub(super) fn send_mail(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    if let Some(segment) = below.first() {
        return Err(Fault::unknown_segment(segment));
    }
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    target.require(MailAccess::Send)?;
    if is_mime(call) {
        return send_mime(call, target);
    }
    let body = Parameters::read(call, &["message", "savetosentitems"], "sendMail")?;
    let message = body
        .get("message")
        .ok_or_else(|| Fault::missing_property("message"))?;
    let message = input::object("message", message)?;
    let save_to_sent_items = !is_false(body.get("savetosentitems"));
    call.shared.write(|state| {
        let mut content = Content::default();
        let marks = input::apply(&mut content, message, &mut state.ids, call.now)?;
        check_recipients(&content)?;
        check_sender(&content, target, &state.directory, &state.mail)?;
        let outgoing = Outgoing {
            content,
            internet_message_id: marks.internet_message_id,
            thread: None,
            save_to_sent_items,
            draft: None,
        };
        delivery::send(state, &target.owner.id, outgoing, call.now);
        Ok(Reply::accepted())
    })
}

/// Whether the body is a message in MIME, encoded in base64, rather than JSON.
pub(super) fn is_mime(call: &Call) -> bool {
    let kind = call.header("content-type").unwrap_or_default();
    kind.trim_start()
        .to_ascii_lowercase()
        .starts_with("text/plain")
}

fn send_mime(call: &Call, target: &Target) -> Result<Reply, Fault> {
    call.shared.write(|state| {
        let parsed = mime_input::read(call.bytes(), &mut state.ids, call.now)?;
        check_recipients(&parsed.content)?;
        check_sender(&parsed.content, target, &state.directory, &state.mail)?;
        let outgoing = Outgoing {
            content: parsed.content,
            internet_message_id: parsed.internet_message_id,
            thread: None,
            save_to_sent_items: true,
            draft: None,
        };
        delivery::send(state, &target.owner.id, outgoing, call.now);
        Ok(Reply::accepted())
    })
}

/// `POST …/messages/{id}/send`: the draft becomes a sent message, keeping its immutable id.
pub(super) fn send_draft(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::Send)?;
    call.shared.write(|state| {
        let State { mail, ids, .. } = state;
        let draft = place.message(mail.open(&target.owner.id, ids))?;
        if !draft.is_draft {
            return Err(Fault::not_a_draft());
        }
        check_recipients(&draft.content)?;
        let outgoing = Outgoing {
            content: draft.content.clone(),
            internet_message_id: Some(draft.internet_message_id.clone()),
            thread: Some(Thread::of(draft)),
            save_to_sent_items: true,
            draft: Some(draft.key),
        };
        check_sender(&outgoing.content, target, &state.directory, &state.mail)?;
        delivery::send(state, &target.owner.id, outgoing, call.now);
        Ok(Reply::accepted())
    })
}

/// Exchange sends nothing to nobody, and nothing to what is no address.
pub(super) fn check_recipients(content: &Content) -> Result<(), Fault> {
    if content.recipients().next().is_none() {
        return Err(Fault::invalid_recipients(
            "At least one recipient is not valid., A message can't be sent because it contains no recipients.",
        ));
    }
    if content.recipients().count() > MAX_RECIPIENTS {
        return Err(Fault::invalid_recipients(
            "At least one recipient is not valid., The message has more than 500 recipients, which is the limit of this mailbox.",
        ));
    }
    let attached: usize = content
        .attachments
        .iter()
        .map(|attachment| attachment.content.len())
        .sum();
    if attached + content.body.content.len() > MAX_MESSAGE {
        return Err(Fault::message_too_large());
    }
    let is_address = |text: &str| {
        let parts = text.split_once('@');
        parts.is_some_and(|(local, domain)| {
            !local.is_empty() && domain.contains('.') && !text.contains(char::is_whitespace)
        })
    };
    match content
        .recipients()
        .find(|address| !is_address(&address.address))
    {
        Some(address) => Err(Fault::invalid_recipients(&format!(
            "At least one recipient is not valid., Recipient '{}' is not resolved. All recipients must be resolved before a message can be submitted.",
            address.address
        ))),
        None => Ok(()),
    }
}

/// A message in somebody else's name needs their leave, which in Exchange is given on their mailbox.
pub(super) fn check_sender(
    content: &Content,
    target: &Target,
    directory: &Directory,
    mail: &Mail,
) -> Result<(), Fault> {
    let Some(from) = &content.from else {
        return Ok(());
    };
    let allowed = directory.user(&from.address).is_some_and(|user| {
        let leave = || {
            mail.mailbox(&user.id)
                .is_some_and(|mailbox| mailbox.delegates.contains(&target.owner.id))
        };
        user.id == target.owner.id || (user.tenant_id == target.owner.tenant_id && leave())
    });
    if allowed {
        Ok(())
    } else {
        Err(Fault::send_as_denied())
    }
}

fn is_false(value: Option<&Value>) -> bool {
    match value {
        Some(Value::Bool(value)) => !value,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("false"),
        _ => false,
    }
}
