//! Places in inputs: `{draft.id}` is what the step `draft` answered.

use std::collections::BTreeMap;

use serde_json::Value;

pub(crate) type Known = BTreeMap<String, Value>;

/// `value` with its places filled. A text that is nothing but a place becomes what is there, whatever its type.
pub(crate) fn fill(value: &Value, known: &Known) -> Result<Value, String> {
    match value {
        Value::String(text) => text_of(text, known),
        Value::Array(items) => items.iter().map(|item| fill(item, known)).collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| Ok((name.clone(), fill(value, known)?)))
            .collect(),
        other => Ok(other.clone()),
    }
}

fn text_of(text: &str, known: &Known) -> Result<Value, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((place, after)) = after.split_once('}') else {
            break;
        };
        let value = at(place, known)?;
        if before.is_empty() && after.is_empty() && filled.is_empty() {
            return Ok(value);
        }
        filled.push_str(before);
        match value {
            Value::String(text) => filled.push_str(&text),
            other => filled.push_str(&other.to_string()),
        }
        rest = after;
    }
    filled.push_str(rest);
    Ok(Value::String(filled))
}

fn at(place: &str, known: &Known) -> Result<Value, String> {
    let (name, inside) = place.split_once('.').unwrap_or((place, ""));
    let value = known
        .get(name)
        .ok_or_else(|| format!("no step is called `{name}`"))?;
    look(value, inside)
        .cloned()
        .ok_or_else(|| format!("`{place}` is not in {value}"))
}

/// What is at `place`, names and numbers between dots.
pub(crate) fn look<'a>(value: &'a Value, place: &str) -> Option<&'a Value> {
    if place.is_empty() {
        return Some(value);
    }
    // Annotations have dots in their names: `@odata.etag`.
    if let Some(found) = value.get(place) {
        return Some(found);
    }
    let (name, rest) = place.split_once('.').unwrap_or((place, ""));
    let inside = match value {
        Value::Array(items) => items.get(name.parse::<usize>().ok()?),
        other => other.get(name),
    };
    look(inside?, rest)
}
