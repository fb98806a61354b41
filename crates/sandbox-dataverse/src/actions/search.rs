//! `searchquery`: text over several tables.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/search/query>

use serde_json::{Value, json};

use super::answer;
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::TableId;
use crate::security::Access;

/// Tables that are indexed where the caller names none.
const USUAL: [&str; 8] = [
    "account",
    "contact",
    "lead",
    "opportunity",
    "incident",
    "task",
    "msdyn_workorder",
    "product",
];
/// Answers of a page.
const PAGE: usize = 50;

pub(super) fn query(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let text = body["search"]
        .as_str()
        .map(str::to_lowercase)
        .unwrap_or_default();
    if text.trim().is_empty() {
        return Err(Fault::bad_query("The search text may not be empty."));
    }
    let words: Vec<&str> = text
        .split_whitespace()
        .map(|word| word.trim_matches(['*', '"']))
        .collect();
    let mut hits: Vec<(usize, Value)> = Vec::new();
    for name in tables(&body) {
        let table = dataverse
            .schema
            .find(&name)
            .ok_or_else(|| Fault::unknown_table(&name))?;
        let Some(depth) = dataverse.need(&call.who, Access::Read, table).ok() else {
            continue;
        };
        for row in dataverse.store.rows(table) {
            if !dataverse.reaches(&call.who, Access::Read, depth, table, row) {
                continue;
            }
            if let Some((score, attributes)) = hit(dataverse, table, row, &words) {
                let value = json!({
                    "Id": row.id.to_string(), "EntityName": name,
                    "ObjectTypeCode": dataverse.schema.table(table).type_code,
                    "Attributes": attributes, "Highlights": {}, "Score": score,
                });
                hits.push((score, value));
            }
        }
    }
    hits.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    let count = hits.len();
    let number = |name: &str, usual: usize| {
        body[name]
            .as_u64()
            .and_then(|it| usize::try_from(it).ok())
            .unwrap_or(usual)
    };
    let page: Vec<Value> = hits
        .into_iter()
        .skip(number("skip", 0))
        .take(number("top", PAGE).min(100))
        .map(|(_, value)| value)
        .collect();
    let response =
        json!({ "Error": null, "Value": page, "Facets": {}, "QueryContext": null, "Count": count });
    Ok(answer(
        call,
        "searchqueryResponse",
        json!({ "response": response.to_string() }),
    ))
}

/// `entities` is a JSON text with names of tables.
fn tables(body: &Value) -> Vec<String> {
    let named = body["entities"]
        .as_str()
        .and_then(|text| serde_json::from_str::<Value>(text).ok());
    let list = named.as_ref().and_then(Value::as_array).map(|list| {
        let each = list.iter().filter_map(|it| {
            it["name"]
                .as_str()
                .or_else(|| it["Name"].as_str())
                .or_else(|| it.as_str())
        });
        each.map(str::to_owned).collect::<Vec<_>>()
    });
    list.unwrap_or_else(|| USUAL.map(str::to_owned).to_vec())
}

/// How well a row fits, and what of it is shown: every word begins a word of some text.
fn hit(
    dataverse: &Dataverse,
    table: TableId,
    row: &crate::store::Row,
    words: &[&str],
) -> Option<(usize, Value)> {
    let known = dataverse.schema.table(table);
    let texts: Vec<(bool, String)> = row
        .cells()
        .filter_map(|(column, cell)| match cell {
            Cell::Text(text) => Some((known.primary_name == Some(column), text.to_lowercase())),
            _ => None,
        })
        .collect();
    let mut score = 0;
    for word in words {
        let begins = |text: &str| {
            text.split(|c: char| !c.is_alphanumeric())
                .any(|it| it.starts_with(word))
        };
        let found: Vec<bool> = texts
            .iter()
            .filter(|(_, text)| begins(text))
            .map(|(is_name, _)| *is_name)
            .collect();
        if found.is_empty() {
            return None;
        }
        score += found.len() + if found.contains(&true) { 10 } else { 0 };
    }
    let name = known.primary_name.map(|id| known.column(id).name.clone());
    let shown = name.map(|name| json!({ name: dataverse.name_of(table, row.id) }));
    Some((score, shown.unwrap_or_else(|| json!({}))))
}
