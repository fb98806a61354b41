//! What the body of a request names besides its address: rows that others are bound to, rows that are made along, types.
//!
//! Sources: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/create-entity-web-api>,
//! <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/associate-disassociate-entities-using-web-api>.

use serde_json::{Map, Value};

use super::super::address;
use super::NAMESPACE;
use super::reach::{Place, Reach, UNCLEAR};

/// All that `value` names as a row, or as several, at `place`.
pub(super) fn of(root: &str, value: &Value, place: &Place, all: &mut Vec<Reach>) {
    match value {
        Value::Object(fields) => row(root, fields, place, all),
        Value::Array(items) => items.iter().for_each(|item| match item {
            Value::Object(fields) => row(root, fields, place, all),
            _ => all.push(UNCLEAR),
        }),
        _ => all.push(UNCLEAR),
    }
}

fn row(root: &str, fields: &Map<String, Value>, place: &Place, all: &mut Vec<Reach>) {
    for (name, value) in fields {
        if let Some(what) = annotation(name) {
            annotated(root, &what, value, all);
        } else if is_rows(value) {
            // A row within a row is one of the table that the relation leads to.
            let place = place.then(name);
            all.push(Reach::Rows(place.clone()));
            of(root, value, &place, all);
        }
    }
}

fn is_rows(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(|item| item.is_object() || item.is_array()),
        _ => false,
    }
}

/// What an annotation says: `bind` of `primarycontactid@odata.bind`.
pub(super) fn annotation(name: &str) -> Option<String> {
    let lower = name.to_ascii_lowercase();
    let (_, last) = match lower.rsplit_once('@') {
        Some(parts) => parts,
        None if lower.contains("odata.") => ("", lower.as_str()),
        None => return None,
    };
    Some(
        last.trim()
            .strip_prefix("odata.")
            .unwrap_or(last)
            .to_owned(),
    )
}

pub(super) fn annotated(root: &str, what: &str, value: &Value, all: &mut Vec<Reach>) {
    match what {
        "bind" | "id" | "editlink" | "readlink" | "navigationlink" | "associationlink" => {
            match value {
                Value::String(text) => address(root, text, all),
                Value::Array(items) => items.iter().for_each(|item| match item {
                    Value::String(text) => address(root, text, all),
                    _ => all.push(UNCLEAR),
                }),
                Value::Null => {}
                _ => all.push(UNCLEAR),
            }
        }
        "type" => match value.as_str() {
            Some(text) => all.extend(of_type(text)),
            None => all.push(UNCLEAR),
        },
        "delta" | "removed" => all.push(UNCLEAR),
        // Beyond these Dataverse reads none, but for what it takes as text.
        _ if is_rows(value) => all.push(UNCLEAR),
        _ => {}
    }
}

/// `#Microsoft.Dynamics.CRM.account`, `#Collection(Edm.Int32)`
pub(super) fn of_type(text: &str) -> Option<Reach> {
    let text = text.trim().trim_start_matches('#');
    let text = text
        .strip_prefix("Collection(")
        .and_then(|inner| inner.strip_suffix(')'))
        .unwrap_or(text);
    match text.strip_prefix(NAMESPACE) {
        Some("expando") => None,
        Some(table) => Some(Reach::table(table)),
        None if text.starts_with("Edm.") || is_primitive(text) => None,
        None => Some(UNCLEAR),
    }
}

/// `String`, `Int32`: as OData writes the types of values.
fn is_primitive(text: &str) -> bool {
    [
        "Boolean",
        "Byte",
        "Date",
        "DateTimeOffset",
        "Decimal",
        "Double",
        "Guid",
        "Int16",
        "Int32",
        "Int64",
        "Single",
        "String",
    ]
    .contains(&text)
}

/// A row by its address: `/contacts(9f1e…)`, with the environment's own address before it or without.
pub(super) fn address(root: &str, text: &str, all: &mut Vec<Reach>) {
    if is_content_id(text) {
        // What the same change set made is listed by the request that made it.
        return;
    }
    let inside = match text.split_once("://") {
        None => Some(text),
        Some(_) => text
            .strip_prefix(root)
            .filter(|inside| inside.starts_with('/')),
    };
    let inside = inside.map(|inside| {
        let path = root.split_once("://").map_or("", |(_, rest)| rest);
        let path = path.find('/').map_or("", |at| &path[at..]);
        match inside.strip_prefix(path) {
            Some(below) if !path.is_empty() && below.starts_with('/') => below,
            _ => inside,
        }
    });
    let segments = inside
        .filter(|inside| !inside.contains(['?', '#']) && !inside.starts_with("//"))
        .and_then(address::segments);
    match segments.as_deref() {
        Some([row]) if row.key.is_some() => all.push(Reach::Rows(Place::set(&row.name))),
        _ => all.push(Reach::Beyond("names a row in a way that is not known")),
    }
}

/// `$1`
fn is_content_id(text: &str) -> bool {
    text.strip_prefix('$')
        .is_some_and(|id| !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()))
}
