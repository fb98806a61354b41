//! Values as comparisons see them.

use std::borrow::Cow;
use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::Value;

use super::ast::Literal;
use super::lexer::parse_time;

/// A JSON value or a literal on its way through an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Datum<'a> {
    /// Absent or `null`.
    Null,
    /// True or false.
    Boolean(bool),
    /// Any number.
    Number(f64),
    /// Text, GUIDs included.
    Text(Cow<'a, str>),
    /// A point in time.
    Time(Timestamp),
    /// An object or a list: equal to nothing.
    Other,
}

impl<'a> Datum<'a> {
    /// A property's value.
    pub fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Boolean(*value),
            Value::Number(value) => value.as_f64().map_or(Self::Other, Self::Number),
            Value::String(value) => Self::Text(Cow::Borrowed(value)),
            Value::Array(_) | Value::Object(_) => Self::Other,
        }
    }

    /// A literal's value.
    pub fn literal(literal: &'a Literal) -> Self {
        match literal {
            Literal::Null => Self::Null,
            Literal::Boolean(value) => Self::Boolean(*value),
            Literal::Number(value) => Self::Number(*value),
            Literal::Text(value) | Literal::Guid(value) => Self::Text(Cow::Borrowed(value)),
            Literal::Time(value) => Self::Time(*value),
        }
    }

    /// The text, or nothing for what is not text.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The point in time that this is or spells.
    pub fn time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(*time),
            Self::Text(text) => parse_time(text),
            _ => None,
        }
    }

    /// How two values relate, `None` when they cannot be compared. Text ignores case, as Exchange and the directory do.
    pub fn compare(&self, other: &Datum<'_>) -> Option<Ordering> {
        match (self, other) {
            (Self::Null, Datum::Null) => Some(Ordering::Equal),
            (Self::Boolean(a), Datum::Boolean(b)) => Some(a.cmp(b)),
            (Self::Number(a), Datum::Number(b)) => a.partial_cmp(b),
            (Self::Time(_), _) | (_, Datum::Time(_)) => Some(self.time()?.cmp(&other.time()?)),
            (Self::Text(a), Datum::Text(b)) => Some(compare_text(a, b)),
            _ => None,
        }
    }

    /// A total order for sorting: nothing first, then by kind.
    pub fn sort_order(&self, other: &Datum<'_>) -> Ordering {
        self.compare(other)
            .unwrap_or_else(|| self.rank().cmp(&other.rank()))
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Null => 0,
            Self::Boolean(_) => 1,
            Self::Number(_) => 2,
            Self::Time(_) => 3,
            Self::Text(_) => 4,
            Self::Other => 5,
        }
    }
}

fn compare_text(a: &str, b: &str) -> Ordering {
    if a.is_ascii() && b.is_ascii() {
        let lower = |text: &'_ str| {
            text.bytes()
                .map(|byte| byte.to_ascii_lowercase())
                .collect::<Vec<u8>>()
        };
        return if a.eq_ignore_ascii_case(b) {
            Ordering::Equal
        } else {
            lower(a).cmp(&lower(b))
        };
    }
    a.to_lowercase().cmp(&b.to_lowercase())
}
