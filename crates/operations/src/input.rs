//! Input against the operation's schema, with the field's name in every refusal.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use catalog::Operation;
use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use model::ConnectionMethod;
use serde_json::{Map, Value};

use crate::{Error, Result};

type Compiled = RwLock<HashMap<(&'static str, ConnectionMethod), Arc<Validator>>>;

/// Bounded by the catalogue: one per operation and method.
static VALIDATORS: LazyLock<Compiled> = LazyLock::new(Compiled::default);

/// Refuses what the schema does not allow, the first fault by name.
pub(crate) fn check(
    operation: &'static Operation,
    method: ConnectionMethod,
    input: &Map<String, Value>,
) -> Result<()> {
    let value = Value::Object(input.clone());
    match validator(operation, method)?.validate(&value) {
        Ok(()) => Ok(()),
        Err(error) => Err(explain(operation, &error)),
    }
}

fn validator(operation: &'static Operation, method: ConnectionMethod) -> Result<Arc<Validator>> {
    let key = (operation.id, method);
    if let Some(known) = VALIDATORS
        .read()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&key)
    {
        return Ok(Arc::clone(known));
    }
    // A date that is none is found here, and not by Microsoft.
    let options = jsonschema::options().should_validate_formats(true);
    let compiled = options
        .build(&operation.input_schema(method))
        .map_err(|error| {
            Error::Unexpected(format!(
                "the schema of `{}` is wrong: {error}",
                operation.id
            ))
        })?;
    let compiled = Arc::new(compiled);
    VALIDATORS
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(key, Arc::clone(&compiled));
    Ok(compiled)
}

fn explain(operation: &Operation, error: &jsonschema::ValidationError<'_>) -> Error {
    let place = error
        .instance_path()
        .to_string()
        .trim_start_matches('/')
        .replace('/', ".");
    let join = |name: &str| {
        if place.is_empty() {
            name.to_owned()
        } else {
            format!("{place}.{name}")
        }
    };
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            let field = unexpected
                .first()
                .map(|name| join(name))
                .unwrap_or_default();
            let known: Vec<_> = operation
                .parameters
                .iter()
                .map(|parameter| parameter.name)
                .collect();
            let message = if place.is_empty() {
                format!(
                    "`{}` has no field `{field}`; it takes `{}`",
                    operation.id,
                    known.join("`, `")
                )
            } else {
                format!("`{}` has no field `{field}`", operation.id)
            };
            Error::Input {
                code: "unknown_field",
                field: Some(field),
                message,
            }
        }
        ValidationErrorKind::Required { property } => {
            let field = join(property.as_str().unwrap_or_default());
            let message = format!("`{}` needs the field `{field}`", operation.id);
            Error::Input {
                code: "missing_field",
                field: Some(field),
                message,
            }
        }
        _ => {
            let field = Some(place).filter(|place| !place.is_empty());
            let message = match &field {
                Some(field) => format!("`{field}`: {error}"),
                None => error.to_string(),
            };
            Error::Input {
                code: "invalid_input",
                field,
                message,
            }
        }
    }
}
