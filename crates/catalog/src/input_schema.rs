use model::ConnectionMethod;
use serde_json::{Map, Value, json};

use crate::{Operation, Parameter};

impl Operation {
    /// JSON Schema (2020-12) of the input, closed: a field that is not listed does not fit. It is made anew at each call; compile
    /// it once and keep that.
    pub fn input_schema(&'static self, method: ConnectionMethod) -> Value {
        let properties: Map<String, Value> = self
            .parameters
            .iter()
            .map(|parameter| (parameter.name.to_owned(), property(parameter)))
            .collect();
        let required: Vec<&str> = self
            .parameters
            .iter()
            .filter(|parameter| parameter.is_required(method))
            .map(|parameter| parameter.name)
            .collect();
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": self.title,
            "description": self.summary,
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
            "examples": [self.example(method)],
        })
    }
}

fn property(parameter: &Parameter) -> Value {
    let mut schema = parameter.schema();
    let Some(words) = schema.as_object_mut() else {
        return schema;
    };
    let mut description = parameter.description.to_owned();
    if let Some(unit) = parameter.unit {
        description.push_str(" Unit: ");
        description.push_str(unit);
        description.push('.');
    }
    if !description.is_empty() {
        words.insert("description".to_owned(), description.into());
    }
    if let Some(example) = parameter.example() {
        words.insert("examples".to_owned(), json!([example]));
    }
    schema
}
