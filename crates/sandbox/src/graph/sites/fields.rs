//! Values of columns as clients write them: held against the columns of the list.
//! Source: <https://learn.microsoft.com/graph/api/listitem-create>, <https://learn.microsoft.com/graph/api/resources/fieldvalueset>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::row::Context;
use super::{fault, people, row};
use crate::graph::fault::Fault;
use crate::state::sites::column::{Column, Kind};

/// Longest text of several lines.
const LONGEST_TEXT: u64 = 63_999;

/// What SharePoint itself fills in.
const READ_ONLY: [&str; 17] = [
    "id",
    "Created",
    "Modified",
    "AuthorLookupId",
    "EditorLookupId",
    "Author",
    "Editor",
    "_UIVersionString",
    "Attachments",
    "Edit",
    "LinkTitle",
    "LinkTitleNoMenu",
    "ItemChildCount",
    "FolderChildCount",
    "FileSizeDisplay",
    "DocIcon",
    "GUID",
];

/// The values of an item after a client's. `number` is that of an item that exists; a new one gets the defaults.
pub(super) fn merged(
    context: Context<'_>,
    number: Option<u32>,
    given: &Map<String, Value>,
    kept: &Map<String, Value>,
) -> Result<Map<String, Value>, Fault> {
    let list = context.2;
    let mut fields = kept.clone();
    if number.is_none() {
        for column in &list.columns {
            if let Some(value) = default_of(column) {
                fields.insert(column.name.clone(), value);
            }
        }
    }
    for (name, value) in given {
        if name.contains('@') || matches!(name.as_str(), "ContentType" | "ContentTypeId") {
            continue;
        }
        let column = writable(context, name)?;
        match read(context, column, name, value, given)? {
            Value::Null => {
                fields.shift_remove(&column.name);
            }
            value => {
                require_unique(context, number, column, &value)?;
                fields.insert(column.name.clone(), value);
            }
        }
    }
    Ok(fields)
}

fn default_of(column: &Column) -> Option<Value> {
    let value = column.default.as_ref()?.get("value")?.as_str()?;
    Some(match column.kind {
        Kind::Number | Kind::Currency => json!(value.parse::<f64>().ok()?),
        Kind::Boolean => json!(value == "1" || value.eq_ignore_ascii_case("true")),
        _ => json!(value),
    })
}

/// The column that a client may write under this name.
fn writable<'a>(context: Context<'a>, name: &str) -> Result<&'a Column, Fault> {
    let is_standard = READ_ONLY
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name));
    let mut columns = context.2.columns.iter();
    let found = columns.find(|column| column.field().eq_ignore_ascii_case(name));
    match found {
        Some(column) if column.is_read_only || column.kind == Kind::Calculated => {
            Err(read_only(name))
        }
        Some(column) => Ok(column),
        None if is_standard => Err(read_only(name)),
        // A reference is written by its number; its bare name means several of them.
        None => {
            let column = context.2.column(name);
            column
                .filter(|column| column.kind.is_reference() && column.is_multiple())
                .ok_or_else(|| fault::invalid(format!("Field '{name}' is not recognized")))
        }
    }
}

fn read_only(name: &str) -> Fault {
    fault::invalid(format!("Field '{name}' is read-only"))
}

/// A value as it is kept.
fn read(
    context: Context<'_>,
    column: &Column,
    name: &str,
    value: &Value,
    given: &Map<String, Value>,
) -> Result<Value, Fault> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    if !column.is_multiple() {
        return single(context, column, value);
    }
    let Value::Array(values) = value else {
        return Err(unfit(column, "a collection of values"));
    };
    if !given.contains_key(&format!("{name}@odata.type")) {
        return Err(fault::invalid(format!(
            "The field '{name}' holds a collection: send '{name}@odata.type' beside it."
        )));
    }
    let values: Result<Vec<Value>, Fault> = values
        .iter()
        .map(|value| single(context, column, value))
        .collect();
    values.map(Value::Array)
}

fn single(context: Context<'_>, column: &Column, value: &Value) -> Result<Value, Fault> {
    match column.kind {
        Kind::Text => text(column, value),
        Kind::Number | Kind::Currency => number(column, value),
        Kind::Choice => choice(column, value),
        Kind::DateTime => moment(column, value),
        Kind::Boolean if value.is_boolean() => Ok(value.clone()),
        Kind::Boolean => Err(unfit(column, "true or false")),
        Kind::PersonOrGroup | Kind::Lookup => reference(context, column, value),
        Kind::HyperlinkOrPicture => hyperlink(column, value),
        Kind::Calculated => Err(read_only(&column.name)),
    }
}

