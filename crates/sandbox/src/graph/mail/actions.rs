//! What can be done to one message with `POST …/messages/{id}/{action}`.

use axum::http::Method;
use serde_json::{Map, Value};

use super::messages::{Place, created};
use super::{Target, folder_number, input, send};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::ids::Ids;
use crate::state::mail::delivery::{Outgoing, address_of};
use crate::state::mail::folder::WellKnown;
use crate::state::mail::message::{Content, Message};
use crate::state::mail::reply::{Answer, draft};
use crate::state::mail::{NewMessage, Thread};

/// Runs the action by its lower-case name; `segment` is how the client wrote it.
pub(super) fn run(
    call: &Call,
    target: &Target,
    place: &Place<'_>,
    action: &str,
    segment: &str,
) -> Result<Reply, Fault> {
    let known = [
        "move",
        "copy",
        "send",
        "reply",
        "replyall",
        "forward",
        "createreply",
        "createreplyall",
        "createforward",
        "permanentdelete",
    ];
    if !known.contains(&action) {
        return Err(Fault::unknown_segment(segment));
    }
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    match action {
        "move" | "copy" => relocate(call, target, place, action),
        "send" => send::send_draft(call, target, place),
        "reply" => answer(call, target, place, Answer::Sender),
        "replyall" => answer(call, target, place, Answer::Everyone),
        "forward" => answer(call, target, place, Answer::Forward),
        "createreply" => create_answer(call, target, place, Answer::Sender),
        "createreplyall" => create_answer(call, target, place, Answer::Everyone),
        "createforward" => create_answer(call, target, place, Answer::Forward),
        _ => purge(call, target, place),
    }
}

/// `move` and `copy`: 201 with the message at its new place.
fn relocate(call: &Call, target: &Target, place: &Place<'_>, action: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let body = Parameters::read(call, &["destinationid"], action)?;
    let destination = body
        .get("destinationid")
        .and_then(Value::as_str)
        .ok_or_else(|| Fault::missing_property("destinationId"))?;
    target.change(call, |mailbox, _| {
        let key = place.key(mailbox)?;
        let folder = folder_number(mailbox, destination)?;
        let key = if action == "move" {
            mailbox.move_to(key, folder, call.now);
            key
        } else {
            mailbox
                .copy_to(key, folder, call.now)
                .ok_or_else(Fault::item_not_found)?
        };
        created(call, target, mailbox, key)
    })
}

fn purge(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    target.change(call, |mailbox, _| {
        let key = place.key(mailbox)?;
        mailbox.remove(key);
        Ok(Reply::no_content())
    })
}

/// `reply`, `replyAll`, `forward`: sent at once, 202.
fn answer(call: &Call, target: &Target, place: &Place<'_>, answer: Answer) -> Result<Reply, Fault> {
    target.require(MailAccess::Send)?;
    let body = Parameters::of_answer(call)?;
    call.shared.write(|state| {
        let State {
            mail,
            ids,
            directory,
            ..
        } = state;
        let original = place.message(mail.open(&target.owner.id, ids))?.clone();
        let (content, internet_message_id) =
            write_answer(call, target, &original, answer, &body, ids)?;
        send::check_recipients(&content)?;
        send::check_sender(&content, target, directory, mail)?;
        let thread = Some(Thread::after(&original, call.now));
        let outgoing = Outgoing {
            content,
            internet_message_id,
            thread,
            save_to_sent_items: true,
            draft: None,
        };
        crate::state::mail::delivery::send(state, &target.owner.id, outgoing, call.now);
        Ok(Reply::accepted())
    })
}

/// `createReply`, `createReplyAll`, `createForward`: a draft, 201.
fn create_answer(
    call: &Call,
    target: &Target,
    place: &Place<'_>,
    answer: Answer,
) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let body = Parameters::of_answer(call)?;
    target.change(call, |mailbox, ids| {
        let original = place.message(mailbox)?.clone();
        let (content, internet_message_id) =
            write_answer(call, target, &original, answer, &body, ids)?;
        let new = NewMessage {
            folder: WellKnown::Drafts.number(),
            content,
            is_read: true,
            is_draft: true,
            at: call.now,
            internet_message_id,
            thread: Some(Thread::after(&original, call.now)),
        };
        let key = mailbox.add(new, ids);
        created(call, target, mailbox, key)
    })
}

fn write_answer(
    call: &Call,
    target: &Target,
    original: &Message,
    answer: Answer,
    body: &Parameters,
    ids: &mut Ids,
) -> Result<(Content, Option<String>), Fault> {
    let comment = body.get("comment").and_then(Value::as_str);
    let own = address_of(&target.owner);
    let mut content = draft(original, &own, answer, comment);
    let mut internet_message_id = None;
    if let Some(message) = body.get("message").filter(|message| !message.is_null()) {
        let message = input::object("message", message)?;
        internet_message_id =
            input::apply(&mut content, message, ids, call.now)?.internet_message_id;
    }
    if let Some(to) = body.get("torecipients").filter(|to| !to.is_null()) {
        content.to = input::recipients("toRecipients", to)?;
    }
    Ok((content, internet_message_id))
}

/// The parameters of an action, by lower-case name.
pub(in crate::graph) struct Parameters(Map<String, Value>);

impl Parameters {
    /// Reads the body; a parameter that the action does not have is refused by name.
    pub(in crate::graph) fn read(call: &Call, known: &[&str], action: &str) -> Result<Self, Fault> {
        let mut parameters = Map::new();
        for (name, value) in call.optional_json()? {
            let lower = name.to_ascii_lowercase();
            if !name.contains('@') && !known.contains(&lower.as_str()) {
                return Err(Fault::bad_request(format!(
                    "The parameter '{name}' in the request payload is not a valid parameter for the operation '{action}'."
                )));
            }
            parameters.insert(lower, value);
        }
        Ok(Self(parameters))
    }

    /// Those of an answer: a comment or a body, recipients in one place.
    fn of_answer(call: &Call) -> Result<Self, Fault> {
        let parameters = Self::read(
            call,
            &["comment", "message", "torecipients"],
            call.segments.last().map_or("", String::as_str),
        )?;
        let inside = |wanted: &str| {
            let message = parameters.get("message").and_then(Value::as_object);
            message
                .is_some_and(|message| message.keys().any(|name| name.eq_ignore_ascii_case(wanted)))
        };
        if parameters
            .get("comment")
            .is_some_and(|comment| !comment.is_null())
            && inside("body")
        {
            return Err(Fault::bad_request(
                "Specify either the comment parameter or the body property of the message parameter, not both.",
            ));
        }
        if parameters
            .get("torecipients")
            .is_some_and(|to| !to.is_null())
            && inside("toRecipients")
        {
            return Err(Fault::bad_request(
                "Specify toRecipients either as a parameter or in the message parameter, not both.",
            ));
        }
        Ok(parameters)
    }

    pub(in crate::graph) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}
