//! Times as Graph writes them in calendars: a clock's reading and the name of a zone.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use serde_json::{Value, json};

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::input;
use crate::state::calendar::zones;

/// The zone that a reader wants times in.
#[derive(Clone, Debug)]
pub(in crate::graph) struct Zone {
    name: String,
    zone: TimeZone,
}

impl Zone {
    pub(in crate::graph) fn utc() -> Self {
        Self {
            name: "UTC".to_owned(),
            zone: TimeZone::UTC,
        }
    }

    /// What `Prefer: outlook.timezone` asks for, else UTC.
    pub(in crate::graph) fn of(call: &Call) -> Result<Self, Fault> {
        match &call.prefer.time_zone {
            Some(name) => Self::named(name),
            None => Ok(Self::utc()),
        }
    }

    pub(in crate::graph) fn named(name: &str) -> Result<Self, Fault> {
        let zone = zones::find(name).ok_or_else(|| Fault::unknown_time_zone(name))?;
        Ok(Self {
            name: name.to_owned(),
            zone,
        })
    }

    /// `dateTimeTimeZone`; the midnights of all-day events are midnights everywhere.
    pub(in crate::graph) fn show(&self, at: Timestamp, is_all_day: bool) -> Value {
        let read = if is_all_day {
            Offset::UTC.to_datetime(at)
        } else {
            self.zone.to_datetime(at)
        };
        json!({"dateTime": clock(read), "timeZone": self.name})
    }
}

fn clock(read: DateTime) -> String {
    let whole = read.strftime("%Y-%m-%dT%H:%M:%S");
    format!("{whole}.{:07}", read.subsec_nanosecond() / 100)
}

/// A `dateTimeTimeZone` as it was written.
#[derive(Clone, Debug)]
pub(in crate::graph) struct Written {
    pub(in crate::graph) at: Timestamp,
    pub(super) zone: String,
    /// What the clock showed.
    pub(super) civil: DateTime,
}

/// Reads a `dateTimeTimeZone`. A time with an offset of its own means that instant, whatever the zone.
pub(in crate::graph) fn read(name: &str, value: &Value) -> Result<Written, Fault> {
    let wanted = "microsoft.graph.dateTimeTimeZone";
    let object = input::object(name, value)?;
    let part = |wanted: &str| {
        let found = object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(wanted));
        found.and_then(|(_, value)| value.as_str())
    };
    let text = part("dateTime").ok_or_else(|| Fault::invalid_value(name, wanted))?;
    let zone = part("timeZone").unwrap_or_default();
    let found = zones::find(zone).ok_or_else(|| Fault::unknown_time_zone(zone))?;
    if let Ok(at) = text.parse::<Timestamp>() {
        let civil = found.to_datetime(at);
        return Ok(Written {
            at,
            zone: zone.to_owned(),
            civil,
        });
    }
    let civil: DateTime = text
        .parse()
        .map_err(|_| Fault::invalid_value(name, wanted))?;
    let at = found
        .to_timestamp(civil)
        .map_err(|_| Fault::invalid_value(name, wanted))?;
    Ok(Written {
        at,
        zone: zone.to_owned(),
        civil,
    })
}

/// An instant of the query, such as `startDateTime`: with an offset, or meant as UTC.
pub(in crate::graph) fn instant(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    // A plus that was not encoded has become a space.
    let mended = text
        .rsplit_once(' ')
        .filter(|(start, _)| start.contains('T'));
    let mended = mended.map_or_else(
        || text.to_owned(),
        |(start, offset)| format!("{start}+{offset}"),
    );
    if let Ok(at) = mended.parse() {
        return Some(at);
    }
    let civil: DateTime = mended.parse().ok()?;
    Offset::UTC.to_timestamp(civil).ok()
}

/// With seven digits of a second, as calendars have creation and change.
pub(super) fn precise(at: Timestamp) -> Value {
    json!(format!("{}Z", clock(Offset::UTC.to_datetime(at))))
}
