//! Columns: <https://learn.microsoft.com/graph/api/resources/columndefinition>

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::{Builder, Uuid};

use super::collection::members;
use super::place::Place;
use super::{collection, column_body, fault, schema};
use crate::graph::call::Call;
use crate::graph::drive;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::sites::column::{Column, Kind};
use crate::state::sites::list::List;
use crate::state::sites::site::Level;

/// What every list shows of its own: name, title, kind, whether it may be written.
const STANDARD: [(&str, &str, Option<Kind>, bool); 9] = [
    ("ID", "ID", Some(Kind::Number), true),
    ("ContentType", "Content Type", Some(Kind::Text), false),
    ("Modified", "Modified", Some(Kind::DateTime), true),
    ("Created", "Created", Some(Kind::DateTime), true),
    ("Author", "Created By", Some(Kind::PersonOrGroup), true),
    ("Editor", "Modified By", Some(Kind::PersonOrGroup), true),
    ("_UIVersionString", "Version", Some(Kind::Text), true),
    ("Attachments", "Attachments", None, false),
    ("LinkTitle", "Title", None, true),
];
/// And a library besides.
const OF_LIBRARIES: [(&str, &str, Option<Kind>, bool); 4] = [
    ("FileLeafRef", "Name", Some(Kind::Text), false),
    ("DocIcon", "Type", None, true),
    ("FileSizeDisplay", "File Size", None, true),
    (
        "CheckoutUser",
        "Checked Out To",
        Some(Kind::PersonOrGroup),
        true,
    ),
];

/// Columns of a site itself, which are those that every list begins with.
pub(super) fn of_site(call: &Call, place: &Place, path: &[&str]) -> Result<Reply, Fault> {
    if call.method != Method::GET || !path.is_empty() {
        return Err(Fault::not_implemented("columns of a site"));
    }
    let (set, rows) = place.read(call, Level::Read, |_, site| {
        let rows = STANDARD.iter().map(|known| standard(site.id, known));
        let set = format!("sites('{}')/columns", place.site_id(site));
        Ok((set, rows.collect::<Vec<_>>()))
    })?;
    collection::page(call, &schema::COLUMN, &set, rows)
}

/// Everything at and below `columns` of a list.
pub(super) fn dispatch(
    call: &Call,
    place: &Place,
    list: Uuid,
    path: &[&str],
) -> Result<Reply, Fault> {
    match (path, &call.method) {
        ([], &Method::GET) => list_all(call, place, list),
        ([], &Method::POST) => create(call, place, list),
        ([key], &Method::GET) => get(call, place, list, key),
        ([key], &Method::PATCH) => update(call, place, list, key),
        ([key], &Method::DELETE) => delete(call, place, list, key),
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, other, ..], _) => Err(Fault::not_implemented(other)),
    }
}

/// Every column of a list as it is shown.
pub(super) fn all(list: &List) -> Vec<Map<String, Value>> {
    let own = list.columns.iter().map(render);
    let library = OF_LIBRARIES.iter().filter(|_| list.is_library());
    let standard = STANDARD
        .iter()
        .chain(library)
        .map(|known| standard(list.id, known));
    own.chain(standard).collect()
}

fn render(column: &Column) -> Map<String, Value> {
    let mut entity = members(json!({
        "columnGroup": column.group,
        "description": column.description,
        "displayName": column.display_name,
        "enforceUniqueValues": column.is_unique,
        "hidden": column.is_hidden,
        "id": column.id,
        "indexed": column.is_indexed,
        "name": column.name,
        "readOnly": column.is_read_only,
        "required": column.is_required,
        column.kind.facet(): column.facet,
    }));
    if let Some(default) = &column.default {
        entity.insert("defaultValue".to_owned(), json!(default));
    }
    entity
}

fn standard(
    owner: Uuid,
    (name, title, kind, read_only): &(&str, &str, Option<Kind>, bool),
) -> Map<String, Value> {
    let mut bytes = *owner.as_bytes();
    for (at, byte) in name.bytes().enumerate() {
        bytes[at % 16] = bytes[at % 16].wrapping_mul(31) ^ byte;
    }
    let id = Builder::from_random_bytes(bytes).into_uuid();
    let mut column = Column::new(id, name, kind.unwrap_or(Kind::Text));
    (*title).clone_into(&mut column.display_name);
    "_Hidden".clone_into(&mut column.group);
    column.is_read_only = *read_only;
    let mut entity = render(&column);
    if kind.is_none() {
        entity.remove("text");
    }
    entity
}

