//! Reading the fields of a body, with the refusals of Teams.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::paths;

/// A body or a part of one.
pub(super) type Body = Map<String, Value>;

/// Refuses a property that the type has not.
pub(super) fn known(body: &Body, names: &[&str], type_name: &str) -> Result<(), Fault> {
    let unknown = body
        .keys()
        .find(|key| !key.contains('@') && !names.contains(&key.as_str()));
    match unknown {
        Some(name) => Err(Fault::unknown_property(name, type_name)),
        None => Ok(()),
    }
}

pub(super) fn text(body: &Body, name: &str) -> Result<Option<String>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::invalid_value(name, "Edm.String")),
    }
}

pub(super) fn required(body: &Body, name: &str) -> Result<String, Fault> {
    text(body, name)?
        .filter(|it| !it.trim().is_empty())
        .ok_or_else(|| Fault::bad_request(format!("Value cannot be null. (Parameter '{name}')")))
}

pub(super) fn boolean(body: &Body, name: &str) -> Result<Option<bool>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => value
            .as_bool()
            .map(Some)
            .ok_or_else(|| Fault::invalid_value(name, "Edm.Boolean")),
    }
}

pub(super) fn time(body: &Body, name: &str) -> Result<Option<Timestamp>, Fault> {
    text(body, name)?
        .map(|it| {
            it.parse()
                .map_err(|_| Fault::invalid_value(name, "Edm.DateTimeOffset"))
        })
        .transpose()
}

/// One of a few words; `None` when absent.
pub(super) fn word(body: &Body, name: &str, words: &[&str]) -> Result<Option<String>, Fault> {
    let Some(text) = text(body, name)? else {
        return Ok(None);
    };
    let found = words.iter().find(|it| it.eq_ignore_ascii_case(&text));
    found.map(|it| Some((*it).to_owned())).ok_or_else(|| {
        Fault::bad_request(format!(
            "Requested value '{text}' was not found. (Parameter '{name}')"
        ))
    })
}

pub(super) fn list<'a>(body: &'a Body, name: &str) -> Result<&'a [Value], Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Fault::invalid_value(name, "Collection")),
    }
}

pub(super) fn object<'a>(value: &'a Value, name: &str) -> Result<&'a Body, Fault> {
    value
        .as_object()
        .ok_or_else(|| Fault::invalid_value(name, "Edm.ComplexType"))
}

/// The last key of a bound address: `…/users('id')`, `…/groups/id`.
pub(super) fn bound(body: &Body, name: &str) -> Result<Option<String>, Fault> {
    let Some(url) = text(body, name)? else {
        return Ok(None);
    };
    let path = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let last = paths::segments(path).and_then(|mut it| it.pop());
    last.map(Some)
        .ok_or_else(|| Fault::bad_request(format!("Invalid bind property name {name} in request.")))
}

/// The user that `user@odata.bind` names.
pub(super) fn bound_user(call: &Call, body: &Body) -> Result<String, Fault> {
    let key = bound(body, "user@odata.bind")?.ok_or_else(|| {
        Fault::bad_request(
            "Invalid bind property name user in request: user@odata.bind is missing.",
        )
    })?;
    crate::graph::route::find_user(call, &key)
        .map(|it| it.id)
        .ok_or_else(|| {
            super::access::not_found(&format!("Failed to find the user '{key}' in the tenant."))
        })
}

/// Whether `roles` names an owner.
pub(super) fn is_owner(body: &Body) -> Result<bool, Fault> {
    let mut is_owner = false;
    for role in list(body, "roles")? {
        match role.as_str() {
            Some("owner") => is_owner = true,
            Some("guest") => {}
            _ => {
                return Err(Fault::bad_request(format!(
                    "Invalid role specified for member: {role}."
                )));
            }
        }
    }
    Ok(is_owner)
}
