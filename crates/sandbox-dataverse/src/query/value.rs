//! Values that a query or a body gives, as the column holds them.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde_json::Value;
use uuid::Uuid;

use crate::cell::Cell;
use crate::schema::{Column, Kind};

/// A value written as text; `None` when it is no value of the column.
pub(crate) fn from_text(column: &Column, text: &str) -> Option<Cell> {
    let text = text.trim();
    Some(match &column.kind {
        Kind::Key | Kind::Guid | Kind::Lookup { .. } | Kind::Owner | Kind::File { .. } => {
            Cell::Guid(guid(text)?)
        }
        Kind::Text { .. } | Kind::Memo { .. } | Kind::Image => Cell::text(text),
        Kind::Whole { .. } | Kind::Big => Cell::Whole(whole(text)?),
        Kind::Choice(list) | Kind::State(list) | Kind::Status(list) => match text.parse() {
            Ok(value) => Cell::Whole(value),
            // FetchXML may name a choice by its label.
            Err(_) => Cell::Whole(i64::from(
                list.iter()
                    .find(|it| it.label.eq_ignore_ascii_case(text))?
                    .value,
            )),
        },
        Kind::Choices(_) => choices(text)?,
        Kind::Decimal { .. } | Kind::Double { .. } | Kind::Money { .. } | Kind::MoneyBase => {
            number(text.parse().ok()?)?
        }
        Kind::Flag { .. } => match text.to_ascii_lowercase().as_str() {
            "1" | "true" => Cell::Flag(true),
            "0" | "false" => Cell::Flag(false),
            _ => return None,
        },
        Kind::Time => Cell::Time(time(text)?),
        Kind::Date => Cell::Date(date(text)?),
        Kind::Party => return None,
    })
}

/// A value of a body; null is handled before.
pub(crate) fn from_json(column: &Column, value: &Value) -> Option<Cell> {
    match (&column.kind, value) {
        (Kind::Text { .. } | Kind::Memo { .. } | Kind::Image, Value::String(text)) => {
            Some(Cell::text(text))
        }
        (Kind::Flag { .. }, Value::Bool(flag)) => Some(Cell::Flag(*flag)),
        (
            Kind::Whole { .. } | Kind::Big | Kind::Choice(_) | Kind::State(_) | Kind::Status(_),
            Value::Number(it),
        ) => it.as_i64().or_else(|| exact(it.as_f64()?)).map(Cell::Whole),
        (Kind::Big, Value::String(text)) => text.parse().ok().map(Cell::Whole),
        (Kind::Decimal { .. } | Kind::Double { .. } | Kind::Money { .. }, Value::Number(it)) => {
            number(it.as_f64()?)
        }
        // Clients that set IEEE754Compatible send decimals as text.
        (Kind::Decimal { .. } | Kind::Money { .. }, Value::String(text)) => {
            number(text.parse().ok()?)
        }
        (Kind::Choices(_), Value::String(text)) => choices(text),
        (Kind::Choices(_), Value::Number(it)) => choices(&it.to_string()),
        (Kind::Time, Value::String(text)) => Some(Cell::Time(time(text)?)),
        (Kind::Date, Value::String(text)) => Some(Cell::Date(date(text)?)),
        (Kind::Key | Kind::Guid, Value::String(text)) => Some(Cell::Guid(guid(text)?)),
        _ => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "only whole numbers in range get here"
)]
fn exact(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}

fn whole(text: &str) -> Option<i64> {
    text.parse().ok().or_else(|| exact(text.parse().ok()?))
}

fn number(number: f64) -> Option<Cell> {
    number.is_finite().then_some(Cell::Number(number))
}

fn choices(text: &str) -> Option<Cell> {
    let values: Option<Vec<i32>> = text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    Some(Cell::Choices(values?.into()))
}

/// With or without braces.
pub(crate) fn guid(text: &str) -> Option<Uuid> {
    let bare = text.trim_start_matches('{').trim_end_matches('}');
    bare.parse().ok()
}

/// An instant; without a zone it is UTC, a date alone is its midnight.
pub(crate) fn time(text: &str) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let text = text.trim_end_matches('Z');
    if let Ok(time) = text.parse() {
        return Offset::UTC.to_timestamp(time).ok();
    }
    crate::cell::midnight(text.parse().ok()?)
}

fn date(text: &str) -> Option<Date> {
    match text.parse() {
        Ok(date) if text.len() == 10 => Some(date),
        _ => Some(Offset::UTC.to_datetime(time(text)?).date()),
    }
}
