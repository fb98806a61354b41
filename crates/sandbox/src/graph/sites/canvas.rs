//! What is on a page: sections, columns, web parts. <https://learn.microsoft.com/graph/api/resources/canvaslayout>

use serde_json::{Map, Value, json};

use super::fault;
use crate::graph::fault::Fault;
use crate::state::ids::Ids;
use crate::state::sites::page::Page;

const LAYOUTS: [&str; 6] = [
    "oneColumn",
    "twoColumns",
    "threeColumns",
    "oneThirdLeftColumn",
    "oneThirdRightColumn",
    "fullWidth",
];

/// A layout as a client wrote it, each part with an id.
pub(super) fn read(layout: &Value, ids: &mut Ids) -> Result<Value, Fault> {
    let mut canvas = Map::new();
    let sections = layout.get("horizontalSections").and_then(Value::as_array);
    let sections: Result<Vec<Value>, Fault> = (1..)
        .zip(sections.into_iter().flatten())
        .map(|(number, section)| horizontal(number, section, ids))
        .collect();
    canvas.insert("horizontalSections".to_owned(), Value::Array(sections?));
    if let Some(vertical) = layout
        .get("verticalSection")
        .filter(|part| part.is_object())
    {
        canvas.insert(
            "verticalSection".to_owned(),
            json!({
                "id": "1",
                "emphasis": vertical.get("emphasis").cloned().unwrap_or_else(|| json!("none")),
                "webparts": parts(vertical, ids)?,
            }),
        );
    }
    Ok(Value::Object(canvas))
}

fn horizontal(number: u32, section: &Value, ids: &mut Ids) -> Result<Value, Fault> {
    let layout = section.get("layout").and_then(Value::as_str);
    let layout = layout.unwrap_or("oneColumn");
    if !LAYOUTS.contains(&layout) {
        return Err(fault::invalid(format!(
            "The layout '{layout}' of a section is not valid."
        )));
    }
    let columns = section.get("columns").and_then(Value::as_array);
    let columns: Result<Vec<Value>, Fault> = (1..)
        .zip(columns.into_iter().flatten())
        .map(|(place, column): (u32, &Value)| {
            Ok(json!({
                "id": place.to_string(),
                "width": column.get("width").and_then(Value::as_u64).unwrap_or(12),
                "webparts": parts(column, ids)?,
            }))
        })
        .collect();
    Ok(json!({
        "id": number.to_string(),
        "layout": layout,
        "emphasis": section.get("emphasis").cloned().unwrap_or_else(|| json!("none")),
        "columns": columns?,
    }))
}

fn parts(holder: &Value, ids: &mut Ids) -> Result<Vec<Value>, Fault> {
    let parts = holder.get("webparts").and_then(Value::as_array);
    parts
        .into_iter()
        .flatten()
        .map(|part| {
            let kind = part.get("@odata.type").and_then(Value::as_str);
            let kind = match (kind, part.get("innerHtml"), part.get("webPartType")) {
                (Some(kind), ..) => kind,
                (None, Some(_), _) => "#microsoft.graph.textWebPart",
                (None, None, Some(_)) => "#microsoft.graph.standardWebPart",
                (None, None, None) => {
                    return Err(fault::invalid("The type of a web part is missing."));
                }
            };
            let mut made = part.as_object().cloned().unwrap_or_default();
            made.insert("@odata.type".to_owned(), json!(kind));
            made.entry("id").or_insert_with(|| json!(ids.uuid()));
            Ok(Value::Object(made))
        })
        .collect()
}

/// Every web part of a page, in the order in which it is read.
pub(super) fn web_parts(page: &Page) -> Vec<Value> {
    let Some(canvas) = &page.canvas else {
        return Vec::new();
    };
    let list = |holder: &Value, name: &str| {
        let list = holder.get(name).and_then(Value::as_array);
        list.cloned().unwrap_or_default()
    };
    let mut found = Vec::new();
    for section in list(canvas, "horizontalSections") {
        for column in list(&section, "columns") {
            found.extend(list(&column, "webparts"));
        }
    }
    if let Some(vertical) = canvas.get("verticalSection") {
        found.extend(list(vertical, "webparts"));
    }
    found
}
