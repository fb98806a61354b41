//! Series: which days a pattern means.
//! Source: <https://learn.microsoft.com/graph/api/resources/recurrencepattern>

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// `patternedRecurrence`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Recurrence {
    pub(crate) pattern: Pattern,
    /// Units between two turns, at least one.
    pub(crate) interval: i32,
    pub(crate) first_day_of_week: Day,
    pub(crate) start: Date,
    pub(crate) end: End,
    /// Name of the time zone that the days are in.
    pub(crate) zone: String,
}

/// What repeats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Pattern {
    Daily,
    Weekly {
        days: Vec<Day>,
    },
    AbsoluteMonthly {
        day: i8,
    },
    RelativeMonthly {
        days: Vec<Day>,
        index: Index,
    },
    AbsoluteYearly {
        month: i8,
        day: i8,
    },
    RelativeYearly {
        month: i8,
        days: Vec<Day>,
        index: Index,
    },
}

/// When it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum End {
    Never,
    On(Date),
    After(u32),
}

/// `dayOfWeek`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Day {
    #[default]
    Sunday,
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
}

/// `weekIndex`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Index {
    #[default]
    First,
    Second,
    Third,
    Fourth,
    Last,
}

impl Day {
    pub(crate) const ALL: [Self; 7] = [
        Self::Sunday,
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Sunday => "sunday",
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|day| day.name().eq_ignore_ascii_case(name))
    }

    pub(crate) fn of(date: Date) -> Self {
        let offset = usize::from(date.weekday().to_sunday_zero_offset().unsigned_abs());
        Self::ALL[offset % 7]
    }

    fn weekday(self) -> Weekday {
        Weekday::from_sunday_zero_offset(self as i8).unwrap_or(Weekday::Sunday)
    }
}

impl Index {
    pub(crate) const ALL: [(Self, &'static str); 5] = [
        (Self::First, "first"),
        (Self::Second, "second"),
        (Self::Third, "third"),
        (Self::Fourth, "fourth"),
        (Self::Last, "last"),
    ];
}

impl Recurrence {
    /// The days of the series up to and including `until`, in order.
    pub(crate) fn days(&self, until: Date) -> Vec<Date> {
        let last = match self.end {
            End::On(date) => date.min(until),
            End::Never | End::After(_) => until,
        };
        let most = match self.end {
            End::After(count) => usize::try_from(count).unwrap_or(usize::MAX),
            End::Never | End::On(_) => usize::MAX,
        };
        let mut days = Vec::new();
        let mut turn = 0_i32;
        while let Some((opening, found)) = self.turn(turn) {
            if opening > last {
                break;
            }
            for day in found {
                if day >= self.start && day <= last {
                    days.push(day);
                }
                if days.len() == most {
                    return days;
                }
            }
            turn += 1;
        }
        days
    }

