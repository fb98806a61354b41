//! Recurrences as JSON: <https://learn.microsoft.com/graph/api/resources/patternedrecurrence>

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use crate::graph::fault::Fault;
use crate::graph::mail::input;
use crate::state::calendar::recurrence::{Day, End, Index, Pattern, Recurrence};
use crate::state::calendar::zones;

/// Most of the turns that a numbered series may have.
const MAX_TURNS: i64 = 999;

/// Reads a `patternedRecurrence`; `zone` is that of the event.
pub(super) fn read(value: &Value, zone: &str) -> Result<Recurrence, Fault> {
    let whole = input::object("recurrence", value)?;
    let part = |name: &'static str| {
        let found = whole.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
        found
            .and_then(|(_, value)| value.as_object())
            .ok_or_else(|| Fault::missing_property(name))
    };
    let (pattern, range) = (part("pattern")?, part("range")?);
    let kind = word(pattern, "type").ok_or_else(|| Fault::missing_property("type"))?;
    let interval = integer(pattern, "interval").unwrap_or(1);
    if !(1..=99).contains(&interval) {
        return Err(invalid("The interval of a recurrence is between 1 and 99."));
    }
    let first = word(pattern, "firstDayOfWeek");
    let first = first.map_or(Ok(Day::Sunday), |name| day("firstDayOfWeek", &name))?;
    let start = date(range, "startDate")?.ok_or_else(|| Fault::missing_property("startDate"))?;
    let own_zone = word(range, "recurrenceTimeZone").filter(|name| !name.is_empty());
    let zone = own_zone.unwrap_or_else(|| zone.to_owned());
    zones::find(&zone).ok_or_else(|| Fault::unknown_time_zone(&zone))?;
    Ok(Recurrence {
        pattern: read_pattern(&kind, pattern)?,
        interval: i32::try_from(interval).unwrap_or(1),
        first_day_of_week: first,
        start,
        end: read_end(range, start)?,
        zone,
    })
}

fn read_pattern(kind: &str, pattern: &Map<String, Value>) -> Result<Pattern, Fault> {
    let days = || -> Result<Vec<Day>, Fault> {
        let list = find(pattern, "daysOfWeek")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        let days: Vec<Day> = list
            .iter()
            .map(|name| day("daysOfWeek", name.as_str().unwrap_or_default()))
            .collect::<Result<_, _>>()?;
        if days.is_empty() {
            return Err(Fault::missing_property("daysOfWeek"));
        }
        Ok(days)
    };
    let in_range = |name: &'static str, most: i64| {
        let number = integer(pattern, name).filter(|number| (1..=most).contains(number));
        let number = number.and_then(|number| i8::try_from(number).ok());
        number.ok_or_else(|| {
            invalid(&format!(
                "The property '{name}' of the recurrence is between 1 and {most}."
            ))
        })
    };
    let index = || {
        let name = word(pattern, "index").unwrap_or_else(|| "first".to_owned());
        let mut all = Index::ALL.into_iter();
        let known = all.find(|(_, known)| known.eq_ignore_ascii_case(&name));
        known
            .map(|(index, _)| index)
            .ok_or_else(|| Fault::invalid_value("index", "microsoft.graph.weekIndex"))
    };
    Ok(match kind.to_ascii_lowercase().as_str() {
        "daily" => Pattern::Daily,
        "weekly" => Pattern::Weekly { days: days()? },
        "absolutemonthly" => Pattern::AbsoluteMonthly {
            day: in_range("dayOfMonth", 31)?,
        },
        "relativemonthly" => Pattern::RelativeMonthly {
            days: days()?,
            index: index()?,
        },
        "absoluteyearly" => Pattern::AbsoluteYearly {
            month: in_range("month", 12)?,
            day: in_range("dayOfMonth", 31)?,
        },
        "relativeyearly" => Pattern::RelativeYearly {
            month: in_range("month", 12)?,
            days: days()?,
            index: index()?,
        },
        _ => {
            return Err(Fault::invalid_value(
                "type",
                "microsoft.graph.recurrencePatternType",
            ));
        }
    })
}

