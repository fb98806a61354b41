//! A body held against a type: names that exist, values that fit, controls that may be written.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Map, Value};

use super::keys::is_guid;
use crate::books::Record;
use crate::fault::Fault;
use crate::model::{EntitySet, Field, FieldKind};
use crate::money;

/// What a body wants.
#[derive(Debug, Default)]
pub(crate) struct Input {
    /// Fields and their values in our form.
    pub(crate) values: Vec<(&'static str, Value)>,
    /// Entities to make below this one.
    pub(crate) children: Vec<(&'static str, Vec<Map<String, Value>>)>,
}

impl Input {
    /// Whether the body names a field.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.iter().any(|(known, _)| *known == name)
    }

    pub(crate) fn names(&self) -> BTreeSet<&'static str> {
        self.values.iter().map(|(name, _)| *name).collect()
    }

    pub(crate) fn apply(&self, record: &mut Record) {
        for (name, value) in &self.values {
            record.set(name, value.clone());
        }
    }
}

/// Reads a body.
pub(crate) fn read(set: &'static EntitySet, body: Map<String, Value>) -> Result<Input, Fault> {
    let mut input = Input::default();
    for (name, value) in body {
        if name.contains('@') {
            continue;
        }
        if let Some(field) = set.field(&name) {
            if field.is_read_only {
                return Err(Fault::read_only(&name));
            }
            input.values.push((field.name, convert(field, &value)?));
        } else if let Some(navigation) = set.navigation(&name).filter(|it| it.is_many) {
            input
                .children
                .push((navigation.name, children(navigation.name, value)?));
        } else if set.navigation(&name).is_some() {
            return Err(Fault::bad_request(format!(
                "The navigation property '{name}' cannot be written together with its entity."
            )));
        } else {
            return Err(Fault::unknown_property(&name, &set.type_name()));
        }
    }
    Ok(input)
}

fn children(name: &str, value: Value) -> Result<Vec<Map<String, Value>>, Fault> {
    let not_objects = || {
        Fault::bad_request(format!(
            "An unexpected value was found for the navigation property '{name}'; a list of objects was expected."
        ))
    };
    let Value::Array(items) = value else {
        return Err(not_objects());
    };
    items
        .into_iter()
        .map(|item| match item {
            Value::Object(object) => Ok(object),
            _ => Err(not_objects()),
        })
        .collect()
}

/// A value in the form in which it is kept.
fn convert(field: &Field, value: &Value) -> Result<Value, Fault> {
    let wrong = || {
        Fault::bad_request(format!(
            "Cannot convert the literal '{}' to the expected type '{}'.",
            literal(value),
            field.kind.edm_name()
        ))
    };
    if value.is_null() {
        return Err(Fault::blank(field.name));
    }
    let text = || value.as_str().ok_or_else(wrong);
    match &field.kind {
        FieldKind::Guid => {
            let text = text()?;
            let text = text.trim_matches(['{', '}']).to_ascii_lowercase();
            is_guid(&text).then(|| Value::from(text)).ok_or_else(wrong)
        }
        FieldKind::Code(most) => limited(text()?.trim().to_uppercase(), *most),
        FieldKind::Text(most) => limited(text()?.to_owned(), *most),
        FieldKind::Boolean => value.is_boolean().then(|| value.clone()).ok_or_else(wrong),
        FieldKind::Integer => {
            let is_whole = value.as_i64().is_some_and(|it| i32::try_from(it).is_ok());
            is_whole.then(|| value.clone()).ok_or_else(wrong)
        }
        FieldKind::Decimal => match money::parse(value) {
            Some(amount) if amount.abs() < money::too_large() => Ok(money::json(amount)),
            _ => Err(wrong()),
        },
        FieldKind::Date => date(text()?).ok_or_else(wrong),
        FieldKind::Time => {
            let text = text()?;
            let time = text.parse::<Timestamp>().map_err(|_| wrong())?;
            Ok(Value::from(time.to_string()))
        }
        FieldKind::Enum(values) => option(values, text()?),
        FieldKind::Stream => Ok(Value::from(text()?)),
    }
}

fn literal(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn limited(text: String, most: usize) -> Result<Value, Fault> {
    let length = text.chars().count();
    if length > most {
        return Err(Fault::too_long(length, most, &text));
    }
    Ok(Value::from(text))
}

/// `0001-01-01` is no date.
fn date(text: &str) -> Option<Value> {
    let date: Date = text.parse().ok()?;
    if text.len() != 10 {
        return None;
    }
    Some(if date == Date::constant(1, 1, 1) {
        Value::Null
    } else {
        Value::from(date.to_string())
    })
}

/// Options are known by their encoded names and by what they encode: `In_x0020_Review`, `In Review`.
fn option(values: &'static [&'static str], text: &str) -> Result<Value, Fault> {
    let position = values
        .iter()
        .position(|value| value.eq_ignore_ascii_case(text) || decoded(value) == text)
        .ok_or_else(|| Fault::not_an_option(text))?;
    Ok(if position == 0 {
        Value::Null
    } else {
        Value::from(values[position])
    })
}

fn decoded(value: &str) -> String {
    ["0020", "002D", "002F", "0028", "0029"]
        .into_iter()
        .zip([" ", "-", "/", "(", ")"])
        .fold(value.to_owned(), |text, (code, plain)| {
            text.replace(&format!("_x{code}_"), plain)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn converted(kind: FieldKind, value: &Value) -> Result<Value, &'static str> {
        let field = Field {
            name: "it",
            kind,
            is_read_only: false,
        };
        convert(&field, value).map_err(|fault| fault.code)
    }

    #[test]
    fn values_are_kept_in_one_form() {
        assert_eq!(
            converted(FieldKind::Code(5), &json!(" ab ")),
            Ok(json!("AB"))
        );
        assert_eq!(converted(FieldKind::Decimal, &json!(1.50)), Ok(json!(1.5)));
        assert_eq!(
            converted(FieldKind::Date, &json!("0001-01-01")),
            Ok(Value::Null)
        );
        let review = FieldKind::Enum(&["_x0020_", "In_x0020_Review"]);
        assert_eq!(
            converted(review.clone(), &json!("In Review")),
            Ok(json!("In_x0020_Review"))
        );
        assert_eq!(converted(review, &json!(" ")), Ok(Value::Null));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_its_kind() {
        let cases = [
            (
                FieldKind::Text(2),
                json!("abc"),
                "Application_StringExceededLength",
            ),
            (FieldKind::Decimal, json!("5"), "BadRequest"),
            (FieldKind::Decimal, json!(1e300), "BadRequest"),
            (FieldKind::Guid, json!("x"), "BadRequest"),
            (FieldKind::Date, json!("2026-13-01"), "BadRequest"),
            (FieldKind::Integer, json!(1.5), "BadRequest"),
            (FieldKind::Integer, json!(3_000_000_000_u64), "BadRequest"),
            (
                FieldKind::Enum(&["a"]),
                json!("b"),
                "Application_EvaluateException",
            ),
            (
                FieldKind::Text(9),
                Value::Null,
                "BadRequest_RequiredParamNotProvided",
            ),
        ];
        for (kind, value, code) in cases {
            assert_eq!(converted(kind, &value), Err(code), "{value}");
        }
    }
}
