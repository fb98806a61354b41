use std::borrow::Cow;
use std::fmt::Display;

use jiff::Timestamp;
use model::Sealed;
use serde::Serialize;

/// A value in one of the column types that both databases have.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Text(Option<String>),
    Integer(Option<i64>),
    Bytes(Option<Vec<u8>>),
}

/// SQL with its values for `$1`, `$2`, …, which both databases read.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) sql: Cow<'static, str>,
    pub(crate) values: Vec<Value>,
}

pub(crate) fn statement(sql: impl Into<Cow<'static, str>>) -> Statement {
    Statement {
        sql: sql.into(),
        values: Vec::new(),
    }
}

impl Statement {
    pub(crate) fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    pub(crate) fn id(self, id: impl Display) -> Self {
        self.bind(id.to_string())
    }

    pub(crate) fn maybe_id(self, id: Option<impl Display>) -> Self {
        self.bind(id.map(|id| id.to_string()))
    }

    pub(crate) fn json(self, value: &impl Serialize) -> Self {
        self.bind(json(value))
    }

    pub(crate) fn maybe_json(self, value: Option<&impl Serialize>) -> Self {
        self.bind(value.map(json))
    }

    /// The number of the value that is bound next.
    pub(crate) fn next_number(&self) -> usize {
        self.values.len() + 1
    }
}

/// JSON text of a record's field.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("records are plain data with text keys")
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Integer(Some(number))
    }
}

impl From<Option<i64>> for Value {
    fn from(number: Option<i64>) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Integer(Some(flag.into()))
    }
}

/// Microseconds since 1970.
impl From<Timestamp> for Value {
    fn from(instant: Timestamp) -> Self {
        Self::Integer(Some(instant.as_microsecond()))
    }
}

impl From<Option<Timestamp>> for Value {
    fn from(instant: Option<Timestamp>) -> Self {
        Self::Integer(instant.map(Timestamp::as_microsecond))
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Some(bytes.to_vec()))
    }
}

impl From<[u8; 32]> for Value {
    fn from(hash: [u8; 32]) -> Self {
        Self::Bytes(Some(hash.to_vec()))
    }
}

impl From<Option<[u8; 32]>> for Value {
    fn from(hash: Option<[u8; 32]>) -> Self {
        Self::Bytes(hash.map(|hash| hash.to_vec()))
    }
}

impl From<&Sealed> for Value {
    fn from(sealed: &Sealed) -> Self {
        sealed.as_bytes().into()
    }
}

impl From<Option<&Sealed>> for Value {
    fn from(sealed: Option<&Sealed>) -> Self {
        Self::Bytes(sealed.map(|sealed| sealed.as_bytes().to_vec()))
    }
}
