//! Values on their way into a URL, and what is refused there.
//!
//! Microsoft's front ends, and proxies before them, decode a path more than once and resolve dot segments. A value that could
//! then become two segments, or none, would reach something else than what was checked; so it is refused, however it is encoded.

use std::borrow::Cow;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use serde_json::{Map, Value};

use crate::{Escape, function_types};

/// What stays as it is in a segment: unreserved characters, and those that Microsoft's ids and addresses are made of.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'@')
    .remove(b'=')
    .remove(b'!')
    .remove(b',');
/// Values that are still encoded after so many rounds have no honest use.
const MOST_ROUNDS: usize = 3;

/// One path segment.
pub(crate) fn segment(value: &str) -> Result<String, &'static str> {
    if value.starts_with('$') {
        return Err("begins with `$`, which stands for an option of Microsoft's in a path");
    }
    check_segment(value)?;
    Ok(utf8_percent_encode(value, SEGMENT).to_string())
}

/// A path below a drive: segments between `/`, each by the same rules.
pub(crate) fn drive_path(value: &str) -> Result<String, &'static str> {
    let value = value.strip_prefix('/').unwrap_or(value);
    let mut path = String::with_capacity(value.len());
    for part in value.split('/') {
        check_segment(part)?;
        if !path.is_empty() {
            path.push('/');
        }
        path.extend(utf8_percent_encode(part, SEGMENT));
    }
    Ok(path)
}

/// What stands in the parentheses of a key: within quotes any text, without only GUIDs and numbers.
pub(crate) fn odata_key(value: &str, is_quoted: bool) -> Result<String, &'static str> {
    check_segment(value)?;
    if is_quoted {
        return Ok(utf8_percent_encode(&value.replace('\'', "''"), SEGMENT).to_string());
    }
    if value
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    {
        Ok(value.to_owned())
    } else {
        Err("is neither a GUID nor a number")
    }
}

/// Names and values between commas, texts in quotes. The value of a lookup (`_primarycontactid_value`) is a GUID and has none.
/// A function takes lists too, `EntityNames=['account','contact']`, and knows GUIDs and enumerations, by [`function_types`] or
/// where the value says so itself: `{"type": "Edm.Guid", "value": "…"}`.
///
/// Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/use-web-api-functions>.
pub(crate) fn odata_keys(
    values: Option<&Value>,
    function: Option<&str>,
) -> Result<String, &'static str> {
    let none = Map::new();
    let values = values.and_then(Value::as_object).unwrap_or(&none);
    let mut parts = Vec::with_capacity(values.len());
    for (name, value) in values {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            return Err("has a name that is none of a column or parameter");
        }
        let known = function.and_then(|function| function_types::of(function, name));
        let value = match value {
            Value::String(text) if name.starts_with('_') && name.ends_with("_value") => {
                odata_key(text, false)?
            }
            Value::Array(items) => {
                let items: Result<Vec<_>, _> =
                    items.iter().map(|item| literal(item, known)).collect();
                format!("%5B{}%5D", items?.join(","))
            }
            one => literal(one, known)?,
        };
        parts.push(format!("{name}={value}"));
    }
    Ok(parts.join(","))
}

fn literal(value: &Value, known: Option<&str>) -> Result<String, &'static str> {
    match value {
        Value::String(text) if known == Some("Edm.Guid") => odata_key(text, false),
        Value::String(text) => match known {
            Some(name) => Ok(format!("{name}'{}'", odata_key(text, true)?)),
            None => Ok(format!("'{}'", odata_key(text, true)?)),
        },
        Value::Object(typed) => {
            let name = typed
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default();
            let is_type = |b: u8| b.is_ascii_alphanumeric() || b == b'.' || b == b'_';
            match typed.get("value").filter(|value| value.is_string()) {
                Some(value)
                    if typed.len() == 2 && !name.is_empty() && name.bytes().all(is_type) =>
                {
                    literal(value, Some(name))
                }
                _ => Err("has an object that is no `type` with a `value`"),
            }
        }
        Value::Number(_) | Value::Bool(_) | Value::Null => Ok(value.to_string()),
        Value::Array(_) => Err("has a value that is no text, number, truth value or list of these"),
    }
}

/// `u!` and the URL in base64url, unless it is encoded already.
///
/// Source: <https://learn.microsoft.com/graph/api/shares-get>.
pub(crate) fn share(value: &str) -> Result<String, &'static str> {
    if value.starts_with("u!") || value.starts_with("s!") {
        return segment(value);
    }
    if !value.starts_with("https://") {
        return Err("is no sharing link and no URL of a file");
    }
    Ok(format!("u!{}", URL_SAFE_NO_PAD.encode(value)))
}

/// Whether `value` is one segment, and stays one however often it is decoded.
pub(crate) fn check_segment(value: &str) -> Result<(), &'static str> {
    if value.is_empty() {
        return Err("is empty");
    }
    let mut text = Cow::Borrowed(value);
    for _ in 0..MOST_ROUNDS {
        hazard(&text)?;
        if !is_encoded(&text) {
            return Ok(());
        }
        let decoded = percent_decode_str(&text).decode_utf8_lossy().into_owned();
        text = Cow::Owned(decoded);
    }
    Err("is percent-encoded over and over")
}

/// `.`, `..`, a slash, a backslash or a control character.
pub(crate) fn hazard(text: &str) -> Result<(), &'static str> {
    if text == "." || text == ".." {
        return Err("is a dot segment");
    }
    if text.contains(['/', '\\']) {
        return Err("holds a slash or backslash");
    }
    if text.contains(char::is_control) {
        return Err("holds a control character");
    }
    Ok(())
}

/// Whether a `%` with two hexadecimal digits is in `text`.
pub(crate) fn is_encoded(text: &str) -> bool {
    text.as_bytes()
        .windows(3)
        .any(|part| part[0] == b'%' && part[1].is_ascii_hexdigit() && part[2].is_ascii_hexdigit())
}

/// A value inside the quotes of its template.
pub(crate) fn escaped(value: &str, escape: Escape) -> String {
    match escape {
        Escape::None => value.to_owned(),
        Escape::Kql => value.replace('\\', "\\\\").replace('"', "\\\""),
        Escape::Odata => value.replace('\'', "''"),
    }
}
