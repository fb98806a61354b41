//! The JSON Schemas of parameters: references put in place, unknown words refused, objects closed.

use std::collections::BTreeMap;

use toml::{Table, Value};

const WORDS: [&str; 20] = [
    "type",
    "enum",
    "const",
    "items",
    "properties",
    "required",
    "additionalProperties",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
    "format",
    "contentEncoding",
    "default",
    "description",
    "examples",
    "$ref",
];
const TYPES: [&str; 6] = ["string", "integer", "number", "boolean", "array", "object"];
const DEEPEST: usize = 12;

/// `schema` with each `"$ref"` replaced by what it names in `shared`.
pub(crate) fn resolve(schema: &Value, shared: &BTreeMap<String, Value>) -> Result<Value, String> {
    resolve_within(schema, shared, 0)
}

fn resolve_within(
    schema: &Value,
    shared: &BTreeMap<String, Value>,
    depth: usize,
) -> Result<Value, String> {
    if depth > DEEPEST {
        return Err("a schema refers to itself".to_owned());
    }
    let mut table = table(schema)?.clone();
    if let Some(reference) = table.remove("$ref") {
        let name = reference.as_str().unwrap_or_default();
        let named = shared
            .get(name)
            .ok_or_else(|| format!("there is no shared schema `{name}`"))?;
        // What stands beside the reference, such as a description, is more particular.
        let beside = std::mem::replace(&mut table, self::table(named)?.clone());
        table.extend(beside);
        return resolve_within(&Value::Table(table), shared, depth + 1);
    }
    check_words(&table)?;
    if let Some(items) = table.get_mut("items") {
        *items = resolve_within(items, shared, depth + 1)?;
    }
    if let Some(Value::Table(properties)) = table.get_mut("properties") {
        for property in properties.iter_mut().map(|(_, property)| property) {
            *property = resolve_within(property, shared, depth + 1)?;
        }
        table
            .entry("additionalProperties")
            .or_insert(Value::Boolean(false));
    }
    Ok(Value::Table(table))
}

fn check_words(table: &Table) -> Result<(), String> {
    if let Some(word) = table.keys().find(|word| !WORDS.contains(&word.as_str())) {
        return Err(format!(
            "`{word}` is no word of a schema that the catalogue uses"
        ));
    }
    match table.get("type").and_then(Value::as_str) {
        Some(name) if TYPES.contains(&name) => {}
        Some(name) => return Err(format!("`{name}` is no type of JSON Schema")),
        None => return Err("a schema has no `type`".to_owned()),
    }
    let properties = table.get("properties").and_then(Value::as_table);
    for name in table
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        let name = name.as_str().unwrap_or_default();
        if !properties.is_some_and(|properties| properties.contains_key(name)) {
            return Err(format!(
                "`{name}` is required by a schema that does not have it"
            ));
        }
    }
    Ok(())
}

fn table(schema: &Value) -> Result<&Table, String> {
    schema
        .as_table()
        .ok_or_else(|| "a schema is a table".to_owned())
}
