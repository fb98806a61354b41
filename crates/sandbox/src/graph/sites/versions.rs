//! Versions of items: <https://learn.microsoft.com/graph/api/resources/listitemversion>

use axum::http::Method;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::collection::members;
use super::place::Place;
use super::row::{self, Context, Row};
use super::{fault, items, render};
use crate::graph::call::Call;
use crate::graph::drive::{self, time};
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::state::drive::item::{Author, Item};
use crate::state::sites::site::Level;

/// Everything at and below `versions`.
pub(super) fn dispatch(
    call: &Call,
    place: &Place,
    item: (Uuid, u32),
    path: &[&str],
) -> Result<Reply, Fault> {
    match (path, &call.method) {
        ([], &Method::GET) => all(call, place, item),
        ([id], &Method::GET) => get(call, place, item, id),
        ([id, "fields"], &Method::GET) => fields_of(call, place, item, id),
        ([id, action], &Method::POST) if is_restore(action) => restore(call, place, item, id),
        ([] | [_] | [_, "fields"], _) => Err(Fault::method_not_allowed()),
        ([_, action], _) if is_restore(action) => Err(Fault::method_not_allowed()),
        ([_, other, ..], _) => Err(Fault::unknown_segment(other)),
    }
}

fn is_restore(action: &str) -> bool {
    let action = action.to_ascii_lowercase();
    action.trim_start_matches("microsoft.graph.") == "restoreversion"
}

/// One state of an item.
struct State<'a> {
    number: u32,
    at: jiff::Timestamp,
    by: &'a Author,
    fields: &'a Map<String, Value>,
}

/// All states, the present one first.
fn states<'a>(context: Context<'a>, row: &'a Row<'a>) -> Vec<State<'a>> {
    if let Some((drive, unique)) = row.file {
        let versions = drive.item(unique).map(Item::versions);
        let versions = versions.unwrap_or_default().iter().rev();
        return versions
            .map(|version| State {
                number: version.number,
                at: version.at,
                by: &version.by,
                fields: &version.fields,
            })
            .collect();
    }
    let Some(item) = context.2.items.get(&row.number) else {
        return Vec::new();
    };
    let present = State {
        number: item.version(),
        at: item.modified,
        by: &item.modified_by,
        fields: &item.fields,
    };
    let earlier = item.earlier.iter().rev().map(|earlier| State {
        number: earlier.number,
        at: earlier.at,
        by: &earlier.by,
        fields: &earlier.fields,
    });
    std::iter::once(present).chain(earlier).collect()
}

impl State<'_> {
    fn id(&self) -> String {
        format!("{}.0", self.number)
    }

    fn entity(&self, with_fields: bool) -> Map<String, Value> {
        let mut entity = members(json!({
            "id": self.id(),
            "lastModifiedDateTime": time(self.at),
            "lastModifiedBy": render::by(self.by),
            "publication": {"level": "published", "versionId": self.id()},
        }));
        if with_fields {
            entity.insert("fields".to_owned(), json!(self.fields));
        }
        entity
    }
}

fn wants_fields(call: &Call) -> bool {
    let mut expand = call.options.expand.iter();
    expand.any(|wanted| wanted.path.eq_ignore_ascii_case("fields"))
}

fn all(call: &Call, place: &Place, (list, number): (Uuid, u32)) -> Result<Reply, Fault> {
    place.read_list(call, list, Level::Read, |state, site, list| {
        let context = (state, site, list);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        let states = states(context, &row);
        let value = states
            .iter()
            .map(|state| Value::Object(state.entity(wants_fields(call))));
        let set = format!(
            "sites('{}')/lists('{}')/items('{number}')/versions",
            place.site_id(site),
            list.id
        );
        let page = Page {
            context: call.context(&set),
            count: None,
            next: None,
            value: value.collect(),
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn get(call: &Call, place: &Place, item: (Uuid, u32), id: &str) -> Result<Reply, Fault> {
    one(call, place, item, id, |state| {
        state.entity(wants_fields(call))
    })
}

fn fields_of(call: &Call, place: &Place, item: (Uuid, u32), id: &str) -> Result<Reply, Fault> {
    one(call, place, item, id, |state| state.fields.clone())
}

fn one(
    call: &Call,
    place: &Place,
    (list, number): (Uuid, u32),
    id: &str,
    shown: impl FnOnce(&State<'_>) -> Map<String, Value>,
) -> Result<Reply, Fault> {
    place.read_list(call, list, Level::Read, |state, site, list| {
        let context = (state, site, list);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        let states = states(context, &row);
        let found = states.iter().find(|state| state.id() == id);
        let entity = shown(found.ok_or_else(fault::not_found)?);
        let context = call.context("microsoft.graph.listItemVersion");
        Ok(Reply::json(&envelope::entity(&context, entity)))
    })
}

fn restore(
    call: &Call,
    place: &Place,
    (list, number): (Uuid, u32),
    id: &str,
) -> Result<Reply, Fault> {
    let change = drive::change_of(call);
    place.change(call, Some(list), Level::Write, |state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let known = site.list(list).ok_or_else(fault::not_found)?;
        let context = (&*state, site, known);
        let row = row::find(context, number).ok_or_else(fault::not_found)?;
        let states = states(context, &row);
        let found = states.iter().find(|state| state.id() == id);
        let fields = found.ok_or_else(fault::not_found)?.fields.clone();
        drop(states);
        drop(row);
        items::put(state, place.id, (list, number), fields, &change)?;
        Ok(Reply::no_content())
    })
}
