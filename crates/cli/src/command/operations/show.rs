//! One operation, whole.

use std::fmt::Write;

use catalog::{Operation, Parameter, Permissions, Support};
use model::ConnectionMethod;
use serde_json::{Value, json};

use crate::output;

pub(super) fn document(operation: &'static Operation) -> Value {
    let mut document = super::entry(operation);
    for method in ConnectionMethod::ALL {
        document[method.id()] = access(operation, method);
    }
    document
}

fn access(operation: &'static Operation, method: ConnectionMethod) -> Value {
    match operation.support(method) {
        Support::Refused { reason, instead } => {
            json!({ "supported": false, "reason": reason, "instead": instead })
        }
        Support::Supported => {
            let Permissions {
                least,
                any,
                depends,
                privileges,
            } = *operation.permissions(method);
            json!({
                "supported": true,
                "permissions": { "least": least, "any": any, "depends": depends, "privileges": privileges },
                "input_schema": operation.input_schema(method),
            })
        }
    }
}

pub(super) fn text(operation: &'static Operation) -> String {
    let mut text = format!(
        "{}\n{}\n\n{}\n\n{} {}\n{}\n",
        operation.id,
        operation.title,
        operation.summary,
        operation.method,
        operation.path,
        operation.docs
    );
    for method in ConnectionMethod::ALL {
        let _ = write!(text, "\n{}: {}", method.id(), support(operation, method));
    }
    let _ = write!(text, "\n\n{}", fields(operation));
    let _ = write!(text, "\n\n{}", example(operation));
    text
}

fn support(operation: &Operation, method: ConnectionMethod) -> String {
    match operation.support(method) {
        Support::Refused { reason, instead } => format!("no: {reason} {instead}"),
        Support::Supported => match *operation.permissions(method) {
            Permissions {
                depends: Some(depends),
                ..
            } => format!("with {depends}"),
            Permissions {
                any: [],
                privileges: [],
                ..
            } => "yes".to_owned(),
            Permissions {
                any: [],
                privileges,
                ..
            } => format!("with a security role that has {}", privileges.join(" and ")),
            Permissions { any, .. } => format!("with {}", any.join(" or ")),
        },
    }
}

fn fields(operation: &Operation) -> String {
    let rows = operation.parameters.iter().map(|parameter| {
        [
            parameter.name.to_owned(),
            kind(&parameter.schema()),
            required(parameter).to_owned(),
            parameter.description.to_owned(),
        ]
    });
    output::table(["field", "type", "required", "description"], rows)
}

/// By which method it has to be given.
fn required(parameter: &Parameter) -> &'static str {
    let [by_user, by_application] =
        ConnectionMethod::ALL.map(|method| parameter.is_required(method));
    match (by_user, by_application) {
        (true, true) => "yes",
        (true, false) => "oauth",
        (false, true) => "service_principal",
        (false, false) => "",
    }
}

fn kind(schema: &Value) -> String {
    schema["type"].as_str().unwrap_or("any").to_owned()
}

fn example(operation: &Operation) -> String {
    let input = operation.example(operation.usual_method());
    format!(
        "example:\n  echo '{input}' | consentry run {} --connection NAME --input -",
        operation.id
    )
}
