//! Content types: <https://learn.microsoft.com/graph/api/list-list-contenttypes>

use axum::http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::collection::members;
use super::place::Place;
use super::{collection, fault, schema};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::sites::list::{ContentType, List};
use crate::state::sites::site::Level;

/// What every site has: id, name, description, parent.
const OF_SITES: [(&str, &str, &str, &str); 5] = [
    ("0x01", "Item", "Create a new list item.", "0x"),
    ("0x0101", "Document", "Create a new document.", "0x01"),
    (
        "0x0102",
        "Event",
        "Create a new meeting, deadline or other event.",
        "0x01",
    ),
    (
        "0x0108",
        "Task",
        "Track a work item that you or your team needs to complete.",
        "0x01",
    ),
    ("0x0120", "Folder", "Create a new folder.", "0x01"),
];

/// `contentTypes` of a site.
pub(super) fn of_site(call: &Call, place: &Place, path: &[&str]) -> Result<Reply, Fault> {
    let (set, rows) = place.read(call, Level::Read, |_, site| {
        let rows = OF_SITES.iter().map(|(id, name, description, parent)| {
            let known = ContentType {
                id: (*id).to_owned(),
                name: (*name).to_owned(),
                description: (*description).to_owned(),
                parent_id: (*parent).to_owned(),
            };
            let mut row = render(&known);
            row.insert("isBuiltIn".to_owned(), json!(true));
            row
        });
        let set = format!("sites('{}')/contentTypes", place.site_id(site));
        Ok((set, rows.collect::<Vec<_>>()))
    })?;
    answer(call, &set, rows, path)
}

/// `contentTypes` of a list.
pub(super) fn dispatch(
    call: &Call,
    place: &Place,
    list: Uuid,
    path: &[&str],
) -> Result<Reply, Fault> {
    let (set, rows) = place.read_list(call, list, Level::Read, |_, site, list| {
        let set = format!(
            "sites('{}')/lists('{}')/contentTypes",
            place.site_id(site),
            list.id
        );
        Ok((set, all(list)))
    })?;
    answer(call, &set, rows, path)
}

fn answer(
    call: &Call,
    set: &str,
    rows: Vec<Map<String, Value>>,
    path: &[&str],
) -> Result<Reply, Fault> {
    match (path, &call.method) {
        ([], &Method::GET) => collection::page(call, &schema::CONTENT_TYPE, set, rows),
        ([id], &Method::GET) => {
            let mut rows = rows.into_iter();
            let row = rows.find(|row| row.get("id").and_then(Value::as_str) == Some(id));
            let row = row.ok_or_else(fault::not_found)?;
            collection::single(call, &schema::CONTENT_TYPE, set, row)
        }
        _ => Err(Fault::not_implemented("changing content types")),
    }
}

/// The content types of a list as they are shown.
pub(super) fn all(list: &List) -> Vec<Map<String, Value>> {
    let types = list.content_types.iter().enumerate();
    types
        .map(|(at, known)| {
            let mut row = render(known);
            row.insert(
                "order".to_owned(),
                json!({"default": at == 0, "position": at}),
            );
            row
        })
        .collect()
}

fn render(known: &ContentType) -> Map<String, Value> {
    let is_folder = known.id.starts_with("0x0120");
    let group = if is_folder {
        "Folder Content Types"
    } else if known.id.starts_with("0x0101") {
        "Document Content Types"
    } else {
        "List Content Types"
    };
    members(json!({
        "description": known.description,
        "group": group,
        "hidden": false,
        "id": known.id,
        "name": known.name,
        "parentId": known.parent_id,
        "readOnly": false,
        "sealed": is_folder,
    }))
}
