use std::collections::BTreeSet;

use toml::Value;

use super::super::source::{Operation, Parameter, Shared};
use super::super::template::Piece;
use super::super::{schema, template};

const MAILBOX: &str = "Whose mailbox: an address or an object id. Left out, it is the user's own; an application has none of its own and has to name one.";

/// Adds shared parameters, the body's properties and `mailbox`, resolves schemas, and checks the lot: path parameters first, in
/// the path's order, then the others as they were written.
pub(crate) fn put_in_place(
    operation: &mut Operation,
    segments: &[Vec<Piece>],
    shared: &Shared,
) -> Result<(), String> {
    let mut parameters = std::mem::take(&mut operation.parameter);
    for name in &operation.shared {
        let parameter = shared
            .parameter
            .get(name)
            .ok_or_else(|| format!("there is no shared parameter `{name}`"))?;
        parameters.push(Parameter {
            name: name.clone(),
            ..parameter.clone()
        });
    }
    if let Some(name) = &operation.body {
        parameters.extend(properties_of(name, shared)?);
    }
    if template::has_user(segments) {
        parameters.push(mailbox());
    }
    let order = template::parameters(segments);
    parameters.sort_by_key(|parameter| {
        let place = order.iter().position(|name| *name == parameter.name);
        place.unwrap_or(order.len())
    });
    let mut names = BTreeSet::new();
    for parameter in &mut parameters {
        let name = parameter.name.clone();
        if name.is_empty() || !names.insert(name.clone()) {
            return Err(format!(
                "parameter `{name}` stands here twice, or has no name"
            ));
        }
        check(parameter, operation.body.is_some())
            .and_then(|()| schema::resolve(&parameter.schema, &shared.schema))
            .map(|resolved| parameter.schema = resolved)
            .map_err(|message| format!("parameter `{name}`: {message}"))?;
    }
    agree_with_path(&mut parameters, &order)?;
    operation.parameter = parameters;
    Ok(())
}

fn mailbox() -> Parameter {
    let schema = [
        ("type", Value::from("string")),
        ("minLength", Value::from(1)),
    ];
    Parameter {
        name: "mailbox".to_owned(),
        location: "path".to_owned(),
        required: false,
        schema: Value::Table(
            schema
                .map(|(key, value)| (key.to_owned(), value))
                .into_iter()
                .collect(),
        ),
        description: MAILBOX.to_owned(),
        example: Some(Value::from("adele@contoso.com")),
        unit: None,
        encoding: Some("segment".to_owned()),
        wire: None,
        template: None,
        escape: None,
    }
}

fn properties_of(name: &str, shared: &Shared) -> Result<Vec<Parameter>, String> {
    let schema = shared
        .schema
        .get(name)
        .ok_or_else(|| format!("there is no shared schema `{name}`"))?;
    let properties = schema.get("properties").and_then(Value::as_table);
    let properties =
        properties.ok_or_else(|| format!("shared schema `{name}` has no properties"))?;
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| {
        required.is_some_and(|names| names.iter().any(|other| other.as_str() == Some(name)))
    };
    let parameter = |(name, schema): (&String, &Value)| Parameter {
        name: name.clone(),
        location: "body".to_owned(),
        required: is_required(name),
        schema: schema.clone(),
        description: schema
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        example: None,
        unit: None,
        encoding: None,
        wire: None,
        template: None,
        escape: None,
    };
    Ok(properties.iter().map(parameter).collect())
}

fn check(parameter: &Parameter, from_schema: bool) -> Result<(), String> {
    let location = parameter.location.as_str();
    if !["path", "query", "header", "body"].contains(&location) {
        return Err(format!(
            "`in` is `{location}`; choose of path, query, header, body"
        ));
    }
    match (&parameter.encoding, location) {
        (Some(encoding), "path")
            if ["segment", "drive_path", "odata_key"].contains(&encoding.as_str()) => {}
        (None, "query" | "header" | "body") => {}
        _ => return Err(
            "a path parameter, and no other, has an `encoding`: segment, drive_path or odata_key"
                .to_owned(),
        ),
    }
    if parameter.wire.is_some() != ["query", "header"].contains(&location) {
        return Err(
            "a query or header parameter, and no other, says as `wire` what carries it".to_owned(),
        );
    }
    if parameter
        .template
        .as_ref()
        .is_some_and(|text| text.matches("{}").count() != 1)
    {
        return Err("`template` has the place `{}` once".to_owned());
    }
    match parameter.escape.as_deref() {
        None => {}
        Some("kql" | "odata") if parameter.template.is_some() => {}
        Some(_) => return Err("`escape` is `kql` or `odata`, beside a `template`".to_owned()),
    }
    if !(from_schema && location == "body")
        && (parameter.example.is_none() || parameter.description.is_empty())
    {
        return Err("it needs a description and an example".to_owned());
    }
    Ok(())
}

/// Each path parameter is declared, and each declared one is in the path.
fn agree_with_path(parameters: &mut [Parameter], order: &[&str]) -> Result<(), String> {
    for name in order {
        if !parameters
            .iter()
            .any(|parameter| parameter.name == *name && parameter.location == "path")
        {
            return Err(format!(
                "the path's `{{{name}}}` is not declared as a parameter"
            ));
        }
    }
    for parameter in parameters
        .iter_mut()
        .filter(|parameter| parameter.location == "path")
    {
        let in_path = order.contains(&parameter.name.as_str());
        if !in_path && parameter.name != "mailbox" {
            return Err(format!("parameter `{}` is not in the path", parameter.name));
        }
        parameter.required = in_path;
    }
    Ok(())
}
