//! Events: <https://learn.microsoft.com/graph/api/resources/event>

use axum::http::Method;
use jiff::civil::Date;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::input::{self, Draft};
use super::list::Listing;
use super::render::{View, etag};
use super::{Place, actions, attachments, calendar_number, is_basic, require, window};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::Target;
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::State;
use crate::state::calendar::event::{Attendee, Event, Response};
use crate::state::calendar::meeting::{self, Spot};
use crate::state::calendar::occurrence::Occurrence;
use crate::state::mail::Mailbox;
use crate::state::mail::delivery::address_of;
use crate::state::mail::message::Address;

/// Everything at and below `events`, of the default calendar or of one by id.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    calendar: Option<&str>,
    path: &[&str],
) -> Result<Reply, Fault> {
    let Some((id, below)) = path.split_first() else {
        return match call.method {
            Method::GET => list(call, target, calendar, false),
            Method::POST => create(call, target, calendar),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    match id.to_ascii_lowercase().as_str() {
        "$count" => return list(call, target, calendar, true),
        "delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()" => {
            return Err(Fault::not_implemented("events/delta"));
        }
        _ => {}
    }
    let place = Place { calendar, id };
    let Some((first, below)) = below.split_first() else {
        return match call.method {
            Method::GET => get(call, target, place),
            Method::PATCH => update(call, target, place),
            Method::DELETE => delete(call, target, place),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    match name.strip_prefix("microsoft.graph.").unwrap_or(&name) {
        "instances" if below.is_empty() => window::instances(call, target, place),
        "attachments" => attachments::dispatch(call, target, place, below),
        "instances" | "calendar" | "extensions" | "exceptionoccurrences" => {
            Err(Fault::not_implemented(first))
        }
        action => actions::run(call, target, place, action, first),
    }
}

fn list(
    call: &Call,
    target: &Target,
    calendar: Option<&str>,
    counts: bool,
) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    let listing = Listing::read(call)?;
    target.read(call, |mailbox| {
        let view = View::of(call, &call.options, mailbox.id, is_basic(target))?;
        let number = calendar_number(mailbox, calendar)?;
        let mut all: Vec<Occurrence<'_>> = mailbox
            .events()
            .filter(|event| event.calendar == number)
            .map(Event::whole)
            .collect();
        all.sort_by_key(|occurrence| std::cmp::Reverse(occurrence.start));
        let found = listing.arrange(&view, all);
        if counts {
            return Ok(Reply::count(found.len()));
        }
        listing.page(call, &view, &set(target, calendar), &found)
    })
}

/// `users('…')/events`, `users('…')/calendars('…')/events`
fn set(target: &Target, calendar: Option<&str>) -> String {
    let place = calendar.map_or_else(String::new, |id| format!("/calendars('{id}')"));
    format!("{}{place}/events", target.path())
}

fn get(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        let view = View::of(call, &call.options, mailbox.id, is_basic(target))?;
        let (_, occurrence) = place.find(mailbox)?;
        let entity = view.event(&occurrence)?;
        let set = set(target, place.calendar);
        let context = call.context(&format!("{set}{}/$entity", view.selection.context_suffix()));
        Ok(Reply::json(&envelope::entity(&context, entity)))
    })
}

/// `POST …/events`: 201. The same `transactionId` again answers the event that there is.
fn create(call: &Call, target: &Target, calendar: Option<&str>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let body = call.json()?;
    for name in ["start", "end"] {
        if !body.keys().any(|key| key.eq_ignore_ascii_case(name)) {
            return Err(Fault::missing_property(name));
        }
    }
    call.shared.write(|state| {
        let State { mail, ids, .. } = state;
        let mailbox = mail.open(&target.owner.id, ids);
        let number = calendar_number(mailbox, calendar)?;
        let mut draft = Draft::default();
        input::apply(&mut draft, &body, ids, call.now)?;
        let mailbox = mail.open(&target.owner.id, ids);
        if let Some(known) = known_transaction(mailbox, &draft) {
            return created(call, target, calendar, mailbox, known);
        }
        if draft.is_online == Some(true) {
            draft.details.join_url = Some(join_url(target, ids.uuid()));
        }
        let uid = calendar_uid(call, ids.uuid());
        let event = Event {
            transaction_id: draft.transaction_id,
            recurrence: draft.recurrence,
            ..Event::new(
                number,
                address_of(&target.owner),
                uid,
                draft.details,
                call.now,
            )
        };
        let key = mail.open(&target.owner.id, ids).add_event(event);
        let spot = Spot {
            user_id: &target.owner.id,
            key,
            day: None,
        };
        meeting::invite(state, spot, None, false, call.now);
        let State { mail, ids, .. } = state;
        created(
            call,
            target,
            calendar,
            mail.open(&target.owner.id, ids),
            key,
        )
    })
}

fn known_transaction(mailbox: &Mailbox, draft: &Draft) -> Option<u64> {
    let wanted = draft.transaction_id.as_ref()?;
    let mut all = mailbox.events();
    all.find(|event| event.transaction_id.as_ref() == Some(wanted))
        .map(|event| event.key)
}

/// Exchange's global object id: its class, the time of creation, and a GUID.
fn calendar_uid(call: &Call, id: Uuid) -> String {
    let created = call.now.as_second().unsigned_abs();
    let id = id.simple().to_string().to_uppercase();
    format!("040000008200E00074C5B7101A82E00800000000{created:016X}000000000000000010000000{id}")
}

fn join_url(target: &Target, id: Uuid) -> String {
    format!(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{}%40thread.v2/0?context=%7b%22Tid%22%3a%22{}%22%2c%22Oid%22%3a%22{}%22%7d",
        id.simple(),
        target.owner.tenant_id,
        target.owner.id
    )
}

fn created(
    call: &Call,
    target: &Target,
    calendar: Option<&str>,
    mailbox: &Mailbox,
    key: u64,
) -> Result<Reply, Fault> {
    let view = View::whole(call, mailbox.id)?;
    let event = mailbox.event(key).ok_or_else(Fault::item_not_found)?;
    let occurrence = event.whole();
    let location = format!(
        "{}/{}/events('{}')",
        call.base,
        target.path(),
        view.id(&occurrence)
    );
    let entity = with_context(call, target, calendar, view.event(&occurrence)?);
    Ok(Reply::created(&entity, location))
}

fn with_context(
    call: &Call,
    target: &Target,
    calendar: Option<&str>,
    entity: Map<String, Value>,
) -> Value {
    let context = call.context(&format!("{}/$entity", set(target, calendar)));
    envelope::entity(&context, entity)
}

fn check_version(call: &Call, mailbox: &Mailbox, event: &Event) -> Result<(), Fault> {
    let current = etag(mailbox.id, event.change);
    match call.header("if-match").map(str::trim) {
        None | Some("*") => Ok(()),
        Some(wanted) if wanted.split(',').any(|tag| tag.trim() == current) => Ok(()),
        Some(_) => Err(Fault::changed_meanwhile()),
    }
}

/// `PATCH …/events/{id}`: what concerns others is mailed to them when the organizer changes it.
fn update(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let body = call.json()?;
    call.shared.write(|state| {
        let State { mail, ids, .. } = state;
        let mailbox = mail.open(&target.owner.id, ids);
        let (event, occurrence) = place.find(mailbox)?;
        check_version(call, mailbox, event)?;
        let (before, day) = (event.clone(), occurrence.day);
        let mut draft = Draft {
            details: occurrence.own_details(),
            recurrence: event.recurrence.clone(),
            ..Draft::default()
        };
        if day.is_some()
            && body
                .keys()
                .any(|name| name.eq_ignore_ascii_case("recurrence"))
        {
            return Err(Fault::not_settable("recurrence"));
        }
        input::apply(&mut draft, &body, ids, call.now)?;
        if draft.is_online == Some(true) && draft.details.join_url.is_none() {
            draft.details.join_url = Some(join_url(target, ids.uuid()));
        }
        forget_answers_to_old_times(&before, &mut draft);
        let mailbox = mail.open(&target.owner.id, ids);
        mailbox.change_event(before.key, call.now, |event| store(event, draft, day));
        tell(state, target, &before, day, call);
        let State { mail, ids, .. } = state;
        let mailbox = mail.open(&target.owner.id, ids);
        let view = View::whole(call, mailbox.id)?;
        let (_, occurrence) = place.find(mailbox)?;
        let entity = view.event(&occurrence)?;
        Ok(Reply::json(&with_context(
            call,
            target,
            place.calendar,
            entity,
        )))
    })
}

fn store(event: &mut Event, draft: Draft, day: Option<Date>) {
    let Some(day) = day else {
        if event.recurrence != draft.recurrence
            || event.details.span.start != draft.details.span.start
        {
            event.exceptions.clear();
            event.deleted.clear();
        }
        event.recurrence = draft.recurrence;
        event.details = draft.details;
        return;
    };
    event.exceptions.insert(day, draft.details);
}

fn forget_answers_to_old_times(before: &Event, draft: &mut Draft) {
    let (old, new) = (&before.details.span, &draft.details.span);
    let is_moved =
        old.start != new.start || old.end != new.end || before.recurrence != draft.recurrence;
    if before.is_organizer && is_moved {
        for attendee in &mut draft.details.attendees {
            attendee.response = Response::default();
        }
    }
}

/// Writes to those whom an organizer's change concerns.
fn tell(state: &mut State, target: &Target, before: &Event, day: Option<Date>, call: &Call) {
    let mailbox = state.mail.mailbox(&target.owner.id);
    let Some(after) = mailbox
        .and_then(|mailbox| mailbox.event(before.key))
        .cloned()
    else {
        return;
    };
    if !after.is_organizer {
        return;
    }
    let at = |event: &Event| match day {
        Some(day) => event.on(day).map(|occurrence| occurrence.own_details()),
        None => Some(event.details.clone()),
    };
    let (Some(old), Some(new)) = (at(before), at(&after)) else {
        return;
    };
    let gone = only_in(&old.attendees, &new.attendees);
    let came = only_in(&new.attendees, &old.attendees);
    let user_id = target.owner.id.as_str();
    if !gone.is_empty() {
        meeting::withdraw(state, user_id, (before, day), Some(&gone), "", call.now);
    }
    let spot = Spot {
        user_id,
        key: before.key,
        day,
    };
    let concerns_all = old.subject != new.subject
        || old.body != new.body
        || old.span != new.span
        || old.is_all_day != new.is_all_day
        || old.locations != new.locations
        || old.join_url != new.join_url
        || before.recurrence != after.recurrence;
    if concerns_all {
        let stay: Vec<Address> = new
            .attendees
            .iter()
            .map(|attendee| attendee.address.clone())
            .collect();
        let stay: Vec<Address> = stay
            .into_iter()
            .filter(|it| !came.iter().any(|new| new.is_same_mailbox(it)))
            .collect();
        meeting::invite(state, spot, Some(&stay), true, call.now);
    }
    if !came.is_empty() {
        meeting::invite(state, spot, Some(&came), false, call.now);
    }
}

/// Those who are among the first and not among the second.
fn only_in(these: &[Attendee], others: &[Attendee]) -> Vec<Address> {
    let is_new = |attendee: &&Attendee| {
        let mut others = others.iter();
        !others.any(|other| other.address.is_same_mailbox(&attendee.address))
    };
    let missing = these.iter().filter(is_new);
    missing.map(|attendee| attendee.address.clone()).collect()
}

/// `DELETE …/events/{id}`: an organizer's meeting is called off with it.
/// Source: <https://learn.microsoft.com/graph/api/event-delete>
fn delete(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    call.shared.write(|state| {
        let State { mail, ids, .. } = state;
        let mailbox = mail.open(&target.owner.id, ids);
        let (event, occurrence) = place.find(mailbox)?;
        check_version(call, mailbox, event)?;
        let (event, day) = (event.clone(), occurrence.day);
        call_off(state, target, &event, day, "", call);
        Ok(Reply::no_content())
    })
}

/// Takes an event, or a day of it, out of the calendar; those who were invited hear of it from the organizer.
pub(super) fn call_off(
    state: &mut State,
    target: &Target,
    event: &Event,
    day: Option<Date>,
    comment: &str,
    call: &Call,
) {
    let user_id = target.owner.id.as_str();
    if event.is_organizer && event.is_meeting() {
        meeting::withdraw(state, user_id, (event, day), None, comment, call.now);
    }
    let State { mail, ids, .. } = state;
    let mailbox = mail.open(user_id, ids);
    match day {
        None => {
            mailbox.remove_event(event.key);
        }
        Some(day) => {
            mailbox.change_event(event.key, call.now, |event| {
                event.exceptions.remove(&day);
                event.deleted.insert(day);
            });
        }
    }
}
