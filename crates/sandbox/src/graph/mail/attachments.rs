//! Attachments of a message: <https://learn.microsoft.com/graph/api/resources/attachment>

use axum::http::Method;
use serde_json::Value;
use uuid::Uuid;

use super::messages::Place;
use super::render::View;
use super::{Target, attached, mime, upload};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::graph::schema::ATTACHMENT;
use crate::odata::envelope::{self, Page};
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::state::mail::item_id;
use crate::state::mail::message::{Attachment, AttachmentKind};
use crate::state::mail::upload::UploadParent;

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
        ([_], &Method::POST) if lower.ends_with("createuploadsession") => {
            create_session(call, target, place)
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

pub(in crate::graph) fn selection(call: &Call) -> Result<Selection, Fault> {
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
    target.require(MailAccess::Read)?;
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let message = place.message(mailbox)?;
        let all = &message.content.attachments;
        let options = &call.options;
        let window = Window::new(
            all.len(),
            options.skip.unwrap_or(0),
            options.top.unwrap_or(all.len().max(1)),
        );
        let owner = (message.folder, message.item);
        let page = all[window.start..window.end].iter().map(|item| {
            Value::Object(attached::render(mailbox.id, owner, item, &selection, false))
        });
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
    target.require(MailAccess::Read)?;
    target.read(call, |mailbox| {
        Ok(Reply::count(
            place.message(mailbox)?.content.attachments.len(),
        ))
    })
}

fn get(call: &Call, target: &Target, place: &Place<'_>, id: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Read)?;
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let message = place.message(mailbox)?;
        let found = find(&message.content.attachments, id)?;
        let owner = (message.folder, message.item);
        let entity = attached::render(mailbox.id, owner, found, &selection, expands_item(call));
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
    target.require(MailAccess::Read)?;
    target.read(call, |mailbox| {
        raw(find(&place.message(mailbox)?.content.attachments, id)?)
    })
}

/// The bytes of a file, the MIME of an attached message; a link has neither.
pub(in crate::graph) fn raw(attachment: &Attachment) -> Result<Reply, Fault> {
    match &attachment.kind {
        AttachmentKind::File => Ok(Reply::raw(
            &attachment.content_type,
            attachment.content.clone(),
        )),
        AttachmentKind::Item(item) => mime::of_item(item),
        AttachmentKind::Reference => Err(Fault::method_not_allowed()),
    }
}

/// `$expand=microsoft.graph.itemattachment/item`
pub(in crate::graph) fn expands_item(call: &Call) -> bool {
    let mut expands = call.options.expand.iter();
    expands.any(|expand| {
        let path = expand.path.to_ascii_lowercase();
        path == "microsoft.graph.itemattachment/item" || path == "item"
    })
}

/// `createUploadSession` of a message.
fn create_session(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let (key, id) = target.read(call, |mailbox| {
        let message = place.message(mailbox)?;
        if !message.is_draft {
            return Err(Fault::not_settable("attachments"));
        }
        Ok((
            message.key,
            View::whole(mailbox.id, &call.prefer).id(message),
        ))
    })?;
    upload::create(
        call,
        &target.owner.id,
        UploadParent::Message(key),
        &format!("messages('{id}')"),
    )
}

fn add(call: &Call, target: &Target, place: &Place<'_>) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let body = call.json()?;
    target.change(call, |mailbox, ids| {
        let attachment = attached::read(&body, ids, call.now)?;
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
        let owner = (message.folder, message.item);
        let entity = attached::render(mailbox.id, owner, &attachment, &Selection::default(), true);
        Ok(Reply::created(
            &envelope::entity(&context, entity),
            location,
        ))
    })
}

fn delete(call: &Call, target: &Target, place: &Place<'_>, id: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    target.change(call, |mailbox, _| {
        let message = place.message(mailbox)?;
        let (key, doomed) = (message.key, find(&message.content.attachments, id)?.id);
        mailbox.change(key, call.now, |message| {
            message
                .content
                .attachments
                .retain(|attachment| attachment.id != doomed);
        });
        Ok(Reply::no_content())
    })
}

/// The attachment that an id means.
pub(in crate::graph) fn find<'a>(all: &'a [Attachment], id: &str) -> Result<&'a Attachment, Fault> {
    let wanted: Uuid = item_id::parse_attachment(id).ok_or_else(Fault::malformed_id)?;
    let mut all = all.iter();
    all.find(|attachment| attachment.id == wanted)
        .ok_or_else(Fault::item_not_found)
}
