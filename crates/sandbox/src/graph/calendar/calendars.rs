//! Calendars themselves: <https://learn.microsoft.com/graph/api/resources/calendar>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::input::one_of;
use super::schema::CALENDAR;
use super::{calendar_number, require};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, input};
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::odata::schema::EntityType;
use crate::state::calendar::groups::MY_CALENDARS;
use crate::state::calendar::{Calendar, DEFAULT};
use crate::state::mail::{Mailbox, item_id};

const DEFAULT_PAGE: usize = 10;
const COLORS: &[&str] = &[
    "auto",
    "lightBlue",
    "lightGreen",
    "lightOrange",
    "lightGray",
    "lightYellow",
    "lightTeal",
    "lightPink",
    "lightBrown",
    "lightRed",
    "maxColor",
];

/// `…/calendars`, of all groups or of one.
pub(super) fn collection(call: &Call, target: &Target, group: Option<u32>) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => list(call, target, group),
        Method::POST => create(call, target, group),
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `…/calendars/$count`
pub(super) fn count(call: &Call, target: &Target, group: Option<u32>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        Ok(Reply::count(members(mailbox, group).len()))
    })
}

/// All calendars, or those of a group.
fn members(mailbox: &Mailbox, group: Option<u32>) -> Vec<(u32, Calendar)> {
    let mut all = mailbox.calendars();
    all.retain(|(_, calendar)| group.is_none_or(|group| calendar.group == group));
    all
}

/// `…/calendar`, `…/calendars/{id}`
pub(super) fn one(call: &Call, target: &Target, id: Option<&str>) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => get(call, target, id),
        Method::PATCH => update(call, target, id),
        Method::DELETE => delete(call, target, id),
        _ => Err(Fault::method_not_allowed()),
    }
}

pub(super) fn selection(call: &Call, entity: &EntityType) -> Result<Selection, Fault> {
    let mut select = call.options.select.clone();
    entity
        .resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    Ok(Selection::new(&select))
}

fn list(call: &Call, target: &Target, group: Option<u32>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        let all = members(mailbox, group);
        let rows = all
            .iter()
            .map(|(number, calendar)| Value::Object(render(target, mailbox, *number, calendar)));
        let place = match group {
            Some(group) => {
                let id = item_id::folder(mailbox.id, group);
                format!("{}/calendarGroups('{id}')/calendars", target.path())
            }
            None => format!("{}/calendars", target.path()),
        };
        page(call, &CALENDAR, &place, rows.collect())
    })
}

