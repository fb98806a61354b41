use std::collections::BTreeSet;

use toml::Value;

use super::super::source::{Operation, Parameter, Shared};
use super::super::template::Piece;
use super::super::{schema, template};
use super::OWNERS;

const ENCODINGS: [&str; 6] = [
    "segment",
    "drive_path",
    "odata_key",
    "odata_keys",
    "share",
    "url",
];
const USER: &str = "Whose: a sign-in name or an object id. Left out, it is the signed-in user; an application has to name one.";
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
        parameters.push(owner(&operation.id));
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
            .and_then(|()| body_parts(parameter))
            .and_then(|()| schema::resolve(&parameter.schema, &shared.schema))
            .map(|resolved| parameter.schema = resolved)
            .map_err(|message| format!("parameter `{name}`: {message}"))?;
    }
    agree_with_path(&mut parameters, &order)?;
    agree_with_body(&parameters, !operation.fixed.is_empty())?;
    operation.parameter = parameters;
    Ok(())
}

/// Who `{user}` is.
fn owner(id: &str) -> Parameter {
    let (name, description) = if id.starts_with("outlook.") {
        (OWNERS[0], MAILBOX)
    } else {
        (OWNERS[1], USER)
    };
    let schema = [
        ("type", Value::from("string")),
        ("minLength", Value::from(1)),
    ];
    let schema = schema.map(|(key, value)| (key.to_owned(), value));
    Parameter {
        description: description.to_owned(),
        example: Some(Value::from("adele@contoso.com")),
        encoding: Some("segment".to_owned()),
        absent: Some("me".to_owned()),
        ..Parameter::plain(name, "path", Value::Table(schema.into_iter().collect()))
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
        required: is_required(name),
        description: schema
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned(),
        ..Parameter::plain(name, "body", schema.clone())
    };
    Ok(properties.iter().map(parameter).collect())
}

fn check(parameter: &Parameter, from_schema: bool) -> Result<(), String> {
    let location = parameter.location.as_str();
    if !["path", "query", "header", "body", "content"].contains(&location) {
        return Err(format!(
            "`in` is `{location}`; choose of path, query, header, body, content"
        ));
    }
    match (&parameter.encoding, location) {
        (Some(encoding), "path") if ENCODINGS.contains(&encoding.as_str()) => {}
        (None, "query" | "header" | "body" | "content") => {}
        _ => {
            return Err(format!(
                "a path parameter, and no other, has an `encoding`: {}",
                ENCODINGS.join(", ")
            ));
        }
    }
    if location != "body" && parameter.wire.is_some() != ["query", "header"].contains(&location) {
        return Err(
            "a query or header parameter says as `wire` what carries it, and no path parameter does"
                .to_owned(),
        );
    }
    if parameter.otherwise.is_some() && !["query", "header"].contains(&location) {
        return Err("only a query or header parameter says what is sent `otherwise`".to_owned());
    }
    if !matches!(
        parameter.absent.as_deref(),
        None | Some("connection" | "me")
    ) {
        return Err("`absent` is `connection`, or left out".to_owned());
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

/// What only the parts of a body say of themselves.
fn body_parts(parameter: &Parameter) -> Result<(), String> {
    let location = parameter.location.as_str();
    if parameter.whole && (location != "body" || parameter.wire.is_some()) {
        return Err("only a body parameter is the `whole` body, and then has no `wire`".to_owned());
    }
    if parameter.content_type.is_some() != (location == "content") {
        return Err("a `content` parameter, and no other, has a `content_type`".to_owned());
    }
    Ok(())
}

/// A body is one thing: bytes, one value, or properties.
fn agree_with_body(parameters: &[Parameter], has_fixed: bool) -> Result<(), String> {
    let of = |location: &str| {
        let inside = parameters.iter().filter(|one| one.location == location);
        inside.count()
    };
    let whole = parameters.iter().filter(|one| one.whole).count();
    let parts = of("body") - whole + usize::from(has_fixed);
    if whole + of("content") + usize::from(parts > 0) > 1 {
        return Err("a body is bytes, one whole value, or properties".to_owned());
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
        if !in_path && parameter.absent.as_deref() != Some("me") {
            return Err(format!("parameter `{}` is not in the path", parameter.name));
        }
        parameter.required = in_path;
    }
    Ok(())
}
