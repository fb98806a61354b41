//! Times that suit everybody: <https://learn.microsoft.com/graph/api/user-findmeetingtimes>

use axum::http::Method;
use jiff::{SignedDuration as Length, Timestamp};
use serde_json::{Map, Value, json};

use super::input::attendees;
use super::render::nowhere;
use super::schedule::taken;
use super::{require, times};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Parameters, Target, input};
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::calendar::event::{Attendee, AttendeeKind};
use crate::state::calendar::recurrence::Day;
use crate::state::calendar::zones;
use crate::state::mail::settings::WorkingHours;

/// Candidates begin on the half hour.
const STEP: Length = Length::from_mins(30);
const DEFAULT_LENGTH: Length = Length::from_mins(30);
const DEFAULT_CANDIDATES: usize = 20;
const DEFAULT_PERCENTAGE: f64 = 50.0;
/// How far ahead is looked when no window is given.
const HORIZON: Length = Length::from_hours(7 * 24);

/// What is asked for.
struct Wish {
    attendees: Vec<Attendee>,
    length: Length,
    slots: Vec<(Timestamp, Timestamp)>,
    /// Outside of working hours too.
    any_time: bool,
    candidates: usize,
    percentage: f64,
    with_reasons: bool,
    organizer_optional: bool,
    locations: Vec<Value>,
}

/// One time that may do.
struct Candidate {
    start: Timestamp,
    end: Timestamp,
    confidence: f64,
    organizer: &'static str,
    attendees: Vec<&'static str>,
}

/// `POST …/findMeetingTimes`: there is no such permission for applications.
pub(super) fn find(call: &Call, target: &Target, below: &[&str]) -> Result<Reply, Fault> {
    if let Some(segment) = below.first() {
        return Err(Fault::unknown_segment(segment));
    }
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    let shared = ["Calendars.Read.Shared", "Calendars.ReadWrite.Shared"];
    if call.caller.is_application() || !call.caller.has_any(&shared) {
        return Err(Fault::access_denied());
    }
    require(target, CalendarAccess::Read)?;
    let wish = Wish::read(call)?;
    let zone = times::Zone::of(call)?;
    let found = call.shared.read(|state| wish.find(state, target, call.now));
    let mut result = Map::new();
    result.insert(
        "@odata.context".to_owned(),
        json!(call.context("microsoft.graph.meetingTimeSuggestionsResult")),
    );
    let reason = if found.is_empty() {
        "AttendeesUnavailable"
    } else {
        ""
    };
    result.insert("emptySuggestionsReason".to_owned(), json!(reason));
    let shown = found
        .iter()
        .enumerate()
        .map(|(at, candidate)| wish.show(at, candidate, &zone));
    result.insert("meetingTimeSuggestions".to_owned(), shown.collect());
    Ok(Reply::json(&Value::Object(result)))
}

impl Wish {
    fn read(call: &Call) -> Result<Self, Fault> {
        let known = [
            "attendees",
            "locationconstraint",
            "timeconstraint",
            "meetingduration",
            "maxcandidates",
            "isorganizeroptional",
            "returnsuggestionreasons",
            "minimumattendeepercentage",
        ];
        let body = Parameters::read(call, &known, "findMeetingTimes")?;
        let flag = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or_default();
        let invited = body
            .get("attendees")
            .map_or(Ok(Vec::new()), |value| attendees("attendees", value, &[]))?;
        let length = match body.get("meetingduration").and_then(Value::as_str) {
            Some(text) => duration(text)?,
            None => DEFAULT_LENGTH,
        };
        let constraint = body.get("timeconstraint").filter(|value| !value.is_null());
        let (slots, any_time) = match constraint {
            Some(value) => slots(value)?,
            None => (Vec::new(), false),
        };
        let slots = if slots.is_empty() {
            vec![(
                call.now,
                call.now.saturating_add(HORIZON).unwrap_or(Timestamp::MAX),
            )]
        } else {
            slots
        };
        let candidates = body
            .get("maxcandidates")
            .and_then(Value::as_u64)
            .and_then(|count| usize::try_from(count).ok());
        let percentage = body
            .get("minimumattendeepercentage")
            .and_then(Value::as_f64);
        Ok(Self {
            attendees: invited,
            length,
            slots,
            any_time,
            candidates: candidates.unwrap_or(DEFAULT_CANDIDATES),
            percentage: percentage.unwrap_or(DEFAULT_PERCENTAGE),
            with_reasons: flag("returnsuggestionreasons"),
            organizer_optional: flag("isorganizeroptional"),
            locations: locations(body.get("locationconstraint")),
        })
    }

    fn find(&self, state: &State, target: &Target, now: Timestamp) -> Vec<Candidate> {
        let own = state.mail.mailbox(&target.owner.id);
        let hours = own
            .map(|mailbox| mailbox.settings.hours.clone())
            .unwrap_or_default();
        let mut found = Vec::new();
        for (from, to) in &self.slots {
            let mut start = next_half_hour((*from).max(now));
            while let Some(end) = start.checked_add(self.length).ok().filter(|end| end <= to) {
                if self.any_time || is_working(&hours, start, end) {
                    found.extend(self.weigh(state, target, start, end));
                }
                start = start.saturating_add(STEP).unwrap_or(Timestamp::MAX);
                if found.len() > 5_000 {
                    break;
                }
            }
        }
        found.sort_by(|a, b| {
            b.confidence
                .total_cmp(&a.confidence)
                .then(a.start.cmp(&b.start))
        });
        found.truncate(self.candidates);
        found
    }

