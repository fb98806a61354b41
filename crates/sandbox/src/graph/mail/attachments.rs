//! Attachments of a message: <https://learn.microsoft.com/graph/api/resources/attachment>

use axum::http::Method;
use serde_json::Value;
use uuid::Uuid;

use super::messages::Place;
use super::render::View;
use super::schema::ATTACHMENT;
use super::{Target, input};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::state::mail::item_id;
use crate::state::mail::message::{Attachment, Message};

/// Everything at and below `attachments`.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    place: &Place<'_>,
    path: &[&str],
) -> Result<Reply, Fault> {
    let lower = path
        .first()
        .map(|first| first.to_ascii_lowercase())
        .unwrap_or_default();
    match (path, &call.method) {
        ([], &Method::GET) => list(call, target, place),
        ([], &Method::POST) => add(call, target, place),
        ([_], _) if lower == "createuploadsession" => {
            Err(Fault::not_implemented("attachments/createUploadSession"))
        }
        ([_], _) if lower == "$count" => count(call, target, place),
        ([id], &Method::GET) => get(call, target, place, id),
        ([id], &Method::DELETE) => delete(call, target, place, id),
        ([id, value], &Method::GET) if value.eq_ignore_ascii_case("$value") => {
            value_of(call, target, place, id)
        }
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, segment, ..], _) => Err(Fault::unknown_segment(segment)),
    }
}

fn selection(call: &Call) -> Result<Selection, Fault> {
    let mut select = call.options.select.clone();
    ATTACHMENT
        .resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    Ok(Selection::new(&select))
}

fn context(call: &Call, target: &Target, place: &Place<'_>, rest: &str) -> String {
    call.context(&format!(
        "{}/messages('{}')/attachments{rest}",
        target.path(),
        place.id
    ))
}

fn list(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(call, MailAccess::Read)?;
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let message = place.message(mailbox)?;
        let view = View::whole(mailbox.id, &call.prefer);
        let all = &message.content.attachments;
        let options = &call.options;
        let window = Window::new(
            all.len(),
            options.skip.unwrap_or(0),
            options.top.unwrap_or(all.len().max(1)),
        );
        let page = all[window.start..window.end]
            .iter()
            .map(|item| Value::Object(view.attachment(message, item, &selection)));
        let page = Page {
            context: context(call, target, place, &selection.context_suffix()),
            count: options.count.then_some(all.len()),
            next: call.next_link(Style::Skip, window),
            value: page.collect(),
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn count(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(call, MailAccess::Read)?;
    target.read(call, |mailbox| {
        Ok(Reply::count(
            place.message(mailbox)?.content.attachments.len(),
        ))
    })
}

fn get(call: &Call, target: &Target, place: &Place<'_>, id: &str) -> Result<Reply, Fault> {
    target.require(call, MailAccess::Read)?;
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let message = place.message(mailbox)?;
        let view = View::whole(mailbox.id, &call.prefer);
        let entity = view.attachment(message, find(message, id)?, &selection);
        let context = context(
            call,
            target,
            place,
            &format!("{}/$entity", selection.context_suffix()),
        );
        Ok(Reply::json(&envelope::entity(&context, entity)))
    })
}

fn value_of(call: &Call, target: &Target, place: &Place<'_>, id: &str) -> Result<Reply, Fault> {
    target.require(call, MailAccess::Read)?;
    target.read(call, |mailbox| {
        let attachment = find(place.message(mailbox)?, id)?;
        Ok(Reply::raw(
            &attachment.content_type,
            attachment.content.clone(),
        ))
    })
}

fn add(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(call, MailAccess::Write)?;
    let body = call.json()?;
    target.change(call, |mailbox, ids| {
        let attachment = input::attachment(&body, ids, call.now)?;
        let key = place.key(mailbox)?;
        mailbox.change(key, call.now, |message| {
            message.content.attachments.push(attachment.clone());
        });
        let message = mailbox.message(key).ok_or_else(Fault::item_not_found)?;
        let view = View::whole(mailbox.id, &call.prefer);
        let id = item_id::attachment(mailbox.id, message.folder, message.item, attachment.id);
        let location = format!(
            "{}/{}/messages('{}')/attachments('{id}')",
            call.base,
            target.path(),
            view.id(message)
        );
        let context = context(call, target, place, "/$entity");
        let entity = view.attachment(message, &attachment, &Selection::default());
        Ok(Reply::created(
            &envelope::entity(&context, entity),
            location,
        ))
    })
}

fn delete(call: &Call, target: &Target, place: &Place<'_>, id: &str) -> Result<Reply, Fault> {
    target.require(call, MailAccess::Write)?;
    target.change(call, |mailbox, _| {
        let message = place.message(mailbox)?;
        let (key, doomed) = (message.key, find(message, id)?.id);
        mailbox.change(key, call.now, |message| {
            message
                .content
                .attachments
                .retain(|attachment| attachment.id != doomed);
        });
        Ok(Reply::no_content())
    })
}

fn find<'m>(message: &'m Message, id: &str) -> Result<&'m Attachment, Fault> {
    let wanted: Uuid = item_id::parse_attachment(id).ok_or_else(Fault::malformed_id)?;
    message
        .content
        .attachments
        .iter()
        .find(|attachment| attachment.id == wanted)
        .ok_or_else(Fault::item_not_found)
}
