//! Answers as snapshots hold them.

use serde_json::Value;

/// Ids and times replaced by what they are, so that a snapshot holds.
pub(crate) fn redacted(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(redacted_text(text)),
        Value::Array(items) => items.iter().map(redacted).collect(),
        Value::Object(words) => words
            .iter()
            .map(|(key, inner)| (key.clone(), redacted(inner)))
            .collect(),
        other => other.clone(),
    }
}

fn redacted_text(text: &str) -> String {
    let id = text.split_once('_').filter(|(prefix, digits)| {
        prefix.len() <= 5
            && digits.len() == 32
            && digits.chars().all(|digit| digit.is_ascii_hexdigit())
    });
    if let Some((prefix, _)) = id {
        return format!("[{prefix}]");
    }
    if text.parse::<jiff::Timestamp>().is_ok() {
        return "[time]".to_owned();
    }
    if text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]) {
        return "[guid]".to_owned();
    }
    text.to_owned()
}
