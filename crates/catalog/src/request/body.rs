use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::{Input, InputError, RequestBody, text};
use crate::{Location, Operation};

impl Operation {
    pub(super) fn body(
        &self,
        input: &Input,
        api_root: &str,
    ) -> Result<Option<RequestBody>, InputError> {
        let mut body = self
            .fixed
            .map(|fixed| serde_json::from_str(fixed).expect("the build script wrote it as JSON"));
        for parameter in self.parameters {
            let value = input.get(parameter.name);
            match (parameter.location, value) {
                (
                    Location::Content {
                        content_type,
                        base64,
                    },
                    value,
                ) => {
                    let bytes = content(parameter.name, value, base64)?;
                    return Ok(Some(RequestBody::Content {
                        content_type,
                        bytes,
                    }));
                }
                (Location::WholeBody, value) => body = Some(value.cloned().unwrap_or_default()),
                (Location::Body { place, template }, value) => {
                    let body = body.get_or_insert_with(|| Value::Object(Map::new()));
                    if let Some(value) = value {
                        put(body, place, shaped(value, template, api_root));
                    }
                }
                _ => {}
            }
        }
        Ok(body.map(RequestBody::Json))
    }
}

fn content(name: &str, value: Option<&Value>, base64: bool) -> Result<Vec<u8>, InputError> {
    let text = value.and_then(Value::as_str).unwrap_or_default();
    if !base64 {
        return Ok(text.as_bytes().to_vec());
    }
    STANDARD
        .decode(text)
        .map_err(|_| InputError::new(name, "is not base64"))
}

/// The value, or each of a list, inside its template. A template's `{root}` is ours, and is filled before the caller's value
/// stands beside it.
fn shaped(value: &Value, template: Option<&str>, api_root: &str) -> Value {
    let Some(template) = template else {
        return value.clone();
    };
    let template = template.replace("{root}", api_root.trim_end_matches('/'));
    let is_quoted = template.contains("'{}'");
    let one = |value: &Value| {
        let value = text(value);
        let value = if is_quoted {
            value.replace('\'', "''")
        } else {
            value
        };
        Value::String(template.replacen("{}", &value, 1))
    };
    match value {
        Value::Array(items) => items.iter().map(one).collect(),
        value => one(value),
    }
}

fn put(body: &mut Value, place: &[&str], value: Value) {
    let mut at = body;
    for name in place {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(fields) = at.as_object_mut() else {
            return;
        };
        at = fields.entry(*name).or_insert(Value::Null);
    }
    *at = value;
}
