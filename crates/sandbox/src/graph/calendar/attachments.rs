//! Attachments of an event: <https://learn.microsoft.com/graph/api/event-list-attachments>

use axum::http::Method;
use serde_json::Value;

use super::{Place, require};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::attachments::{expands_item, find, raw, selection};
use crate::graph::mail::{Target, attached, upload};
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::state::mail::item_id;
use crate::state::mail::upload::UploadParent;

/// Everything at and below `attachments`.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    place: Place<'_>,
    path: &[&str],
) -> Result<Reply, Fault> {
    let writes = call.method != Method::GET;
    require(
        target,
        if writes {
            CalendarAccess::Write
        } else {
            CalendarAccess::Read
        },
    )?;
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
        ([id], &Method::GET) => get(call, target, place, id),
        ([id], &Method::DELETE) => delete(call, target, place, id),
        ([id, value], &Method::GET) if value.eq_ignore_ascii_case("$value") => {
            target.read(call, |mailbox| {
                let (_, occurrence) = place.find(mailbox)?;
                raw(find(&occurrence.details.attachments, id)?)
            })
        }
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, segment, ..], _) => Err(Fault::unknown_segment(segment)),
    }
}

fn context(call: &Call, target: &Target, place: Place<'_>, rest: &str) -> String {
    call.context(&format!(
        "{}/events('{}')/attachments{rest}",
        target.path(),
        place.id
    ))
}

fn list(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let (event, occurrence) = place.find(mailbox)?;
        let all = &occurrence.details.attachments;
        let options = &call.options;
        let window = Window::new(
            all.len(),
            options.skip.unwrap_or(0),
            options.top.unwrap_or(all.len().max(1)),
        );
        let owner = (event.calendar, event.key);
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

fn get(call: &Call, target: &Target, place: Place<'_>, id: &str) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let (event, occurrence) = place.find(mailbox)?;
        let found = find(&occurrence.details.attachments, id)?;
        let owner = (event.calendar, event.key);
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

fn add(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    let body = call.json()?;
    target.change(call, |mailbox, ids| {
        let attachment = attached::read(&body, ids, call.now)?;
        let (key, _) = place.key(mailbox)?;
        mailbox.change_event(key, call.now, |event| {
            event.details.attachments.push(attachment.clone());
        });
        let event = mailbox.event(key).ok_or_else(Fault::item_not_found)?;
        let owner = (event.calendar, event.key);
        let id = item_id::attachment(mailbox.id, owner.0, owner.1, attachment.id);
        let location = format!(
            "{}/{}/events('{}')/attachments('{id}')",
            call.base,
            target.path(),
            place.id
        );
        let entity = attached::render(mailbox.id, owner, &attachment, &Selection::default(), true);
        let context = context(call, target, place, "/$entity");
        Ok(Reply::created(
            &envelope::entity(&context, entity),
            location,
        ))
    })
}

fn delete(call: &Call, target: &Target, place: Place<'_>, id: &str) -> Result<Reply, Fault> {
    target.change(call, |mailbox, _| {
        let (key, _) = place.key(mailbox)?;
        let event = mailbox.event(key).ok_or_else(Fault::item_not_found)?;
        let doomed = find(&event.details.attachments, id)?.id;
        mailbox.change_event(key, call.now, |event| {
            event
                .details
                .attachments
                .retain(|attachment| attachment.id != doomed);
        });
        Ok(Reply::no_content())
    })
}

fn create_session(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    let (key, _) = target.read(call, |mailbox| place.key(mailbox))?;
    let parent = UploadParent::Event(key);
    upload::create(
        call,
        &target.owner.id,
        parent,
        &format!("Events('{}')", place.id),
    )
}
