//! Events as they lie in time: single ones, and the days of series.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

use super::event::{Details, Event, Span};
use super::zones;

/// Where an event lies, once.
#[derive(Clone, Debug)]
pub(crate) struct Occurrence<'e> {
    pub(crate) event: &'e Event,
    /// The day of the series that it is; none for what does not repeat.
    pub(crate) day: Option<Date>,
    pub(crate) details: &'e Details,
    pub(crate) start: Timestamp,
    pub(crate) end: Timestamp,
    pub(crate) is_exception: bool,
}

impl Event {
    /// The event as it was written: a single one, or a whole series under its first times.
    pub(crate) fn whole(&self) -> Occurrence<'_> {
        Occurrence {
            event: self,
            day: None,
            details: &self.details,
            start: self.details.span.start,
            end: self.details.span.end,
            is_exception: false,
        }
    }

    /// Everything of it that touches a window, in order of time.
    pub(crate) fn within(&self, from: Timestamp, to: Timestamp) -> Vec<Occurrence<'_>> {
        let touches = |occurrence: &Occurrence<'_>| {
            let is_point = occurrence.start == occurrence.end;
            occurrence.start < to && (occurrence.end > from || is_point && occurrence.start >= from)
        };
        let Some(recurrence) = &self.recurrence else {
            return Some(self.whole()).filter(touches).into_iter().collect();
        };
        // A day may begin earlier than the window in its own zone, and an exception may lie elsewhere altogether.
        let until = Offset::UTC
            .to_datetime(to)
            .date()
            .saturating_add(SignedDuration::from_hours(48));
        let days = recurrence.days(until);
        let moved = self
            .exceptions
            .keys()
            .filter(|day| !days.contains(day))
            .copied();
        let mut found: Vec<Occurrence<'_>> = days
            .iter()
            .copied()
            .chain(moved)
            .filter_map(|day| self.on(day))
            .filter(touches)
            .collect();
        found.sort_by_key(|occurrence| occurrence.start);
        found
    }

    /// One day of the series, unless it was taken out.
    pub(crate) fn on(&self, day: Date) -> Option<Occurrence<'_>> {
        self.recurrence.as_ref()?;
        if self.deleted.contains(&day) {
            return None;
        }
        if let Some(details) = self.exceptions.get(&day) {
            return Some(Occurrence {
                event: self,
                day: Some(day),
                details,
                start: details.span.start,
                end: details.span.end,
                is_exception: true,
            });
        }
        let start = self.start_on(day);
        let length = self
            .details
            .span
            .end
            .duration_since(self.details.span.start);
        Some(Occurrence {
            event: self,
            day: Some(day),
            details: &self.details,
            start,
            end: start.saturating_add(length).unwrap_or(start),
            is_exception: false,
        })
    }

    /// Whether a day belongs to the series, taken out or not.
    pub(crate) fn has_day(&self, day: Date) -> bool {
        self.recurrence
            .as_ref()
            .is_some_and(|recurrence| recurrence.days(day).last() == Some(&day))
    }

    /// When a day of the series begins by the pattern: at the hour of the first one, by the clock of its zone.
    pub(crate) fn start_on(&self, day: Date) -> Timestamp {
        let span = &self.details.span;
        let zone = self.zone();
        let time = zone.to_datetime(span.start).time();
        zone.to_timestamp(day.to_datetime(time))
            .unwrap_or(span.start)
    }

    fn zone(&self) -> TimeZone {
        if self.details.is_all_day {
            return TimeZone::UTC;
        }
        zones::find(&self.details.span.start_zone).unwrap_or(TimeZone::UTC)
    }
}

impl Occurrence<'_> {
    /// `singleInstance`, `seriesMaster`, `occurrence` or `exception`.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.event.recurrence, self.day) {
            (None, _) => "singleInstance",
            (Some(_), None) => "seriesMaster",
            (Some(_), Some(_)) if self.is_exception => "exception",
            (Some(_), Some(_)) => "occurrence",
        }
    }

    /// Its own times in the zones of the series.
    pub(crate) fn span(&self) -> Span {
        Span {
            start: self.start,
            end: self.end,
            ..self.details.span.clone()
        }
    }

    /// What it says, as an exception of the series would hold it.
    pub(crate) fn own_details(&self) -> Details {
        Details {
            span: self.span(),
            ..self.details.clone()
        }
    }
}

/// The number that an id has for a day.
pub(crate) fn day_number(day: Date) -> i32 {
    let midnight = Offset::UTC.to_timestamp(day.at(0, 0, 0, 0));
    let seconds = midnight.map_or(0, Timestamp::as_second);
    i32::try_from(seconds.div_euclid(86_400)).unwrap_or_default()
}

/// The day that a number in an id stands for.
pub(crate) fn day_of(number: i32) -> Option<Date> {
    let midnight = Timestamp::from_second(i64::from(number) * 86_400).ok()?;
    Some(Offset::UTC.to_datetime(midnight).date())
}
