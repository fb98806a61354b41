//! Messages: <https://learn.microsoft.com/graph/api/resources/message>

use axum::http::Method;
use serde_json::{Map, Value};

use super::input::Marks;
use super::render::{View, etag};
use super::{
    Target, actions, attachments, delta, folder_number, input, meeting, message_key, mime,
    mime_input, query, send,
};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::ids::Ids;
use crate::state::mail::delivery::address_of;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::message::{Content, Message};
use crate::state::mail::{Mailbox, NewMessage};

/// Everything at and below `messages`, of the mailbox or of one folder.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    folder: Option<&str>,
    path: &[&str],
) -> Result<Reply, Fault> {
    let Some((first, below)) = path.split_first() else {
        return match call.method {
            Method::GET => query::list(call, target, folder),
            Method::POST => create(call, target, folder),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    match first.to_ascii_lowercase().as_str() {
        "$count" => query::count(call, target, folder),
        "delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()" => {
            delta::messages(call, target, folder)
        }
        _ => one(call, target, folder, first, below),
    }
}

fn one(
    call: &Call,
    target: &Target,
    folder: Option<&str>,
    id: &str,
    path: &[&str],
) -> Result<Reply, Fault> {
    let place = Place { folder, id };
    let Some((first, below)) = path.split_first() else {
        return match call.method {
            Method::GET => get(call, target, &place),
            Method::PATCH => update(call, target, &place),
            Method::DELETE => delete(call, target, &place),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    match name.strip_prefix("microsoft.graph.").unwrap_or(&name) {
        "$value" => mime::get(call, target, &place),
        "attachments" => attachments::dispatch(call, target, &place, below),
        "extensions" => Err(Fault::not_implemented("extensions")),
        action => actions::run(call, target, &place, action, first),
    }
}

/// A message as a URL names it: an id, and the folder that it must be in when there is one.
pub(super) struct Place<'a> {
    folder: Option<&'a str>,
    pub(super) id: &'a str,
}

impl Place<'_> {
    /// The message's key in the mailbox.
    pub(super) fn key(&self, mailbox: &Mailbox) -> Result<u64, Fault> {
        let key = message_key(mailbox, self.id)?;
        let folder = self
            .folder
            .map(|folder| folder_number(mailbox, folder))
            .transpose()?;
        let is_there = folder.is_none_or(|folder| {
            mailbox
                .message(key)
                .is_some_and(|message| message.folder == folder)
        });
        if is_there {
            Ok(key)
        } else {
            Err(Fault::item_not_found())
        }
    }

    /// The message itself.
    pub(super) fn message<'m>(&self, mailbox: &'m Mailbox) -> Result<&'m Message, Fault> {
        let key = self.key(mailbox)?;
        mailbox.message(key).ok_or_else(Fault::item_not_found)
    }
}

/// `GET …/messages/{id}`
fn get(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        let view = query::view(call, &call.options, target, mailbox)?;
        let suffix = view.selection.context_suffix();
        let message = place.message(mailbox)?;
        let mut entity = view.message(message)?;
        meeting::expand(call, mailbox, message, &mut entity)?;
        let entity = with_context(call, target, &format!("messages{suffix}"), entity);
        Ok(Reply::json(&entity))
    })
}

/// `POST …/messages`: a draft, in Drafts unless a folder is named.
fn create(call: &Call, target: &Target, folder: Option<&str>) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let written = if send::is_mime(call) {
        None
    } else {
        Some(call.json()?)
    };
    target.change(call, |mailbox, ids| {
        let folder = folder.map_or(Ok(WellKnown::Drafts.number()), |key| {
            folder_number(mailbox, key)
        })?;
        let own = address_of(&target.owner);
        let mut content = Content {
            from: Some(own.clone()),
            sender: Some(own),
            ..Content::default()
        };
        let marks = match &written {
            Some(body) => input::apply(&mut content, body, ids, call.now)?,
            None => from_mime(call, &mut content, ids)?,
        };
        let new = NewMessage {
            folder,
            content,
            is_read: marks.is_read.unwrap_or(true),
            is_draft: true,
            at: call.now,
            internet_message_id: marks.internet_message_id,
            thread: None,
        };
        let key = mailbox.add(new, ids);
        created(call, target, mailbox, key)
    })
}

/// Fills a draft from MIME; who sends it stays when the headers do not say.
fn from_mime(call: &Call, content: &mut Content, ids: &mut Ids) -> Result<Marks, Fault> {
    let parsed = mime_input::read(call.bytes(), ids, call.now)?;
    let own = (content.from.take(), content.sender.take());
    *content = parsed.content;
    content.from = content.from.take().or(own.0);
    content.sender = content.sender.take().or(own.1);
    Ok(Marks {
        is_read: None,
        internet_message_id: parsed.internet_message_id,
    })
}

/// `PATCH …/messages/{id}`
fn update(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let body = call.json()?;
    target.change(call, |mailbox, ids| {
        let message = place.message(mailbox)?;
        check_version(call, mailbox, message)?;
        if !message.is_draft {
            input::refuse_draft_only(&body)?;
        }
        let key = message.key;
        let mut content = message.content.clone();
        let marks = input::apply(&mut content, &body, ids, call.now)?;
        mailbox.change(key, call.now, |message| {
            message.content = content;
            message.is_read = marks.is_read.unwrap_or(message.is_read);
            if let Some(id) = marks.internet_message_id {
                message.internet_message_id = id;
            }
        });
        let view = View::whole(mailbox.id, &call.prefer);
        let message = mailbox.message(key).ok_or_else(Fault::item_not_found)?;
        Ok(Reply::json(&with_context(
            call,
            target,
            "messages",
            view.message(message)?,
        )))
    })
}

/// `DELETE …/messages/{id}`: to Deleted Items, and from there for good.
fn delete(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    target.change(call, |mailbox, _| {
        let message = place.message(mailbox)?;
        check_version(call, mailbox, message)?;
        let (key, folder) = (message.key, message.folder);
        let bin = WellKnown::DeletedItems.number();
        if mailbox.is_within(folder, bin) {
            mailbox.remove(key);
        } else {
            mailbox.move_to(key, bin, call.now);
        }
        Ok(Reply::no_content())
    })
}

fn check_version(call: &Call, mailbox: &Mailbox, message: &Message) -> Result<(), Fault> {
    let current = etag(mailbox.id, message);
    match call.header("if-match").map(str::trim) {
        None | Some("*") => Ok(()),
        Some(wanted) if wanted.split(',').any(|tag| tag.trim() == current) => Ok(()),
        Some(_) => Err(Fault::changed_meanwhile()),
    }
}

/// 201 with the message and its address.
pub(super) fn created(
    call: &Call,
    target: &Target,
    mailbox: &Mailbox,
    key: u64,
) -> Result<Reply, Fault> {
    let view = View::whole(mailbox.id, &call.prefer);
    let message = mailbox.message(key).ok_or_else(Fault::item_not_found)?;
    let location = format!(
        "{}/{}/messages('{}')",
        call.base,
        target.path(),
        view.id(message)
    );
    let entity = with_context(call, target, "messages", view.message(message)?);
    Ok(Reply::created(&entity, location))
}

fn with_context(call: &Call, target: &Target, set: &str, entity: Map<String, Value>) -> Value {
    let context = call.context(&format!("{}/{set}/$entity", target.path()));
    envelope::entity(&context, entity)
}
