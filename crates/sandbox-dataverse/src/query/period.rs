//! Periods relative to now, as `LastXDays` and `this-month` mean them, in UTC.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/fetchxml/reference/operators>

use jiff::civil::{Date, DateTime};
use jiff::tz::Offset;
use jiff::{Span, Timestamp};

/// Length of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// A period by its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// The calendar's, this many before or after the present one.
    Calendar(Unit, i64),
    /// The last this many up to now; days are counted whole.
    Last(Unit, i64),
    /// The next this many from now.
    Next(Unit, i64),
    /// Everything before that many ago.
    Older(Unit, i64),
}

impl Period {
    /// Its first instant and the first after it; `None` beyond the calendar.
    pub(crate) fn bounds(self, now: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let here = Offset::UTC.to_datetime(now);
        let today = here.date();
        match self {
            Self::Calendar(unit, distance) => {
                let start = shift(start_of(unit, here), unit, distance)?;
                Some((stamp(start)?, stamp(shift(start, unit, 1)?)?))
            }
            Self::Last(unit @ (Unit::Minute | Unit::Hour), count) => {
                Some((stamp(shift(here, unit, -count)?)?, now))
            }
            Self::Last(unit, count) => {
                let start = shift(midnight(today), unit, -count)?;
                Some((stamp(start)?, now))
            }
            Self::Next(unit @ (Unit::Minute | Unit::Hour), count) => {
                Some((now, stamp(shift(here, unit, count)?)?))
            }
            Self::Next(unit, count) => {
                let end = shift(midnight(today.tomorrow().ok()?), unit, count)?;
                Some((now, stamp(end)?))
            }
            Self::Older(unit, count) => {
                let from = match unit {
                    Unit::Minute | Unit::Hour => here,
                    _ => midnight(today),
                };
                Some((Timestamp::MIN, stamp(shift(from, unit, -count)?)?))
            }
        }
    }
}

fn stamp(at: DateTime) -> Option<Timestamp> {
    Offset::UTC.to_timestamp(at).ok()
}

fn midnight(date: Date) -> DateTime {
    date.at(0, 0, 0, 0)
}

fn start_of(unit: Unit, here: DateTime) -> DateTime {
    let date = here.date();
    midnight(match unit {
        Unit::Minute | Unit::Hour | Unit::Day => date,
        // Weeks begin on Sunday, as the organisation's settings have it at first.
        Unit::Week => {
            let back = i64::from(date.weekday().to_sunday_zero_offset());
            date.checked_sub(Span::new().days(back)).unwrap_or(date)
        }
        Unit::Month => date.first_of_month(),
        Unit::Year => date.first_of_year(),
    })
}

fn shift(at: DateTime, unit: Unit, count: i64) -> Option<DateTime> {
    let span = Span::new();
    let span = match unit {
        Unit::Minute => span.try_minutes(count),
        Unit::Hour => span.try_hours(count),
        Unit::Day => span.try_days(count),
        Unit::Week => span.try_weeks(count),
        Unit::Month => span.try_months(count),
        Unit::Year => span.try_years(count),
    };
    at.checked_add(span.ok()?).ok()
}

/// A whole day.
pub(crate) fn day(at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let start = midnight(Offset::UTC.to_datetime(at).date());
    Some((stamp(start)?, stamp(shift(start, Unit::Day, 1)?)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_have_their_bounds() {
        let now: Timestamp = "2026-10-01T12:30:00Z".parse().unwrap_or_default();
        let text = |period: Period| {
            let (from, to) = period.bounds(now).unwrap_or_default();
            format!("{from} {to}")
        };
        assert_eq!(
            text(Period::Calendar(Unit::Month, -1)),
            "2026-09-01T00:00:00Z 2026-10-01T00:00:00Z"
        );
        assert_eq!(
            text(Period::Last(Unit::Day, 2)),
            "2026-09-29T00:00:00Z 2026-10-01T12:30:00Z"
        );
        assert_eq!(
            text(Period::Next(Unit::Day, 1)),
            "2026-10-01T12:30:00Z 2026-10-03T00:00:00Z"
        );
        assert_eq!(
            text(Period::Calendar(Unit::Week, 0)),
            "2026-09-27T00:00:00Z 2026-10-04T00:00:00Z"
        );
        assert!(Period::Last(Unit::Year, i64::MAX).bounds(now).is_none());
    }
}
