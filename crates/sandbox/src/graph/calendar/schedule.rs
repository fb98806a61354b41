//! Free and busy: <https://learn.microsoft.com/graph/api/calendar-getschedule>

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{require, times};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Parameters, Target};
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::calendar::occurrence::Occurrence;
use crate::state::directory::User;
use crate::state::mail::Mailbox;
use crate::state::mail::settings::WorkingHours;

/// The longest window.
const MAX_DAYS: i64 = 62;
/// The most people and rooms at once.
const MAX_SCHEDULES: usize = 100;
const DEFAULT_INTERVAL: i64 = 30;

/// `POST …/calendar/getSchedule`
pub(super) fn get(call: &Call, target: &Target) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    let known = [
        "schedules",
        "starttime",
        "endtime",
        "availabilityviewinterval",
    ];
    let body = Parameters::read(call, &known, "getSchedule")?;
    let time = |name: &'static str, lower: &str| {
        let value = body
            .get(lower)
            .ok_or_else(|| Fault::missing_property(name))?;
        times::read(name, value)
    };
    let (from, to) = (
        time("StartTime", "starttime")?.at,
        time("EndTime", "endtime")?.at,
    );
    if to <= from || to.duration_since(from).as_hours() > 24 * MAX_DAYS {
        return Err(Fault::new(
            axum::http::StatusCode::BAD_REQUEST,
            "ErrorTimeIntervalTooBig",
            "The requested time duration specified for FreeBusyViewOptions.TimeWindow is not within the allowed limits.",
        ));
    }
    let interval = body
        .get("availabilityviewinterval")
        .map_or(Some(DEFAULT_INTERVAL), Value::as_i64);
    let interval = interval.filter(|minutes| (5..=1_440).contains(minutes));
    let interval = interval.ok_or_else(|| {
        Fault::invalid_parameter("The availabilityViewInterval is between 5 and 1440 minutes.")
    })?;
    let schedules: Vec<String> = body
        .get("schedules")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if schedules.is_empty() || schedules.len() > MAX_SCHEDULES {
        return Err(Fault::invalid_parameter(
            "Between 1 and 100 schedules can be asked for at once.",
        ));
    }
    let zone = times::Zone::of(call)?;
    let request = Request {
        call,
        target,
        zone,
        from,
        to,
        interval,
    };
    let value: Vec<Value> = call.shared.read(|state| {
        schedules
            .iter()
            .map(|name| request.one(state, name))
            .collect()
    });
    let context = call.context("Collection(microsoft.graph.scheduleInformation)");
    Ok(Reply::json(
        &json!({"@odata.context": context, "value": value}),
    ))
}

struct Request<'a> {
    call: &'a Call,
    target: &'a Target,
    zone: times::Zone,
    from: Timestamp,
    to: Timestamp,
    /// Minutes.
    interval: i64,
}

impl Request<'_> {
    fn one(&self, state: &State, name: &str) -> Value {
        let user = state.directory.user(name);
        let user = user
            .filter(|user| user.tenant_id == self.call.caller.tenant_id() && user.has_mailbox());
        let Some(user) = user else {
            return json!({
                "scheduleId": name,
                "error": {
                    "message": format!("The email address '{name}' could not be resolved to a mailbox."),
                    "responseCode": "ErrorMailRecipientNotFound",
                },
            });
        };
        let mailbox = state.mail.mailbox(&user.id);
        let busy = mailbox
            .map(|mailbox| taken(mailbox, self.from, self.to))
            .unwrap_or_default();
        let hours = mailbox
            .map(|mailbox| mailbox.settings.hours.clone())
            .unwrap_or_default();
        json!({
            "scheduleId": name,
            "availabilityView": self.view(&busy),
            "scheduleItems": busy.iter().map(|occurrence| self.item(user, occurrence)).collect::<Vec<_>>(),
            "workingHours": working_hours(&hours),
        })
    }

    /// Others see when somebody is busy and not with what, which is how an organisation shares calendars by default.
    fn item(&self, user: &User, occurrence: &Occurrence<'_>) -> Value {
        let details = occurrence.details;
        let mut item = json!({
            "isPrivate": details.sensitivity == "private",
            "status": details.show_as,
            "start": self.zone.show(occurrence.start, details.is_all_day),
            "end": self.zone.show(occurrence.end, details.is_all_day),
        });
        let is_open = user.id == self.target.owner.id || self.call.caller.is_application();
        if is_open {
            item["subject"] = json!(details.subject);
            let place = details
                .locations
                .first()
                .and_then(|location| location["displayName"].as_str());
            item["location"] = json!(place.unwrap_or_default());
        }
        item
    }

    /// One digit an interval: free, tentative, busy, out of office, working elsewhere.
    fn view(&self, busy: &[Occurrence<'_>]) -> String {
        let step = SignedDuration::from_mins(self.interval);
        let mut digits = String::new();
        let mut at = self.from;
        while at < self.to {
            let end = at.saturating_add(step).unwrap_or(self.to).min(self.to);
            let inside = busy
                .iter()
                .filter(|occurrence| occurrence.start < end && occurrence.end > at);
            let rank = inside
                .map(|occurrence| rank(&occurrence.details.show_as))
                .max_by_key(|rank| weight(*rank));
            digits.push(rank.unwrap_or('0'));
            at = end;
        }
        digits
    }
}

fn rank(show_as: &str) -> char {
    match show_as {
        "tentative" => '1',
        "busy" => '2',
        "oof" => '3',
        "workingElsewhere" => '4',
        _ => '0',
    }
}

/// Away weighs most, then busy, tentative, elsewhere.
fn weight(digit: char) -> u8 {
    match digit {
        '3' => 4,
        '2' => 3,
        '1' => 2,
        '4' => 1,
        _ => 0,
    }
}

/// What takes somebody's time in a window, in order.
pub(super) fn taken(mailbox: &Mailbox, from: Timestamp, to: Timestamp) -> Vec<Occurrence<'_>> {
    let events = mailbox.events().filter(|event| !event.is_cancelled);
    let mut taken: Vec<Occurrence<'_>> = events
        .flat_map(|event| event.within(from, to))
        .filter(|occurrence| occurrence.details.show_as != "free")
        .collect();
    taken.sort_by_key(|occurrence| (occurrence.start, occurrence.event.key));
    taken
}

/// `workingHours`
pub(in crate::graph) fn working_hours(hours: &WorkingHours) -> Value {
    let days: Vec<&str> = hours.days.iter().map(|day| day.name()).collect();
    json!({
        "daysOfWeek": days,
        "startTime": hours.start.strftime("%H:%M:%S.0000000").to_string(),
        "endTime": hours.end.strftime("%H:%M:%S.0000000").to_string(),
        "timeZone": {"name": hours.zone},
    })
}
