//! Calendars: whose, which one and which event a request means, then one file a resource.

mod actions;
mod attachments;
mod calendars;
mod delta;
mod events;
mod found;
mod groups;
pub(super) mod input;
mod list;
pub(super) mod recurrence;
mod render;
mod schedule;
mod schema;
mod suggest;
pub(super) mod times;
mod window;

use axum::http::Method;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::call::Call;
use super::fault::Fault;
use super::mail::Target;
use super::permission::CalendarAccess;
use super::reply::Reply;
use crate::state::calendar::DEFAULT;
use crate::state::calendar::event::Event;
use crate::state::calendar::meeting::Meeting;
use crate::state::calendar::occurrence::{Occurrence, day_of};
use crate::state::mail::Mailbox;
use crate::state::mail::item_id::{self, ItemId};

pub(super) use found::found;
pub(super) use render::nowhere;
pub(super) use schedule::working_hours;

/// The event that a message is about, as far as it is still in the mailbox.
pub(super) fn event_of(
    call: &Call,
    mailbox: &Mailbox,
    meeting: &Meeting,
) -> Result<Option<Map<String, Value>>, Fault> {
    let view = render::View::whole(call, mailbox.id)?;
    let Some(event) = mailbox.event_by_uid(&meeting.uid) else {
        return Ok(None);
    };
    let occurrence = meeting.day.and_then(|day| event.on(day));
    view.event(&occurrence.unwrap_or_else(|| event.whole()))
        .map(Some)
}

/// Segments below a user that are served here.
pub(super) fn is_mine(name: &str) -> bool {
    [
        "calendar",
        "calendargroups",
        "calendars",
        "calendarview",
        "events",
        "findmeetingtimes",
    ]
    .contains(&name)
}

/// Hands the call to what its path names; `name` is the lower-case segment after the user.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    name: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    match name {
        "calendar" => in_calendar(call, target, None, below),
        "calendars" => match below {
            [] => calendars::collection(call, target, None),
            [count] if *count == "$count" => calendars::count(call, target, None),
            [id, below @ ..] => in_calendar(call, target, Some(id), below),
        },
        "calendargroups" => groups::dispatch(call, target, below),
        "calendarview" => window::dispatch(call, target, None, below),
        "events" => events::dispatch(call, target, None, below),
        _ => suggest::find(call, target, below),
    }
}

fn in_calendar(
    call: &Call,
    target: &Target,
    id: Option<&str>,
    below: &[&str],
) -> Result<Reply, Fault> {
    let Some((first, rest)) = below.split_first() else {
        return calendars::one(call, target, id);
    };
    let name = first.to_ascii_lowercase();
    match name.strip_prefix("microsoft.graph.").unwrap_or(&name) {
        "events" => events::dispatch(call, target, id, rest),
        "calendarview" => window::dispatch(call, target, id, rest),
        "getschedule" if rest.is_empty() && call.method == Method::POST => {
            schedule::get(call, target)
        }
        "getschedule" => Err(Fault::method_not_allowed()),
        "calendarpermissions"
        | "singlevalueextendedproperties"
        | "multivalueextendedproperties" => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// 403 unless the token and the mailbox allow this.
fn require(target: &Target, access: CalendarAccess) -> Result<(), Fault> {
    target.require_by(|caller, own| access.is_granted(caller, own))
}

/// Whether the token opens only the basic part of events.
fn is_basic(target: &Target) -> bool {
    require(target, CalendarAccess::Read).is_err()
}

/// The number of the calendar that an id means; none means the default one.
fn calendar_number(mailbox: &Mailbox, id: Option<&str>) -> Result<u32, Fault> {
    let Some(id) = id else {
        return Ok(DEFAULT);
    };
    match item_id::parse(id) {
        Some((owner, ItemId::Folder { folder }))
            if owner == mailbox.id && mailbox.calendar(folder).is_some() =>
        {
            Ok(folder)
        }
        Some(_) => Err(Fault::item_not_found()),
        None => Err(Fault::malformed_id()),
    }
}

/// An event as a URL names it: an id, and the calendar that it must be in when there is one.
#[derive(Clone, Copy)]
struct Place<'a> {
    calendar: Option<&'a str>,
    id: &'a str,
}

impl Place<'_> {
    /// The event's key, and the day that is meant of a series.
    fn key(self, mailbox: &Mailbox) -> Result<(u64, Option<Date>), Fault> {
        let (owner, item) = item_id::parse(self.id).ok_or_else(Fault::malformed_id)?;
        let found = mailbox.find_event(item).filter(|_| owner == mailbox.id);
        let (key, day) = found.ok_or_else(Fault::item_not_found)?;
        let event = mailbox.event(key).ok_or_else(Fault::item_not_found)?;
        let wanted = self
            .calendar
            .map(|id| calendar_number(mailbox, Some(id)))
            .transpose()?;
        if wanted.is_some_and(|calendar| calendar != event.calendar) {
            return Err(Fault::item_not_found());
        }
        let day = day
            .map(|number| day_of(number).ok_or_else(Fault::malformed_id))
            .transpose()?;
        let is_there = day.is_none_or(|day| {
            (event.has_day(day) || event.exceptions.contains_key(&day)) && event.on(day).is_some()
        });
        if is_there {
            Ok((key, day))
        } else {
            Err(Fault::item_not_found())
        }
    }

    /// The event, and where of it is meant.
    fn find(self, mailbox: &Mailbox) -> Result<(&Event, Occurrence<'_>), Fault> {
        let (key, day) = self.key(mailbox)?;
        let event = mailbox.event(key).ok_or_else(Fault::item_not_found)?;
        let occurrence = match day {
            Some(day) => event.on(day).ok_or_else(Fault::item_not_found)?,
            None => event.whole(),
        };
        Ok((event, occurrence))
    }
}