    /// The days of the `turn`th period, and the day on which that period opens; `None` beyond the calendar.
    fn turn(&self, turn: i32) -> Option<(Date, Vec<Date>)> {
        let steps = i64::from(turn) * i64::from(self.interval.max(1));
        let month = |first: Date| first.checked_add(steps.months()).ok();
        let first_of_month = self.start.first_of_month();
        match &self.pattern {
            Pattern::Daily => {
                let day = self.start.checked_add(steps.days()).ok()?;
                Some((day, vec![day]))
            }
            Pattern::Weekly { days } => {
                let opening = week_of(self.start, self.first_day_of_week)?
                    .checked_add(steps.weeks())
                    .ok()?;
                let week =
                    (0..7).filter_map(|offset| opening.checked_add(i64::from(offset).days()).ok());
                Some((
                    opening,
                    week.filter(|day| days.contains(&Day::of(*day))).collect(),
                ))
            }
            Pattern::AbsoluteMonthly { day } => {
                let opening = month(first_of_month)?;
                Some((opening, vec![day_of_month(opening, *day)]))
            }
            Pattern::RelativeMonthly { days, index } => {
                let opening = month(first_of_month)?;
                Some((opening, nth(opening, days, *index).into_iter().collect()))
            }
            Pattern::AbsoluteYearly { month, day } => {
                let opening = year(self.start, steps, *month)?;
                Some((opening, vec![day_of_month(opening, *day)]))
            }
            Pattern::RelativeYearly { month, days, index } => {
                let opening = year(self.start, steps, *month)?;
                Some((opening, nth(opening, days, *index).into_iter().collect()))
            }
        }
    }
}

fn year(start: Date, steps: i64, month: i8) -> Option<Date> {
    let year = i64::from(start.year()) + steps;
    Date::new(i16::try_from(year).ok()?, month, 1).ok()
}

fn week_of(date: Date, first: Day) -> Option<Date> {
    let back = date.weekday().since(first.weekday());
    date.checked_sub(i64::from(back).days()).ok()
}

/// A month without that day uses its last one.
fn day_of_month(opening: Date, day: i8) -> Date {
    let day = day.clamp(1, opening.days_in_month());
    Date::new(opening.year(), opening.month(), day).unwrap_or(opening)
}

/// The first, second, …, last day of a month that is one of `days`.
fn nth(opening: Date, days: &[Day], index: Index) -> Option<Date> {
    let all = (1..=opening.days_in_month())
        .filter_map(|day| Date::new(opening.year(), opening.month(), day).ok());
    let mut fitting = all.filter(|date| days.contains(&Day::of(*date)));
    match index {
        Index::First => fitting.next(),
        Index::Second => fitting.nth(1),
        Index::Third => fitting.nth(2),
        Index::Fourth => fitting.nth(3),
        Index::Last => fitting.next_back(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn series(pattern: Pattern, interval: i32, end: End) -> Vec<String> {
        let recurrence = Recurrence {
            pattern,
            interval,
            first_day_of_week: Day::Sunday,
            start: date(2026, 10, 1),
            end,
            zone: "UTC".to_owned(),
        };
        let days = recurrence.days(date(2030, 1, 1));
        days.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_pattern_means_its_days() {
        let table = [
            (Pattern::Daily, 3, "2026-10-01 2026-10-04 2026-10-07"),
            (
                Pattern::Weekly {
                    days: vec![Day::Monday, Day::Thursday],
                },
                2,
                "2026-10-01 2026-10-12 2026-10-15",
            ),
            (
                Pattern::AbsoluteMonthly { day: 31 },
                1,
                "2026-10-31 2026-11-30 2026-12-31",
            ),
            (
                Pattern::RelativeMonthly {
                    days: vec![Day::Tuesday],
                    index: Index::Second,
                },
                1,
                "2026-10-13 2026-11-10 2026-12-08",
            ),
            (
                Pattern::RelativeMonthly {
                    days: vec![Day::Friday],
                    index: Index::Last,
                },
                2,
                "2026-10-30 2026-12-25 2027-02-26",
            ),
            (
                Pattern::AbsoluteYearly { month: 2, day: 29 },
                1,
                "2027-02-28 2028-02-29 2029-02-28",
            ),
            (
                Pattern::RelativeYearly {
                    month: 11,
                    days: vec![Day::Thursday],
                    index: Index::Fourth,
                },
                1,
                "2026-11-26 2027-11-25 2028-11-23",
            ),
        ];
        for (pattern, interval, wanted) in table {
            assert_eq!(series(pattern, interval, End::After(3)).join(" "), wanted);
        }
    }

    #[test]
    fn a_series_ends_on_its_day_and_never_runs_beyond_what_is_asked() {
        let until = series(Pattern::Daily, 1, End::On(date(2026, 10, 3)));
        assert_eq!(until, ["2026-10-01", "2026-10-02", "2026-10-03"]);
        assert_eq!(series(Pattern::Daily, 365, End::Never).len(), 4);
    }
}