    /// The chance that people come, from how free they are: half for who is tentatively taken.
    fn weigh(
        &self,
        state: &State,
        target: &Target,
        start: Timestamp,
        end: Timestamp,
    ) -> Option<Candidate> {
        let organizer = availability(state, &target.owner.id, start, end);
        if organizer == "busy" && !self.organizer_optional {
            return None;
        }
        let states: Vec<&'static str> = self
            .attendees
            .iter()
            .map(|attendee| availability(state, &attendee.address.address, start, end))
            .collect();
        let people = std::iter::once(&organizer).chain(
            states
                .iter()
                .zip(&self.attendees)
                .filter(|(_, attendee)| attendee.kind == AttendeeKind::Required)
                .map(|(state, _)| state),
        );
        let chances: Vec<f64> = people.map(|state| chance(state)).collect();
        let count = f64::from(u32::try_from(chances.len()).unwrap_or(1));
        let confidence = chances.iter().sum::<f64>() / count;
        (confidence >= self.percentage).then_some(Candidate {
            start,
            end,
            confidence,
            organizer,
            attendees: states,
        })
    }

    fn show(&self, at: usize, candidate: &Candidate, zone: &times::Zone) -> Value {
        let attendees: Vec<Value> = self
            .attendees
            .iter()
            .zip(&candidate.attendees)
            .map(|(attendee, state)| {
                let address = &attendee.address;
                json!({
                    "availability": state,
                    "attendee": {
                        "type": attendee.kind.name(),
                        "emailAddress": {"name": address.name, "address": address.address},
                    },
                })
            })
            .collect();
        let mut value = json!({
            "confidence": candidate.confidence,
            "order": at + 1,
            "organizerAvailability": candidate.organizer,
            "attendeeAvailability": attendees,
            "locations": self.locations,
            "meetingTimeSlot": {
                "start": zone.show(candidate.start, false),
                "end": zone.show(candidate.end, false),
            },
        });
        if self.with_reasons {
            let reason = if candidate.attendees.iter().all(|state| *state == "free") {
                "Suggested because it is one of the nearest times when all attendees are available."
            } else {
                "Suggested because it is one of the nearest times when most attendees are available."
            };
            value["suggestionReason"] = json!(reason);
        }
        value
    }
}

fn chance(state: &str) -> f64 {
    match state {
        "free" | "workingElsewhere" => 100.0,
        "busy" | "oof" => 0.0,
        _ => 50.0,
    }
}

/// What somebody is at a time; nothing is known of people from outside.
fn availability(state: &State, who: &str, start: Timestamp, end: Timestamp) -> &'static str {
    let user = state.directory.user(who).filter(|user| user.has_mailbox());
    let Some(mailbox) = user.and_then(|user| state.mail.mailbox(&user.id)) else {
        return "unknown";
    };
    let shown: Vec<String> = taken(mailbox, start, end)
        .iter()
        .map(|it| it.details.show_as.clone())
        .collect();
    for known in ["oof", "busy", "tentative", "workingElsewhere"] {
        if shown.iter().any(|show_as| show_as == known) {
            return known;
        }
    }
    "free"
}

fn is_working(hours: &WorkingHours, start: Timestamp, end: Timestamp) -> bool {
    let Some(zone) = zones::find(&hours.zone) else {
        return true;
    };
    let (start, end) = (zone.to_datetime(start), zone.to_datetime(end));
    let same_day = start.date() == end.date();
    same_day
        && hours.days.contains(&Day::of(start.date()))
        && start.time() >= hours.start
        && end.time() <= hours.end
}

fn next_half_hour(at: Timestamp) -> Timestamp {
    let step = STEP.as_secs();
    let second = at.as_second();
    let rest = second.rem_euclid(step);
    let up = if rest == 0 && at.subsec_nanosecond() == 0 {
        0
    } else {
        step - rest
    };
    Timestamp::from_second(second + up).unwrap_or(at)
}

/// `PT1H30M`
fn duration(text: &str) -> Result<Length, Fault> {
    let wrong = || Fault::invalid_value("meetingDuration", "Edm.Duration");
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let length = Length::try_from(span).map_err(|_| wrong())?;
    if length.is_positive() && length.as_hours() <= 24 {
        Ok(length)
    } else {
        Err(wrong())
    }
}

/// The windows, and whether they may lie outside of working hours.
fn slots(value: &Value) -> Result<(Vec<(Timestamp, Timestamp)>, bool), Fault> {
    let constraint = input::object("timeConstraint", value)?;
    let get = |name: &str| {
        constraint
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let domain = get("activityDomain")
        .and_then(Value::as_str)
        .unwrap_or("work");
    let mut slots = Vec::new();
    for slot in get("timeSlots")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let slot = input::object("timeSlots", slot)?;
        let part = |name: &'static str| {
            let found = slot.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
            let (_, value) = found.ok_or_else(|| Fault::missing_property(name))?;
            times::read(name, value)
        };
        slots.push((part("start")?.at, part("end")?.at));
    }
    Ok((slots, !domain.eq_ignore_ascii_case("work")))
}

fn locations(constraint: Option<&Value>) -> Vec<Value> {
    let Some(Value::Object(constraint)) = constraint else {
        return Vec::new();
    };
    let wanted = constraint
        .get("locations")
        .and_then(Value::as_array)
        .into_iter()
        .flatten();
    let mut shown = Vec::new();
    for location in wanted {
        let mut whole = nowhere();
        for name in ["displayName", "locationEmailAddress"] {
            if let Some(text) = location.get(name).and_then(Value::as_str) {
                whole[name] = json!(text);
            }
        }
        shown.push(whole);
    }
    shown
}
