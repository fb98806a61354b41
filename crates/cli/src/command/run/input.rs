//! From `key=value` to the JSON that an operation takes.

use std::io::Read;
use std::path::Path;

use anyhow::Context;
use serde_json::{Map, Value};

use crate::exit::Failure;

/// The file's object, with the fields put in on top.
pub(super) fn read(
    operation: &str,
    file: Option<&Path>,
    fields: &[String],
) -> anyhow::Result<Value> {
    let mut input = match file {
        Some(path) => parse(&text(path)?)?,
        None => Map::new(),
    };
    // An operation that this program does not know may be known to the server.
    let schema = catalog::operation(operation)
        .map(|operation| operation.input_schema(operation.usual_method()))
        .unwrap_or_default();
    for field in fields {
        put(&mut input, field, &schema)?;
    }
    Ok(Value::Object(input))
}

fn text(path: &Path) -> anyhow::Result<String> {
    if path == Path::new("-") {
        let mut text = String::new();
        std::io::stdin()
            .read_to_string(&mut text)
            .context("stdin cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))
}

fn parse(text: &str) -> Result<Map<String, Value>, Failure> {
    match serde_json::from_str(text) {
        Ok(Value::Object(input)) => Ok(input),
        Ok(_) => Err(Failure::usage("the input is no JSON object")),
        Err(error) => Err(Failure::usage(format!("the input is no JSON: {error}"))),
    }
}

/// Puts one field where its dotted name says.
fn put(input: &mut Map<String, Value>, field: &str, schema: &Value) -> Result<(), Failure> {
    let (key, text) = field.split_once('=').ok_or_else(|| {
        Failure::usage(format!("`{field}` is no field"))
            .hint("write `key=value` for text, or `key:=json` for JSON")
    })?;
    let (key, value) = match key.strip_suffix(':') {
        Some(key) => (key, json(key, text)?),
        None => (key, fitting(schema_at(schema, key), text)),
    };
    if key.split('.').any(str::is_empty) {
        return Err(Failure::usage(format!(
            "`{field}` has a field without a name"
        )));
    }
    insert(input, key, value)
}

fn json(key: &str, text: &str) -> Result<Value, Failure> {
    serde_json::from_str(text)
        .map_err(|error| Failure::usage(format!("the value of `{key}` is no JSON: {error}")))
}

/// What the operation says of the field, where it says something.
fn schema_at<'a>(schema: &'a Value, key: &str) -> &'a Value {
    key.split('.')
        .fold(schema, |schema, name| &schema["properties"][name])
}

/// The text as what the field wants to be. What does not fit stays text, and the server says what is wrong with it.
fn fitting(schema: &Value, text: &str) -> Value {
    let number_or_bool = |accepts: fn(&Value) -> bool| {
        serde_json::from_str(text)
            .ok()
            .filter(accepts)
            .unwrap_or_else(|| Value::from(text))
    };
    match schema["type"].as_str() {
        Some("integer" | "number") => number_or_bool(Value::is_number),
        Some("boolean") => number_or_bool(Value::is_boolean),
        Some("array") => text
            .split(',')
            .map(|part| fitting(&schema["items"], part))
            .collect(),
        _ => Value::from(text),
    }
}

fn insert(input: &mut Map<String, Value>, key: &str, value: Value) -> Result<(), Failure> {
    let Some((first, rest)) = key.split_once('.') else {
        input.insert(key.to_owned(), value);
        return Ok(());
    };
    let inner = input
        .entry(first)
        .or_insert_with(|| Value::Object(Map::new()));
    match inner {
        Value::Object(inner) => insert(inner, rest, value),
        _ => Err(Failure::usage(format!(
            "`{first}` cannot hold `{rest}`, because it has a value of its own"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn fields(operation: &str, fields: &[&str]) -> Result<Value, String> {
        let fields: Vec<_> = fields.iter().map(|&field| field.to_owned()).collect();
        read(operation, None, &fields).map_err(|error| error.to_string())
    }

    #[test]
    fn text_becomes_what_the_operation_wants() {
        let input = fields(
            "outlook.messages.list",
            &["top=5", "select=subject,from", "filter=isRead eq false"],
        );
        let expected =
            json!({"top": 5, "select": ["subject", "from"], "filter": "isRead eq false"});
        assert_eq!(input.unwrap(), expected);
    }

    #[test]
    fn dots_lead_into_fields_and_json_stays_json() {
        let input = fields(
            "outlook.messages.send",
            &[
                "message.subject=Hello",
                "message.body.content=a=b",
                r#"message.toRecipients:=[{"emailAddress":{"address":"a@b.example"}}]"#,
                "saveToSentItems=false",
            ],
        );
        let expected = json!({
            "message": {
                "subject": "Hello",
                "body": {"content": "a=b"},
                "toRecipients": [{"emailAddress": {"address": "a@b.example"}}],
            },
            "saveToSentItems": false,
        });
        assert_eq!(input.unwrap(), expected);
    }

    #[test]
    fn what_does_not_fit_stays_text_for_the_server_to_refuse() {
        let input = fields("outlook.messages.list", &["top=many"]).unwrap();
        assert_eq!(input, json!({"top": "many"}));
    }

    #[test]
    fn a_field_is_refused_when_it_cannot_be_put_anywhere() {
        for wrong in ["subject", "=x", "a..b=x", "a:=nothing"] {
            assert!(fields("some.operation", &[wrong]).is_err(), "{wrong}");
        }
        assert!(fields("some.operation", &["a=1", "a.b=2"]).is_err());
    }
}