fn unfit(column: &Column, wanted: &str) -> Fault {
    fault::invalid(format!(
        "The value of field '{}' is not valid: it takes {wanted}.",
        column.name
    ))
}

fn text(column: &Column, value: &Value) -> Result<Value, Fault> {
    let text = value.as_str().ok_or_else(|| unfit(column, "text"))?;
    let says = |name: &str| column.facet.get(name);
    let has_lines = says("allowMultipleLines").and_then(Value::as_bool) == Some(true);
    let longest = if has_lines {
        LONGEST_TEXT
    } else {
        says("maxLength").and_then(Value::as_u64).unwrap_or(255)
    };
    if text.chars().count() as u64 > longest {
        return Err(unfit(column, &format!("at most {longest} characters")));
    }
    if !has_lines && text.contains(['\r', '\n']) {
        return Err(unfit(column, "a single line of text"));
    }
    Ok(value.clone())
}

fn number(column: &Column, value: &Value) -> Result<Value, Fault> {
    let number = value.as_f64().ok_or_else(|| unfit(column, "a number"))?;
    let bound = |name: &str| column.facet.get(name).and_then(Value::as_f64);
    let is_outside = bound("minimum").is_some_and(|least| number < least)
        || bound("maximum").is_some_and(|most| number > most);
    if is_outside {
        return Err(unfit(column, "a number within its bounds"));
    }
    Ok(value.clone())
}

fn choice(column: &Column, value: &Value) -> Result<Value, Fault> {
    let word = value.as_str().ok_or_else(|| unfit(column, "text"))?;
    let is_free = column.facet.get("allowTextEntry").and_then(Value::as_bool) == Some(true);
    let choices = column.facet.get("choices").and_then(Value::as_array);
    let is_known = choices.is_some_and(|choices| choices.iter().any(|known| known == word));
    if is_free || is_known {
        Ok(value.clone())
    } else {
        Err(unfit(column, "one of its choices"))
    }
}

fn moment(column: &Column, value: &Value) -> Result<Value, Fault> {
    let wanted = || unfit(column, "a date and time in ISO 8601");
    let text = value.as_str().ok_or_else(wanted)?;
    let instant: Timestamp = if text.len() == "2026-01-31".len() {
        format!("{text}T00:00:00Z").parse().map_err(|_| wanted())?
    } else {
        let with_zone = text.parse();
        with_zone
            .or_else(|_| format!("{text}Z").parse())
            .map_err(|_| wanted())?
    };
    let is_day = column.facet.get("format").and_then(Value::as_str) == Some("dateOnly");
    let format = if is_day {
        "%Y-%m-%dT00:00:00Z"
    } else {
        "%Y-%m-%dT%H:%M:%SZ"
    };
    Ok(json!(instant.strftime(format).to_string()))
}

fn reference(context: Context<'_>, column: &Column, value: &Value) -> Result<Value, Fault> {
    let number = value
        .as_u64()
        .or_else(|| value.as_str()?.parse().ok())
        .and_then(|number| u32::try_from(number).ok())
        .ok_or_else(|| unfit(column, "the number of what it refers to"))?;
    let (state, site, _) = context;
    let exists = if column.kind == Kind::PersonOrGroup {
        people::display_name(state, number).is_some()
    } else {
        let target = column.facet.get("listId").and_then(Value::as_str);
        let target = target.and_then(|id| site.list(id.parse().ok()?));
        target.is_some_and(|target| row::find((state, site, target), number).is_some())
    };
    if exists {
        Ok(json!(number))
    } else {
        Err(unfit(column, "the number of something that exists"))
    }
}

fn hyperlink(column: &Column, value: &Value) -> Result<Value, Fault> {
    let part = |name: &str| {
        let value = value.get(name).or_else(|| value.get(name.to_lowercase()));
        value.and_then(Value::as_str)
    };
    let url = part("Url").ok_or_else(|| unfit(column, "an object with 'Url'"))?;
    Ok(json!({"Description": part("Description").unwrap_or(url), "Url": url}))
}

fn require_unique(
    context: Context<'_>,
    number: Option<u32>,
    column: &Column,
    value: &Value,
) -> Result<(), Fault> {
    if !column.is_unique {
        return Ok(());
    }
    let rows = row::all(context);
    let mut others = rows.iter().filter(|row| Some(row.number) != number);
    if others.any(|row| row.kept.get(&column.name) == Some(value)) {
        return Err(fault::invalid(format!(
            "The list item could not be added or updated because duplicate values were found in the following field(s) in the list: [{}].",
            column.display_name
        )));
    }
    Ok(())
}
