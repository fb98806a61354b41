//! Columns as clients describe them: <https://learn.microsoft.com/graph/api/list-post-columns>

use serde_json::{Map, Value};
use uuid::Uuid;

use super::fault;
use crate::graph::fault::Fault;
use crate::state::sites::column::{Column, Kind, default_facet};
use crate::state::sites::site::Site;

/// Facets that Microsoft has and the sandbox has not.
const OTHER_FACETS: [&str; 4] = ["term", "thumbnail", "geolocation", "contentApprovalStatus"];
/// What may not be set, and is left out without a word when it is sent back.
const IGNORED: [&str; 7] = [
    "id",
    "type",
    "isDeletable",
    "isReorderable",
    "isSealed",
    "propagateChanges",
    "validation",
];

/// A new column; its id is still to be given.
pub(super) fn read(body: &Map<String, Value>, site: &Site) -> Result<Column, Fault> {
    let name = body.get("name").or_else(|| body.get("displayName"));
    let name = name.and_then(Value::as_str).unwrap_or_default().trim();
    if name.is_empty() {
        return Err(fault::invalid("The name of the column is missing."));
    }
    let kind = kind_of(body)?.ok_or_else(|| {
        fault::invalid("The type of the column is missing: one of text, number, choice, dateTime, boolean, personOrGroup, lookup, currency, hyperlinkOrPicture or calculated.")
    })?;
    let column = Column::new(Uuid::nil(), &internal(name), kind);
    let mut column = change(body, &column, site)?;
    if body.get("displayName").is_none() {
        name.clone_into(&mut column.display_name);
    }
    Ok(column)
}

/// A column with what a client wants otherwise.
pub(super) fn change(
    body: &Map<String, Value>,
    column: &Column,
    site: &Site,
) -> Result<Column, Fault> {
    let mut column = column.clone();
    if kind_of(body)?.is_some_and(|kind| kind != column.kind) {
        return Err(fault::invalid("The type of a column cannot be changed."));
    }
    for (name, value) in body {
        let text = || value.as_str().map(str::to_owned);
        let flag = || {
            let flag = value.as_bool();
            flag.ok_or_else(|| fault::invalid(format!("The value of '{name}' is not valid.")))
        };
        match name.as_str() {
            "name" => {}
            "displayName" => column.display_name = text().unwrap_or(column.display_name),
            "description" => column.description = text().unwrap_or_default(),
            "columnGroup" => column.group = text().unwrap_or(column.group),
            "required" => column.is_required = flag()?,
            "indexed" => column.is_indexed = flag()?,
            "hidden" => column.is_hidden = flag()?,
            "readOnly" => column.is_read_only = flag()? || column.kind == Kind::Calculated,
            "enforceUniqueValues" => column.is_unique = flag()?,
            "defaultValue" => column.default = value.as_object().cloned(),
            name if name == column.kind.facet() => set_facet(&mut column, value, site)?,
            name if name.starts_with('@') || IGNORED.contains(&name) => {}
            name => {
                return Err(Fault::unknown_property(
                    name,
                    "microsoft.graph.columnDefinition",
                ));
            }
        }
    }
    // SharePoint looks for doubles with an index.
    column.is_indexed |= column.is_unique;
    Ok(column)
}

/// The kind that the body's facet says; more than one facet is a contradiction.
fn kind_of(body: &Map<String, Value>) -> Result<Option<Kind>, Fault> {
    if let Some(other) = OTHER_FACETS.iter().find(|facet| body.contains_key(**facet)) {
        return Err(Fault::not_implemented(&format!("columns of type {other}")));
    }
    let mut kinds = body
        .iter()
        .filter(|(_, value)| value.is_object())
        .filter_map(|(name, _)| Kind::parse(name));
    let first = kinds.next();
    if kinds.next().is_some() {
        return Err(fault::invalid("A column has exactly one type."));
    }
    Ok(first)
}

fn set_facet(column: &mut Column, value: &Value, site: &Site) -> Result<(), Fault> {
    let given = value
        .as_object()
        .ok_or_else(|| fault::invalid("The type of the column is not an object."))?;
    let known = default_facet(column.kind);
    let optional: &[&str] = match column.kind {
        Kind::Text => &["textType"],
        Kind::Number => &["minimum", "maximum"],
        Kind::Lookup => &["listId", "primaryLookupColumnId"],
        Kind::Calculated => &["formula", "format"],
        _ => &[],
    };
    for (name, value) in given {
        if name.starts_with('@') {
            continue;
        }
        if !known.contains_key(name) && !optional.contains(&name.as_str()) {
            let kind = column.kind.facet();
            return Err(Fault::unknown_property(
                name,
                &format!("microsoft.graph.{kind}Column"),
            ));
        }
        column.facet.insert(name.clone(), value.clone());
    }
    match column.kind {
        Kind::Lookup => {
            let target = column.facet.get("listId").and_then(Value::as_str);
            let target = target.and_then(|id| site.find_list(id));
            let target = target
                .ok_or_else(|| fault::invalid("The list of a lookup column does not exist."))?;
            let id = Value::String(target.id.to_string());
            column.facet.insert("listId".to_owned(), id);
            Ok(())
        }
        Kind::Calculated if column.facet.get("formula").is_none_or(Value::is_null) => Err(
            fault::invalid("The formula of a calculated column is missing."),
        ),
        Kind::Choice if !column.facet.get("choices").is_some_and(Value::is_array) => {
            Err(fault::invalid("The choices of a column are a list."))
        }
        _ => Ok(()),
    }
}

/// The internal name that SharePoint makes of a title.
fn internal(name: &str) -> String {
    let mut made = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            made.push(c);
        } else {
            let code = format!("_x{:04x}_", u32::from(c));
            made.push_str(&code);
        }
    }
    made.chars().take(32).collect()
}
