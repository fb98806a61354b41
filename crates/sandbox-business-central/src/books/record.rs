//! One record. Only what differs from its type's default is kept.

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::money;

/// The id of nothing.
pub(crate) const NO_ID: &str = "00000000-0000-0000-0000-000000000000";

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    /// `SystemId`, lower-case.
    pub(crate) id: String,
    /// Id of what it hangs below; empty for what stands alone.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) parent: String,
    /// Counts changes; the tag is made of it.
    pub(crate) version: u64,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    fields: Map<String, Value>,
    /// A file's bytes in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) content: Option<String>,
}

impl Record {
    /// A record of a report, which nobody can change.
    pub(crate) fn computed(id: impl Into<String>, now: Timestamp) -> Self {
        Self {
            id: id.into(),
            created: now,
            modified: now,
            ..Self::default()
        }
    }

    /// The same in another version.
    pub(crate) fn at_version(self, version: u64) -> Self {
        Self { version, ..self }
    }

    /// The kept value; none for the default.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.fields.get(name)
    }

    /// Keeps a value, or forgets it when it is the default of its type.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<Value>) {
        let value = value.into();
        let is_default = match &value {
            Value::Null => true,
            Value::Bool(value) => !value,
            Value::Number(number) => number.as_f64() == Some(0.0),
            Value::String(text) => text.is_empty() || text == NO_ID,
            Value::Array(_) | Value::Object(_) => false,
        };
        if is_default {
            self.fields.shift_remove(name);
        } else {
            self.fields.insert(name.to_owned(), value);
        }
    }

    pub(crate) fn set_amount(&mut self, name: &str, amount: Decimal) {
        self.set(name, money::json(amount));
    }

    pub(crate) fn set_date(&mut self, name: &str, date: Date) {
        self.set(name, date.to_string());
    }

    /// Text, code, id, date or option; empty when there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// A number, exactly.
    pub(crate) fn amount(&self, name: &str) -> Decimal {
        self.fields
            .get(name)
            .and_then(money::parse)
            .unwrap_or_default()
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.fields.get(name) == Some(&Value::Bool(true))
    }

    pub(crate) fn date(&self, name: &str) -> Option<Date> {
        self.text(name).parse().ok()
    }

    /// Takes over fields of another by the same names.
    pub(crate) fn copy(&mut self, other: &Self, names: &[&str]) {
        for name in names {
            self.copy_as(other, name, name);
        }
    }

    /// Takes over a field of another under a name of its own.
    pub(crate) fn copy_as(&mut self, other: &Self, name: &str, own: &str) {
        self.set(own, other.get(name).cloned().unwrap_or_default());
    }
}
