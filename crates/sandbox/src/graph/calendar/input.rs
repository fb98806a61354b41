//! Events as clients write them.

use jiff::civil::Time;
use jiff::tz::Offset;
use serde_json::{Map, Value, json};

use super::recurrence;
use super::schema::{EVENT, LOCATION};
use super::times::{self, Written};
use crate::graph::fault::Fault;
use crate::graph::mail::{attached, input};
use crate::state::calendar::event::{Attendee, AttendeeKind, Details, Response, Span};
use crate::state::calendar::recurrence::Recurrence;
use crate::state::ids::Ids;

const SHOW_AS: &[&str] = &[
    "free",
    "tentative",
    "busy",
    "oof",
    "workingElsewhere",
    "unknown",
];
const SENSITIVITY: &[&str] = &["normal", "personal", "private", "confidential"];
const PROVIDERS: &[&str] = &[
    "unknown",
    "skypeForBusiness",
    "skypeForConsumer",
    "teamsForBusiness",
];
const LOCATION_TYPES: &[&str] = &[
    "default",
    "conferenceRoom",
    "homeAddress",
    "businessAddress",
    "geoCoordinates",
    "streetAddress",
    "hotel",
    "restaurant",
    "localBusiness",
    "postalAddress",
];
/// The most people that one event may have.
const MAX_ATTENDEES: usize = 500;

/// An event being written.
#[derive(Clone, Debug, Default)]
pub(super) struct Draft {
    pub(super) details: Details,
    pub(super) recurrence: Option<Recurrence>,
    pub(super) transaction_id: Option<String>,
    /// Whether a link to join is wanted.
    pub(super) is_online: Option<bool>,
}

/// Writes the named properties into the draft. What only the server sets is passed over.
pub(super) fn apply(
    draft: &mut Draft,
    body: &Map<String, Value>,
    ids: &mut Ids,
    now: jiff::Timestamp,
) -> Result<(), Fault> {
    let (mut start, mut end, mut series) = (None, None, None);
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.to_ascii_lowercase().as_str() {
            "start" => start = Some(times::read(name, value)?),
            "end" => end = Some(times::read(name, value)?),
            "recurrence" => series = Some(value),
            "attachments" => {
                for item in input::array(name, value)? {
                    let attachment = attached::read(input::object(name, item)?, ids, now)?;
                    draft.details.attachments.push(attachment);
                }
            }
            "transactionid" => draft.transaction_id = input::optional_text(name, value)?,
            "isonlinemeeting" => draft.is_online = Some(input::boolean(name, value)?),
            "singlevalueextendedproperties" | "multivalueextendedproperties" | "extensions" => {
                return Err(Fault::not_implemented(&format!("{name} of events")));
            }
            _ => set(&mut draft.details, name, value)?,
        }
    }
    place(&mut draft.details, start, end)?;
    match series {
        Some(Value::Null) => draft.recurrence = None,
        Some(value) => {
            let recurrence = recurrence::read(value, &draft.details.span.start_zone)?;
            begin_on_first_day(&mut draft.details, &recurrence)?;
            draft.recurrence = Some(recurrence);
        }
        None => {}
    }
    Ok(())
}

fn set(details: &mut Details, name: &str, value: &Value) -> Result<(), Fault> {
    match name.to_ascii_lowercase().as_str() {
        "subject" => details.subject = input::optional_text(name, value)?.unwrap_or_default(),
        "body" => details.body = input::item_body(name, value)?.normalised(),
        "isallday" => details.is_all_day = input::boolean(name, value)?,
        "location" => details.locations = vec![location(name, value)?],
        "locations" => {
            let all = input::array(name, value)?
                .iter()
                .map(|item| location(name, item));
            details.locations = all.collect::<Result<_, _>>()?;
        }
        "attendees" => details.attendees = attendees(name, value, &details.attendees)?,
        "importance" => details.importance = input::importance(name, value)?,
        "sensitivity" => {
            details.sensitivity = one_of(name, value, SENSITIVITY, "microsoft.graph.sensitivity")?;
        }
        "showas" => {
            details.show_as = one_of(name, value, SHOW_AS, "microsoft.graph.freeBusyStatus")?;
        }
        "onlinemeetingprovider" => {
            one_of(
                name,
                value,
                PROVIDERS,
                "microsoft.graph.onlineMeetingProviderType",
            )?;
        }
        "categories" => details.categories = input::texts(name, value)?,
        "reminderminutesbeforestart" => {
            let minutes = value
                .as_i64()
                .and_then(|minutes| i32::try_from(minutes).ok());
            details.reminder_minutes =
                minutes.ok_or_else(|| Fault::invalid_value(name, "Edm.Int32"))?;
        }
        "isreminderon" => details.is_reminder_on = input::boolean(name, value)?,
        "responserequested" => details.response_requested = input::boolean(name, value)?,
        "allownewtimeproposals" => details.allow_new_time_proposals = input::boolean(name, value)?,
        "hideattendees" => details.hide_attendees = input::boolean(name, value)?,
        _ if EVENT.property(name).is_some() => {}
        _ => return Err(Fault::unknown_property(name, EVENT.name)),
    }
    Ok(())
}

