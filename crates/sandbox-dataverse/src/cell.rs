//! The value of a column in a row.

use std::cmp::Ordering;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::Value;
use uuid::Uuid;

use crate::schema::TableId;

/// A row of some table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Link {
    pub(crate) table: TableId,
    pub(crate) id: Uuid,
}

/// A value that is there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    Flag(bool),
    /// Whole numbers and choices.
    Whole(i64),
    /// Decimals and money.
    Number(f64),
    Text(Box<str>),
    Guid(Uuid),
    Time(Timestamp),
    Date(Date),
    Link(Link),
    Choices(Box<[i32]>),
}

impl Cell {
    pub(crate) fn text(text: &str) -> Self {
        Self::Text(text.into())
    }

    pub(crate) fn link(table: TableId, id: Uuid) -> Self {
        Self::Link(Link { table, id })
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            #[expect(clippy::cast_precision_loss, reason = "columns hold 32 bits")]
            Self::Whole(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Flag(value) => Some(f64::from(u8::from(*value))),
            _ => None,
        }
    }

    pub(crate) fn as_whole(&self) -> Option<i64> {
        match self {
            Self::Whole(value) => Some(*value),
            _ => None,
        }
    }

    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn as_link(&self) -> Option<Link> {
        match self {
            Self::Link(link) => Some(*link),
            _ => None,
        }
    }

    pub(crate) fn as_guid(&self) -> Option<Uuid> {
        match self {
            Self::Guid(id) => Some(*id),
            Self::Link(link) => Some(link.id),
            _ => None,
        }
    }

    pub(crate) fn as_flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    pub(crate) fn as_time(&self) -> Option<Timestamp> {
        match self {
            Self::Time(time) => Some(*time),
            Self::Date(date) => midnight(*date),
            _ => None,
        }
    }

    /// As the Web API writes it.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Whole(value) => Value::from(*value),
            Self::Number(value) => Value::from(*value),
            Self::Text(text) => Value::String(text.to_string()),
            Self::Guid(id) => Value::String(id.to_string()),
            Self::Time(time) => Value::String(seconds(*time)),
            Self::Date(date) => Value::String(date.to_string()),
            Self::Link(link) => Value::String(link.id.to_string()),
            Self::Choices(values) => Value::String(comma_list(values)),
        }
    }

    /// How two values compare; `None` where they cannot be. Text ignores case, as the database's collation does.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Text(left), Self::Text(right)) => Some(compare_text(left, right)),
            (Self::Flag(left), Self::Flag(right)) => Some(left.cmp(right)),
            (Self::Whole(left), Self::Whole(right)) => Some(left.cmp(right)),
            (Self::Guid(_) | Self::Link(_), Self::Guid(_) | Self::Link(_)) => {
                Some(self.as_guid()?.cmp(&other.as_guid()?))
            }
            (Self::Date(left), Self::Date(right)) => Some(left.cmp(right)),
            (Self::Time(_) | Self::Date(_), Self::Time(_) | Self::Date(_)) => {
                Some(self.as_time()?.cmp(&other.as_time()?))
            }
            (Self::Choices(left), Self::Choices(right)) => Some(left.cmp(right)),
            _ => self.as_number()?.partial_cmp(&other.as_number()?),
        }
    }
}

/// A whole second in UTC.
pub(crate) fn seconds(time: Timestamp) -> String {
    let whole = Timestamp::from_second(time.as_second()).unwrap_or(time);
    whole.to_string()
}

pub(crate) fn comma_list(values: &[i32]) -> String {
    let words: Vec<String> = values.iter().map(i32::to_string).collect();
    words.join(",")
}

pub(crate) fn midnight(date: Date) -> Option<Timestamp> {
    jiff::tz::Offset::UTC.to_timestamp(date.at(0, 0, 0, 0)).ok()
}

pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    let lower = |text: &str| {
        text.chars()
            .flat_map(char::to_lowercase)
            .collect::<String>()
    };
    if left.is_ascii() && right.is_ascii() {
        let left = left.bytes().map(|byte| byte.to_ascii_lowercase());
        return left.cmp(right.bytes().map(|byte| byte.to_ascii_lowercase()));
    }
    lower(left).cmp(&lower(right))
}
