//! Items made, changed and deleted. <https://learn.microsoft.com/graph/api/listitem-create>

use axum::http::StatusCode;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::{fields_reply, get, is_match};
use crate::graph::call::Call;
use crate::graph::drive;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::sites::place::Place;
use crate::graph::sites::{fault, fields, row};
use crate::odata::envelope;
use crate::state::State;
use crate::state::drive::tree::Change;
use crate::state::sites::item::ListItem;
use crate::state::sites::list::{List, Template};
use crate::state::sites::site::Level;

pub(super) fn create(call: &Call, place: &Place, list: Uuid) -> Result<Reply, Fault> {
    let body = call.json()?;
    let given = match body.get("fields") {
        None | Some(Value::Null) => Map::new(),
        Some(Value::Object(fields)) => fields.clone(),
        Some(_) => return Err(fault::invalid("The fields are not an object.")),
    };
    let change = drive::change_of(call);
    let number = place.change(call, Some(list), Level::Write, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let known = site.list(list).ok_or_else(fault::not_found)?;
        match known.template {
            Template::DocumentLibrary => {
                return Err(fault::invalid(
                    "Items of a document library are made by uploading a file or creating a folder in its drive.",
                ));
            }
            Template::UserInformation => return Err(fault::access_denied()),
            _ => {}
        }
        let fields = fields::merged((&*state, site, known), None, &given, &Map::new())?;
        let content_type = content_type(&body, &given, known)?;
        let unique = state.ids.uuid();
        let item = ListItem::new(unique, content_type, fields, &change);
        let site = state.sites.site_mut(place.id).ok_or_else(fault::not_found)?;
        let known = site.list_mut(list).ok_or_else(fault::not_found)?;
        Ok(known.add(item))
    })?;
    place.read_list(call, list, Level::Write, |state, site, list| {
        let context = (state, site, list);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        let mut entity = row.entity(place, context, false);
        entity.insert("fields".to_owned(), Value::Object(row.fields(context, &[])));
        let set = format!(
            "sites('{}')/lists('{}')/items",
            place.site_id(site),
            list.id
        );
        let context = call.context(&format!("{set}/$entity"));
        let reply = Reply::json(&envelope::entity(&context, entity));
        Ok(reply.with_status(StatusCode::CREATED))
    })
}

/// The id of the content type that a new item asks for, or the first of its list.
fn content_type(
    body: &Map<String, Value>,
    given: &Map<String, Value>,
    list: &List,
) -> Result<String, Fault> {
    let facet = body.get("contentType");
    let wanted = facet
        .and_then(|facet| facet.get("id").or_else(|| facet.get("name")))
        .or_else(|| given.get("ContentType"))
        .or_else(|| given.get("ContentTypeId"))
        .and_then(Value::as_str);
    let mut types = list.content_types.iter();
    let found = match wanted {
        None => types.next(),
        Some(wanted) => types.find(|known| known.id == wanted || known.name == wanted),
    };
    found
        .map(|known| known.id.clone())
        .ok_or_else(|| fault::invalid("The content type does not exist in the list."))
}

pub(super) fn update(call: &Call, place: &Place, list: Uuid, number: u32) -> Result<Reply, Fault> {
    let body = call.json()?;
    if let Some(Value::Object(given)) = body.get("fields") {
        set(call, place, (list, number), given)?;
    }
    get(call, place, list, number)
}

pub(super) fn update_fields(
    call: &Call,
    place: &Place,
    list: Uuid,
    number: u32,
) -> Result<Reply, Fault> {
    let given = call.json()?;
    set(call, place, (list, number), &given)?;
    place.read_list(call, list, Level::Write, |state, site, list| {
        let context = (state, site, list);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        Ok(fields_reply(call, place, context, &row))
    })
}

fn set(
    call: &Call,
    place: &Place,
    (list, number): (Uuid, u32),
    given: &Map<String, Value>,
) -> Result<(), Fault> {
    let change = drive::change_of(call);
    place.change(call, Some(list), Level::Write, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let known = site.list(list).ok_or_else(fault::not_found)?;
        let context = (&*state, site, known);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        if known.template == Template::UserInformation {
            return Err(fault::access_denied());
        }
        if !is_match(call, row.unique, row.revision) {
            return Err(fault::modified());
        }
        let fields = fields::merged(context, Some(number), given, &row.kept)?;
        put(state, place.id, (list, number), fields, &change)
    })
}

/// Gives an item other values, wherever it is kept.
pub(in crate::graph::sites) fn put(
    state: &mut State,
    site: Uuid,
    (list, number): (Uuid, u32),
    fields: Map<String, Value>,
    change: &Change,
) -> Result<(), Fault> {
    if let Some((drive, _)) = state.drives.of_mut(&list.to_string()) {
        let unique = drive.by_number(number).ok_or_else(fault::not_found)?;
        drive.set_fields(unique, fields, change);
        return Ok(());
    }
    let site = state.sites.site_mut(site).ok_or_else(fault::not_found)?;
    let list = site.list_mut(list).ok_or_else(fault::not_found)?;
    list.changes += 1;
    let changes = list.changes;
    let item = list.items.get_mut(&number).ok_or_else(fault::not_found)?;
    item.set(fields, change, changes);
    Ok(())
}

pub(super) fn delete(call: &Call, place: &Place, list: Uuid, number: u32) -> Result<Reply, Fault> {
    place.change(call, Some(list), Level::Write, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let known = site.list(list).ok_or_else(fault::not_found)?;
        let row = row::find((&*state, site, known), number).ok_or_else(fault::not_found)?;
        if !is_match(call, row.unique, row.revision) {
            return Err(fault::modified());
        }
        let unique = row.unique;
        if let Some((drive, _)) = state.drives.of_mut(&list.to_string()) {
            drive.remove(unique, call.now);
            return Ok(Reply::no_content());
        }
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let known = site.list_mut(list).ok_or_else(fault::not_found)?;
        if !known.remove(number) {
            return Err(fault::access_denied());
        }
        Ok(Reply::no_content())
    })
}
