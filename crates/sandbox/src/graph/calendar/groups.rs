//! Groups of calendars: <https://learn.microsoft.com/graph/api/resources/calendargroup>

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::{calendar_number, calendars, in_calendar, require};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, input};
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::odata::schema::{EntityType, guid, related, text};
use crate::state::calendar::groups::{CalendarGroup, MY_CALENDARS};
use crate::state::mail::Mailbox;
use crate::state::mail::item_id::{self, ItemId};

static GROUP: EntityType = EntityType {
    name: "microsoft.graph.calendarGroup",
    properties: &[
        text("id"),
        text("name"),
        guid("classId"),
        text("changeKey"),
        related("calendars"),
    ],
};

/// `…/calendarGroups` and what is below it.
pub(super) fn dispatch(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    match below {
        [] => collection(call, target),
        [count] if *count == "$count" => {
            require(target, CalendarAccess::ReadBasic)?;
            target.read(call, |mailbox| {
                Ok(Reply::count(mailbox.calendar_groups().len()))
            })
        }
        [id] => one(call, target, id),
        [id, name, rest @ ..] if name.eq_ignore_ascii_case("calendars") => {
            require(target, CalendarAccess::ReadBasic)?;
            let group = target.read(call, |mailbox| number_of(mailbox, id))?;
            in_group(call, target, group, rest)
        }
        [_, other, ..] => Err(Fault::unknown_segment(other)),
    }
}

fn in_group(call: &Call, target: &Target, group: u32, rest: &[&str]) -> Result<Reply, Fault> {
    match rest {
        [] => calendars::collection(call, target, Some(group)),
        [count] if *count == "$count" => calendars::count(call, target, Some(group)),
        [id, below @ ..] => {
            target.read(call, |mailbox| {
                let number = calendar_number(mailbox, Some(id))?;
                let found = mailbox.calendar(number);
                let is_there = found.is_some_and(|calendar| calendar.group == group);
                is_there.then_some(()).ok_or_else(Fault::item_not_found)
            })?;
            in_calendar(call, target, Some(id), below)
        }
    }
}

fn collection(call: &Call, target: &Target) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            require(target, CalendarAccess::ReadBasic)?;
            target.read(call, |mailbox| {
                let all = mailbox.calendar_groups();
                let rows = all
                    .iter()
                    .map(|(number, group)| Value::Object(render(mailbox, *number, group)));
                let place = format!("{}/calendarGroups", target.path());
                calendars::page(call, &GROUP, &place, rows.collect())
            })
        }
        Method::POST => create(call, target),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn one(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            require(target, CalendarAccess::ReadBasic)?;
            let selection = calendars::selection(call, &GROUP)?;
            target.read(call, |mailbox| {
                let number = number_of(mailbox, id)?;
                let mut entity = found(mailbox, number)?;
                selection.apply(&mut entity, &["id"]);
                Ok(shown(call, target, &selection.context_suffix(), entity))
            })
        }
        Method::PATCH => rename(call, target, id),
        Method::DELETE => delete(call, target, id),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn create(call: &Call, target: &Target) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let name = name_in(&call.json()?)?.ok_or_else(|| Fault::missing_property("name"))?;
    target.change(call, |mailbox, ids| {
        if has_name(mailbox, &name, None) {
            return Err(Fault::folder_exists());
        }
        let class_id = ids.uuid().to_string();
        let number = mailbox.add_calendar_group(&name, class_id);
        let id = item_id::folder(mailbox.id, number);
        let location = format!("{}/{}/calendarGroups('{id}')", call.base, target.path());
        let context = call.context(&format!("{}/calendarGroups/$entity", target.path()));
        let entity = found(mailbox, number)?;
        Ok(Reply::created(
            &envelope::entity(&context, entity),
            location,
        ))
    })
}

fn rename(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let name = name_in(&call.json()?)?;
    target.change(call, |mailbox, _| {
        let number = number_of(mailbox, id)?;
        if let Some(name) = &name {
            if has_name(mailbox, name, Some(number)) {
                return Err(Fault::folder_exists());
            }
            mailbox.rename_calendar_group(number, name);
        }
        Ok(shown(call, target, "", found(mailbox, number)?))
    })
}

/// 204 for an empty group; the default one stays.
fn delete(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    target.change(call, |mailbox, _| {
        let number = number_of(mailbox, id)?;
        if number == MY_CALENDARS {
            return Err(Fault::standard_folder());
        }
        let mut calendars = mailbox.calendars().into_iter();
        if calendars.any(|(_, calendar)| calendar.group == number) {
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                "ErrorCannotDeleteObject",
                "A calendar group that has calendars cannot be deleted.",
            ));
        }
        mailbox.remove_calendar_group(number);
        Ok(Reply::no_content())
    })
}

fn number_of(mailbox: &Mailbox, id: &str) -> Result<u32, Fault> {
    match item_id::parse(id) {
        Some((owner, ItemId::Folder { folder }))
            if owner == mailbox.id && mailbox.calendar_group(folder).is_some() =>
        {
            Ok(folder)
        }
        Some(_) => Err(Fault::item_not_found()),
        None => Err(Fault::malformed_id()),
    }
}

fn has_name(mailbox: &Mailbox, name: &str, except: Option<u32>) -> bool {
    let all = mailbox.calendar_groups();
    all.iter()
        .any(|(number, group)| Some(*number) != except && group.name.eq_ignore_ascii_case(name))
}

/// The name that a body gives. Nothing else of a group can be set.
fn name_in(body: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let mut found = None;
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match GROUP.property(name) {
            Some(known) if known.name == "name" => {
                let given = input::text(name, value)?;
                if given.trim().is_empty() {
                    return Err(Fault::missing_property("name"));
                }
                found = Some(given);
            }
            Some(_) => {}
            None => return Err(Fault::unknown_property(name, GROUP.name)),
        }
    }
    Ok(found)
}

fn shown(call: &Call, target: &Target, suffix: &str, entity: Map<String, Value>) -> Reply {
    let place = format!("{}/calendarGroups{suffix}/$entity", target.path());
    Reply::json(&envelope::entity(&call.context(&place), entity))
}

fn found(mailbox: &Mailbox, number: u32) -> Result<Map<String, Value>, Fault> {
    let group = mailbox
        .calendar_group(number)
        .ok_or_else(Fault::item_not_found)?;
    Ok(render(mailbox, number, &group))
}

fn render(mailbox: &Mailbox, number: u32, group: &CalendarGroup) -> Map<String, Value> {
    let value = json!({
        "id": item_id::folder(mailbox.id, number),
        "name": group.name,
        "classId": group.class_id,
        "changeKey": item_id::change_key(mailbox.id, group.change),
    });
    value.as_object().cloned().unwrap_or_default()
}