/// Whether every list has a column of this name already.
pub(super) fn is_standard(name: &str) -> bool {
    let mut known = STANDARD.iter().chain(&OF_LIBRARIES);
    known.any(|(standard, ..)| standard.eq_ignore_ascii_case(name))
}

fn set_of(place: &Place, site: &crate::state::sites::site::Site, list: Uuid) -> String {
    format!("sites('{}')/lists('{list}')/columns", place.site_id(site))
}

fn list_all(call: &Call, place: &Place, list: Uuid) -> Result<Reply, Fault> {
    let (set, rows) = place.read_list(call, list, Level::Read, |_, site, list| {
        Ok((set_of(place, site, list.id), all(list)))
    })?;
    collection::page(call, &schema::COLUMN, &set, rows)
}

fn get(call: &Call, place: &Place, list: Uuid, key: &str) -> Result<Reply, Fault> {
    let (set, row) = place.read_list(call, list, Level::Read, |_, site, list| {
        let found = all(list).into_iter().find(|row| {
            let is = |name: &str| {
                let value = row.get(name).and_then(Value::as_str);
                value.is_some_and(|value| value.eq_ignore_ascii_case(key))
            };
            is("id") || is("name")
        });
        let found = found.ok_or_else(fault::not_found)?;
        Ok((set_of(place, site, list.id), found))
    })?;
    collection::single(call, &schema::COLUMN, &set, row)
}

fn create(call: &Call, place: &Place, list: Uuid) -> Result<Reply, Fault> {
    let body = call.json()?;
    let change = drive::change_of(call);
    let (set, row) = place.change(call, Some(list), Level::Manage, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let set = set_of(place, site, list);
        let mut column = column_body::read(&body, site)?;
        column.id = state.ids.uuid();
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let known = site.list_mut(list).ok_or_else(fault::not_found)?;
        if is_standard(&column.name) || known.column(&column.name).is_some() {
            return Err(fault::name_taken(&format!(
                "The column name '{}' is already in use. Choose another name.",
                column.name
            )));
        }
        let row = render(&column);
        known.columns.push(column);
        known.changed_by(&change.author, change.at);
        Ok((set, row))
    })?;
    let context = call.context(&format!("{set}/$entity"));
    let reply = Reply::json(&envelope::entity(&context, row));
    Ok(reply.with_status(StatusCode::CREATED))
}

/// The place of a column of the list's own.
fn position(list: &List, key: &str) -> Result<usize, Fault> {
    let position = list.columns.iter().position(|column| {
        column.id.to_string().eq_ignore_ascii_case(key) || column.name.eq_ignore_ascii_case(key)
    });
    match position {
        Some(position) => Ok(position),
        None if all(list).iter().any(|row| {
            row.get("id").and_then(Value::as_str) == Some(key)
                || row.get("name").and_then(Value::as_str) == Some(key)
        }) =>
        {
            Err(fault::access_denied())
        }
        None => Err(fault::not_found()),
    }
}

fn update(call: &Call, place: &Place, list: Uuid, key: &str) -> Result<Reply, Fault> {
    let body = call.json()?;
    let change = drive::change_of(call);
    place.change(call, Some(list), Level::Manage, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let known = site.list(list).ok_or_else(fault::not_found)?;
        let at = position(known, key)?;
        let changed = column_body::change(&body, &known.columns[at], site)?;
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let known = site.list_mut(list).ok_or_else(fault::not_found)?;
        known.columns[at] = changed;
        known.changed_by(&change.author, change.at);
        Ok(())
    })?;
    get(call, place, list, key)
}

fn delete(call: &Call, place: &Place, list: Uuid, key: &str) -> Result<Reply, Fault> {
    let change = drive::change_of(call);
    place.change(call, Some(list), Level::Manage, |state| {
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let known = site.list_mut(list).ok_or_else(fault::not_found)?;
        let at = position(known, key)?;
        if known.columns[at].is_built_in {
            return Err(fault::access_denied());
        }
        let gone = known.columns.remove(at);
        for item in known.items.values_mut() {
            item.fields.shift_remove(&gone.name);
        }
        known.changed_by(&change.author, change.at);
        Ok(Reply::no_content())
    })
}