/// A page of what the options leave of these rows; `place` is where they are, as contexts have it.
pub(super) fn page(
    call: &Call,
    entity: &EntityType,
    place: &str,
    mut rows: Vec<Value>,
) -> Result<Reply, Fault> {
    let selection = selection(call, entity)?;
    let options = &call.options;
    let mut condition = options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, entity).map_err(|error| Fault::outlook_query(&error))?;
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, entity).map_err(|error| Fault::outlook_query(&error))?;
    if let Some(condition) = &condition {
        rows.retain(|row| eval::matches(condition, row));
    }
    rows.sort_by(|a, b| order::compare(&keys, a, b));
    let size = options
        .top
        .or(call.prefer.max_page_size)
        .unwrap_or(DEFAULT_PAGE);
    let window = Window::new(rows.len(), options.skip.unwrap_or(0), size);
    let mut value = rows[window.start..window.end].to_vec();
    for row in value.iter_mut().filter_map(Value::as_object_mut) {
        selection.apply(row, &["id"]);
    }
    let page = Page {
        context: call.context(&format!("{place}{}", selection.context_suffix())),
        count: options.count.then_some(rows.len()),
        next: call.next_link(Style::Skip, window),
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

fn get(call: &Call, target: &Target, id: Option<&str>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    let selection = selection(call, &CALENDAR)?;
    target.read(call, |mailbox| {
        let mut entity = found(target, mailbox, calendar_number(mailbox, id)?)?;
        selection.apply(&mut entity, &["id"]);
        Ok(Reply::json(&with_context(
            call,
            target,
            id,
            &selection.context_suffix(),
            entity,
        )))
    })
}

fn create(call: &Call, target: &Target, group: Option<u32>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let body = call.json()?;
    let mut calendar = Calendar {
        group: group.unwrap_or(MY_CALENDARS),
        ..Calendar::default()
    };
    calendar.name.clear();
    apply(&mut calendar, &body)?;
    if calendar.name.trim().is_empty() {
        return Err(Fault::missing_property("name"));
    }
    target.change(call, |mailbox, _| {
        if has_name(mailbox, &calendar.name, None) {
            return Err(Fault::folder_exists());
        }
        let number = mailbox.add_calendar(&calendar.name, &calendar.color, calendar.group);
        let location = format!(
            "{}/{}/calendars('{}')",
            call.base,
            target.path(),
            item_id::folder(mailbox.id, number)
        );
        let entity = found(target, mailbox, number)?;
        Ok(Reply::created(
            &with_context(call, target, Some(""), "", entity),
            location,
        ))
    })
}

fn update(call: &Call, target: &Target, id: Option<&str>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let body = call.json()?;
    target.change(call, |mailbox, _| {
        let number = calendar_number(mailbox, id)?;
        let mut calendar = mailbox.calendar(number).ok_or_else(Fault::item_not_found)?;
        apply(&mut calendar, &body)?;
        if has_name(mailbox, &calendar.name, Some(number)) {
            return Err(Fault::folder_exists());
        }
        mailbox.change_calendar(number, calendar);
        let entity = found(target, mailbox, number)?;
        Ok(Reply::json(&with_context(call, target, id, "", entity)))
    })
}

/// 204; the default calendar stays.
fn delete(call: &Call, target: &Target, id: Option<&str>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    target.change(call, |mailbox, _| {
        let number = calendar_number(mailbox, id)?;
        if number == DEFAULT {
            return Err(Fault::standard_folder());
        }
        mailbox.remove_calendar(number);
        Ok(Reply::no_content())
    })
}

fn has_name(mailbox: &Mailbox, name: &str, except: Option<u32>) -> bool {
    let all = mailbox.calendars();
    all.iter().any(|(number, calendar)| {
        Some(*number) != except && calendar.name.eq_ignore_ascii_case(name)
    })
}

fn apply(calendar: &mut Calendar, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.to_ascii_lowercase().as_str() {
            "name" => calendar.name = input::text(name, value)?,
            "color" => {
                calendar.color = one_of(name, value, COLORS, "microsoft.graph.calendarColor")?;
            }
            _ if CALENDAR.property(name).is_some() => {}
            _ => return Err(Fault::unknown_property(name, CALENDAR.name)),
        }
    }
    Ok(())
}

fn with_context(
    call: &Call,
    target: &Target,
    id: Option<&str>,
    suffix: &str,
    entity: Map<String, Value>,
) -> Value {
    let set = if id.is_some() {
        "calendars"
    } else {
        "calendar"
    };
    let context = call.context(&format!("{}/{set}{suffix}/$entity", target.path()));
    envelope::entity(&context, entity)
}

fn found(target: &Target, mailbox: &Mailbox, number: u32) -> Result<Map<String, Value>, Fault> {
    let calendar = mailbox.calendar(number).ok_or_else(Fault::item_not_found)?;
    Ok(render(target, mailbox, number, &calendar))
}

fn render(
    target: &Target,
    mailbox: &Mailbox,
    number: u32,
    calendar: &Calendar,
) -> Map<String, Value> {
    let owner = &target.owner;
    let value = json!({
        "id": item_id::folder(mailbox.id, number),
        "name": calendar.name,
        "color": calendar.color,
        "hexColor": "",
        "isDefaultCalendar": number == DEFAULT,
        "changeKey": item_id::change_key(mailbox.id, calendar.change),
        "canShare": true,
        "canViewPrivateItems": true,
        "canEdit": true,
        "allowedOnlineMeetingProviders": ["teamsForBusiness"],
        "defaultOnlineMeetingProvider": "teamsForBusiness",
        "isTallyingResponses": number == DEFAULT,
        "isRemovable": number != DEFAULT,
        "owner": {"name": owner.display_name, "address": owner.mail},
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
