//! An item of a list, updated if a column says that it is there, and made if not.

use model::RemoteIds;
use serde_json::{Value, json};

use super::{json as read, part};
use crate::exchange::settled;
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Answer, Error, Result};

pub(super) async fn upsert(parts: &Parts, ready: &Ready) -> Result<(Answer, RemoteIds)> {
    let input = &ready.input;
    let (site, list) = (input.get("siteId").cloned(), input.get("listId").cloned());
    let column = input
        .get("keyColumn")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let value = input.get("keyValue").cloned().unwrap_or_default();
    let found = json!({
        "siteId": site, "listId": list, "top": 2, "filter": condition(column, &value)?,
    });
    let page = part(parts, ready, "sharepoint.items.list", found).await;
    let (page, _) = page.map_err(settled)?;
    let page = read(&page)?;
    let items = page.get("value").and_then(Value::as_array);
    let items = items.map(Vec::as_slice).unwrap_or_default();
    let mut fields = input.get("fields").cloned().unwrap_or_default();
    match items {
        [] => {
            if let Some(fields) = fields.as_object_mut() {
                fields.entry(column.to_owned()).or_insert(value);
            }
            let new = json!({ "siteId": site, "listId": list, "fields": fields });
            part(parts, ready, "sharepoint.items.create", new).await
        }
        [one] => {
            let change = json!({
                "siteId": site, "listId": list, "itemId": one.get("id"), "fields": fields,
            });
            part(parts, ready, "sharepoint.items.update", change).await
        }
        _ => Err(Error::Input {
            code: "ambiguous_key",
            field: Some("keyValue".to_owned()),
            message: format!(
                "more than one item has this value in `{column}`; nothing was written"
            ),
        }),
    }
}

/// The column's name goes into the filter as it is, and so has to be a name.
fn condition(column: &str, value: &Value) -> Result<String> {
    let is_name = !column.is_empty()
        && column
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    if !is_name {
        return Err(Error::Input {
            code: "invalid_input",
            field: Some("keyColumn".to_owned()),
            message: "`keyColumn` is the column's internal name: letters, digits and `_`"
                .to_owned(),
        });
    }
    let value = match value {
        Value::String(text) => format!("'{}'", text.replace('\'', "''")),
        other => other.to_string(),
    };
    Ok(format!("fields/{column} eq {value}"))
}