fn read_end(range: &Map<String, Value>, start: Date) -> Result<End, Fault> {
    let kind = word(range, "type").ok_or_else(|| Fault::missing_property("type"))?;
    match kind.to_ascii_lowercase().as_str() {
        "noend" => Ok(End::Never),
        "enddate" => {
            let end = date(range, "endDate")?.ok_or_else(|| Fault::missing_property("endDate"))?;
            if end < start {
                return Err(invalid("The recurrence ends before it begins."));
            }
            Ok(End::On(end))
        }
        "numbered" => {
            let count = integer(range, "numberOfOccurrences")
                .filter(|count| (1..=MAX_TURNS).contains(count));
            let count = count.and_then(|count| u32::try_from(count).ok());
            count
                .map(End::After)
                .ok_or_else(|| invalid("A numbered recurrence has between 1 and 999 occurrences."))
        }
        _ => Err(Fault::invalid_value(
            "type",
            "microsoft.graph.recurrenceRangeType",
        )),
    }
}

fn invalid(message: &str) -> Fault {
    Fault::property_validation(message)
}

fn find<'m>(map: &'m Map<String, Value>, name: &str) -> Option<&'m Value> {
    let found = map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value)
}

fn word(map: &Map<String, Value>, name: &str) -> Option<String> {
    find(map, name)?.as_str().map(str::to_owned)
}

fn integer(map: &Map<String, Value>, name: &str) -> Option<i64> {
    find(map, name)?.as_i64()
}

fn date(map: &Map<String, Value>, name: &str) -> Result<Option<Date>, Fault> {
    let Some(text) = word(map, name) else {
        return Ok(None);
    };
    text.parse()
        .map(Some)
        .map_err(|_| Fault::invalid_value(name, "Edm.Date"))
}

fn day(name: &str, text: &str) -> Result<Day, Fault> {
    Day::parse(text).ok_or_else(|| Fault::invalid_value(name, "microsoft.graph.dayOfWeek"))
}

/// As Graph writes it, with every property whatever the pattern.
pub(in crate::graph) fn show(recurrence: &Recurrence) -> Value {
    let (mut kind, mut month, mut day, mut days, mut index) =
        ("daily", 0, 0, Vec::new(), Index::First);
    match &recurrence.pattern {
        Pattern::Daily => {}
        Pattern::Weekly { days: chosen } => (kind, days) = ("weekly", chosen.clone()),
        Pattern::AbsoluteMonthly { day: chosen } => (kind, day) = ("absoluteMonthly", *chosen),
        Pattern::RelativeMonthly {
            days: chosen,
            index: at,
        } => {
            (kind, days, index) = ("relativeMonthly", chosen.clone(), *at);
        }
        Pattern::AbsoluteYearly {
            month: at,
            day: chosen,
        } => (kind, month, day) = ("absoluteYearly", *at, *chosen),
        Pattern::RelativeYearly {
            month: at,
            days: chosen,
            index: nth,
        } => {
            (kind, month, days, index) = ("relativeYearly", *at, chosen.clone(), *nth);
        }
    }
    let days: Vec<&str> = days.into_iter().map(Day::name).collect();
    let index = Index::ALL
        .into_iter()
        .find(|(known, _)| *known == index)
        .map_or("first", |(_, name)| name);
    let (range, end, count) = match recurrence.end {
        End::Never => ("noEnd", "0001-01-01".to_owned(), 0),
        End::On(date) => ("endDate", date.to_string(), 0),
        End::After(count) => ("numbered", "0001-01-01".to_owned(), count),
    };
    json!({
        "pattern": {
            "type": kind,
            "interval": recurrence.interval,
            "month": month,
            "dayOfMonth": day,
            "daysOfWeek": days,
            "firstDayOfWeek": recurrence.first_day_of_week.name(),
            "index": index,
        },
        "range": {
            "type": range,
            "startDate": recurrence.start.to_string(),
            "endDate": end,
            "recurrenceTimeZone": recurrence.zone,
            "numberOfOccurrences": count,
        },
    })
}
