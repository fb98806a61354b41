//! Reading the fields of a body, with the directory's refusals.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::graph::fault::Fault;

/// A text that must be there and not empty.
pub(super) fn required(body: &Map<String, Value>, name: &str) -> Result<String, Fault> {
    match text(body, name)? {
        Some(text) if !text.is_empty() => Ok(text),
        _ => Err(Fault::directory(&format!(
            "A value is required for property '{name}' of resource."
        ))),
    }
}

/// A text that may be absent or null.
pub(super) fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::invalid_value(name, "Edm.String")),
    }
}

/// A yes or no that may be absent or null.
pub(super) fn boolean(body: &Map<String, Value>, name: &str) -> Result<Option<bool>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_bool()
            .map(Some)
            .ok_or_else(|| Fault::invalid_value(name, "Edm.Boolean")),
    }
}

/// A list of texts; none when absent.
pub(super) fn texts(value: &Value, name: &str) -> Result<Vec<String>, Fault> {
    let items = value
        .as_array()
        .ok_or_else(|| Fault::invalid_value(name, "Collection(Edm.String)"))?;
    items
        .iter()
        .map(|item| {
            item.as_str()
                .map(str::to_owned)
                .ok_or_else(|| Fault::invalid_value(name, "Edm.String"))
        })
        .collect()
}

/// An instant that may be absent or null.
pub(super) fn time(body: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Fault> {
    text(body, name)?
        .map(|text| {
            text.parse()
                .map_err(|_| Fault::invalid_value(name, "Edm.DateTimeOffset"))
        })
        .transpose()
}

/// Refuses a property that the type has not.
pub(super) fn known(
    body: &Map<String, Value>,
    names: &[&str],
    type_name: &str,
) -> Result<(), Fault> {
    let unknown = body
        .keys()
        .find(|key| !key.contains('@') && !names.contains(&key.as_str()));
    match unknown {
        Some(name) => Err(Fault::unknown_property(name, type_name)),
        None => Ok(()),
    }
}