/// Times that belong together; those of all-day events are midnights.
fn place(details: &mut Details, start: Option<Written>, end: Option<Written>) -> Result<(), Fault> {
    let midnight = |written: &Written| -> Result<jiff::Timestamp, Fault> {
        if written.civil.time() != Time::midnight() {
            return Err(Fault::property_validation(
                "The Event.Start and Event.End properties of an all-day event need to be set to midnight.",
            ));
        }
        Offset::UTC
            .to_timestamp(written.civil)
            .map_err(|_| Fault::property_validation("At least one property failed validation."))
    };
    let is_all_day = details.is_all_day;
    let span: &mut Span = &mut details.span;
    if let Some(written) = start {
        span.start = if is_all_day {
            midnight(&written)?
        } else {
            written.at
        };
        span.start_zone = written.zone;
    }
    if let Some(written) = end {
        span.end = if is_all_day {
            midnight(&written)?
        } else {
            written.at
        };
        span.end_zone = written.zone;
    }
    let is_whole_days = |at: jiff::Timestamp| at.as_second().rem_euclid(86_400) == 0;
    if is_all_day
        && !(is_whole_days(span.start) && is_whole_days(span.end) && span.end > span.start)
    {
        return Err(Fault::property_validation(
            "The duration of an event that is marked as all-day must be at least 24 hours.",
        ));
    }
    if span.end < span.start {
        return Err(Fault::property_validation(
            "At least one property failed validation.",
        ));
    }
    Ok(())
}

/// A series starts on the first day that its pattern means, at the hour that was given.
fn begin_on_first_day(details: &mut Details, recurrence: &Recurrence) -> Result<(), Fault> {
    let horizon = recurrence.start.saturating_add(jiff::ToSpan::years(100));
    let probe = Recurrence {
        end: recurrence.end,
        ..recurrence.clone()
    };
    let first = match recurrence.end {
        crate::state::calendar::recurrence::End::Never => {
            let near = recurrence.start.saturating_add(jiff::ToSpan::years(8));
            probe.days(near).first().copied()
        }
        _ => probe.days(horizon).first().copied(),
    };
    let first =
        first.ok_or_else(|| Fault::property_validation("The recurrence has no occurrences."))?;
    let zone = if details.is_all_day {
        "UTC"
    } else {
        &details.span.start_zone
    };
    let zone =
        crate::state::calendar::zones::find(zone).ok_or_else(|| Fault::unknown_time_zone(zone))?;
    let length = details.span.end.duration_since(details.span.start);
    let time = zone.to_datetime(details.span.start).time();
    if let Ok(start) = zone.to_timestamp(first.to_datetime(time)) {
        details.span.start = start;
        details.span.end = start.saturating_add(length).unwrap_or(start);
    }
    Ok(())
}

/// A location with the properties that Graph always shows.
pub(super) fn location(name: &str, value: &Value) -> Result<Value, Fault> {
    let written = input::object(name, value)?;
    let mut shown = Map::new();
    shown.insert("displayName".to_owned(), json!(""));
    shown.insert("locationType".to_owned(), json!("default"));
    shown.insert("uniqueIdType".to_owned(), json!("unknown"));
    for (key, value) in written.iter().filter(|(key, _)| !key.contains('@')) {
        let property = LOCATION
            .property(key)
            .ok_or_else(|| Fault::unknown_property(key, LOCATION.name))?;
        match property.name {
            "locationType" => {
                let kind = one_of(key, value, LOCATION_TYPES, "microsoft.graph.locationType")?;
                shown.insert(property.name.to_owned(), json!(kind));
            }
            "address" | "coordinates" => {
                input::object(key, value)?;
                shown.insert(property.name.to_owned(), value.clone());
            }
            _ if !value.is_null() => {
                shown.insert(property.name.to_owned(), json!(input::text(key, value)?));
            }
            _ => {}
        }
    }
    Ok(Value::Object(shown))
}

/// `attendees`, which replace those before as a whole; who stays keeps their answer.
pub(super) fn attendees(
    name: &str,
    value: &Value,
    known: &[Attendee],
) -> Result<Vec<Attendee>, Fault> {
    let mut all: Vec<Attendee> = Vec::new();
    for item in input::array(name, value)? {
        let address = input::recipient(name, item)?;
        let kind = item
            .get("type")
            .and_then(Value::as_str)
            .unwrap_or("required");
        let kind = match kind.to_ascii_lowercase().as_str() {
            "required" => AttendeeKind::Required,
            "optional" => AttendeeKind::Optional,
            "resource" => AttendeeKind::Resource,
            _ => return Err(Fault::invalid_value("type", "microsoft.graph.attendeeType")),
        };
        let before = known
            .iter()
            .find(|attendee| attendee.address.is_same_mailbox(&address));
        let response = before.map_or_else(Response::default, |attendee| attendee.response);
        if !all
            .iter()
            .any(|attendee| attendee.address.is_same_mailbox(&address))
        {
            all.push(Attendee {
                address,
                kind,
                response,
            });
        }
    }
    if all.len() > MAX_ATTENDEES {
        return Err(Fault::property_validation(
            "An event has at most 500 attendees.",
        ));
    }
    Ok(all)
}

/// One of the names of an enumeration, spelled as it does.
pub(in crate::graph) fn one_of(
    name: &str,
    value: &Value,
    known: &[&'static str],
    kind: &str,
) -> Result<String, Fault> {
    let text = input::text(name, value)?;
    let found = known.iter().find(|known| known.eq_ignore_ascii_case(&text));
    found
        .map(|known| (*known).to_owned())
        .ok_or_else(|| Fault::invalid_value(name, kind))
}
