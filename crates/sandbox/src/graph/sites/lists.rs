//! Lists: <https://learn.microsoft.com/graph/api/resources/list>

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::place::Place;
use super::{
    collection, column_body, columns, content_types, fault, items, people, permissions, render,
    schema,
};
use crate::graph::call::Call;
use crate::graph::drive;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::sites::list::{List, Template};
use crate::state::sites::site::Level;
use crate::state::sites::{self};

/// Everything at and below `lists`.
pub(super) fn dispatch(call: &Call, place: &Place, path: &[&str]) -> Result<Reply, Fault> {
    let Some((key, rest)) = path.split_first() else {
        return match call.method {
            Method::GET => all(call, place),
            Method::POST => create(call, place),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let id = find(call, place, key)?;
    below(call, place, id, rest)
}

/// A list by id or title. Whoever may not even read the site learns nothing of what is there.
fn find(call: &Call, place: &Place, key: &str) -> Result<Uuid, Fault> {
    let found = call.shared.read(|state| {
        let site = state.sites.site(place.id)?;
        site.find_list(key).map(|list| list.id)
    });
    match found {
        Some(id) => Ok(id),
        None => place.read(call, Level::Read, |_, _| Err(fault::not_found())),
    }
}

/// A list, and everything below it.
pub(super) fn below(call: &Call, place: &Place, id: Uuid, path: &[&str]) -> Result<Reply, Fault> {
    let Some((first, rest)) = path.split_first() else {
        return match call.method {
            Method::GET => get(call, place, id),
            Method::PATCH => update(call, place, id),
            Method::DELETE => delete(call, place, id),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    match name.as_str() {
        "items" => {
            super::prepare_library(call, id);
            people::number_all(call);
            items::dispatch(call, place, id, rest)
        }
        "columns" => columns::dispatch(call, place, id, rest),
        "contenttypes" => content_types::dispatch(call, place, id, rest),
        "permissions" => permissions::of_list(call, place, id, rest),
        "drive" => drive::of_list(call, place.id, id, rest),
        "operations" | "subscriptions" => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

fn all(call: &Call, place: &Place) -> Result<Reply, Fault> {
    let selection = collection::selection(&call.options.select, &schema::LIST)?;
    let (set, rows) = place.read(call, Level::Read, |_, site| {
        // SharePoint's own lists show themselves to those who ask for `system`.
        let with_system = selection.names("system");
        let lists = site
            .lists
            .iter()
            .filter(|list| with_system || !(list.is_system || list.is_hidden));
        let rows = lists.map(|list| {
            let mut row = render::list(place, site, list);
            render::add_selected_list_ids(call, place, site, list, &mut row);
            if with_system && list.is_system {
                row.insert("system".to_owned(), json!({}));
            }
            row
        });
        let set = format!("sites('{}')/lists", place.site_id(site));
        Ok((set, rows.collect::<Vec<_>>()))
    })?;
    collection::page(call, &schema::LIST, &set, rows)
}

fn get(call: &Call, place: &Place, id: Uuid) -> Result<Reply, Fault> {
    let with_items = call
        .options
        .expand
        .iter()
        .any(|wanted| wanted.path.eq_ignore_ascii_case("items"));
    if with_items {
        super::prepare_library(call, id);
        people::number_all(call);
    }
    place.read_list(call, id, Level::Read, |state, site, list| {
        let selection = collection::selection(&call.options.select, &schema::LIST)?;
        let mut entity = render::list(place, site, list);
        render::add_selected_list_ids(call, place, site, list, &mut entity);
        selection.apply(&mut entity, &[]);
        for wanted in &call.options.expand {
            let (name, value) = match wanted.path.to_ascii_lowercase().as_str() {
                "columns" => ("columns", json!(columns::all(list))),
                "contenttypes" => ("contentTypes", json!(content_types::all(list))),
                "items" => (
                    "items",
                    items::expanded(call, place, (state, site, list), &wanted.options)?,
                ),
                _ => {
                    return Err(fault::invalid(format!(
                        "Could not find a property named '{}' on type 'microsoft.graph.list'.",
                        wanted.path
                    )));
                }
            };
            entity.insert(name.to_owned(), value);
        }
        let set = format!("sites('{}')/lists", place.site_id(site));
        let context = call.context(&format!("{set}{}/$entity", selection.context_suffix()));
        Ok(Reply::json(&crate::odata::envelope::entity(
            &context, entity,
        )))
    })
}

fn create(call: &Call, place: &Place) -> Result<Reply, Fault> {
    let body = call.json()?;
    // The table of the page names the permission to write for applications, and the one to manage for people.
    let needed = if call.caller.is_application() {
        Level::Write
    } else {
        Level::Manage
    };
    let change = drive::change_of(call);
    let (id, set) = place.change(call, None, needed, |state| {
        let new = NewList::read(&body)?;
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        if site.lists.iter().any(|list| list.answers_to(&new.title)) {
            return Err(fault::name_taken(
                "The specified name is already in use. A list, survey, discussion board, or document library cannot have the same title as another list in this Web site.",
            ));
        }
        let described: Result<Vec<_>, Fault> = new
            .columns
            .iter()
            .map(|column| column_body::read(column, site))
            .collect();
        let described = described?;
        let set = format!("sites('{}')/lists", place.site_id(site));
        let id = state.ids.uuid();
        let mut list = List::new(
            id,
            &name_of(&new.title),
            &new.title,
            new.template,
            &change.author,
            change.at,
            &mut state.ids,
        );
        new.description.clone_into(&mut list.description);
        for mut column in described {
            column.id = state.ids.uuid();
            if columns::is_standard(&column.name) || list.column(&column.name).is_some() {
                return Err(fault::invalid(format!(
                    "The column name '{}' is already in use.",
                    column.name
                )));
            }
            list.columns.push(column);
        }
        sites::add_list(state, place.id, list, &change.author, change.at);
        Ok((id, set))
    })?;
    call.shared.read(|state| {
        let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
        let list = site.list(id).ok_or_else(fault::not_found)?;
        let context = call.context(&format!("{set}/$entity"));
        let entity = render::list(place, site, list);
        let reply = Reply::json(&crate::odata::envelope::entity(&context, entity));
        Ok(reply.with_status(StatusCode::CREATED))
    })
}

/// A list as a client describes it.
struct NewList {
    title: String,
    description: String,
    template: Template,
    columns: Vec<Map<String, Value>>,
}

impl NewList {
    fn read(body: &Map<String, Value>) -> Result<Self, Fault> {
        let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
        let title = match (text("displayName"), text("name")) {
            ("", name) => name,
            (title, _) => title,
        };
        if title.trim().is_empty() {
            return Err(fault::invalid("The name of the list is missing."));
        }
        let template = body.get("list").and_then(|list| list.get("template"));
        let template = match template.and_then(Value::as_str) {
            None => Template::GenericList,
            Some(name) => Template::parse(name)
                .ok_or_else(|| fault::invalid(format!("Invalid list template '{name}'.")))?,
        };
        let columns = match body.get("columns") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(columns)) => columns
                .iter()
                .filter_map(|column| column.as_object().cloned())
                .collect(),
            Some(_) => return Err(fault::invalid("The columns are not a list.")),
        };
        Ok(Self {
            title: title.to_owned(),
            description: text("description").to_owned(),
            template,
            columns,
        })
    }
}

/// A title as part of an address.
fn name_of(title: &str) -> String {
    let kept = title.chars().filter(|c| !"~\"#%&*:<>?/\\{|}.".contains(*c));
    kept.collect::<String>().trim().to_owned()
}

fn update(call: &Call, place: &Place, id: Uuid) -> Result<Reply, Fault> {
    let body = call.json()?;
    let change = drive::change_of(call);
    place.change(call, Some(id), Level::Manage, |state| {
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        let title = body.get("displayName").and_then(Value::as_str);
        let is_taken = |title: &str| {
            let mut others = site.lists.iter().filter(|list| list.id != id);
            others.any(|list| list.answers_to(title))
        };
        if title.is_some_and(is_taken) {
            return Err(fault::name_taken("The specified name is already in use."));
        }
        let list = site.list_mut(id).ok_or_else(fault::not_found)?;
        if !super::items::is_match(call, list.id, list.revision) {
            return Err(fault::modified());
        }
        if let Some(title) = title.filter(|title| !title.trim().is_empty()) {
            title.clone_into(&mut list.display_name);
        }
        if let Some(description) = body.get("description").and_then(Value::as_str) {
            description.clone_into(&mut list.description);
        }
        list.changed_by(&change.author, change.at);
        Ok(())
    })?;
    get(call, place, id)
}

fn delete(call: &Call, place: &Place, id: Uuid) -> Result<Reply, Fault> {
    place.change(call, Some(id), Level::Manage, |state| {
        let site = state
            .sites
            .site_mut(place.id)
            .ok_or_else(fault::not_found)?;
        if site.library == id || site.list(id).is_some_and(|list| list.is_system) {
            return Err(fault::access_denied());
        }
        site.lists.retain(|list| list.id != id);
        state.drives.remove(&id.to_string());
        state.sites.touch(place.id, call.now);
        Ok(Reply::no_content())
    })
}
