//! Mail folders: <https://learn.microsoft.com/graph/api/resources/mailfolder>

use std::collections::BTreeMap;

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::actions::Parameters;
use super::schema::FOLDER;
use super::{Target, delta, folder_number, input, messages};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::MailAccess;
use crate::graph::reply::Reply;
use crate::graph::settings;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::state::mail::folder::Counts;
use crate::state::mail::folder::WellKnown;
use crate::state::mail::{Mailbox, item_id};

const DEFAULT_PAGE: usize = 10;

/// Everything at and below `mailFolders`.
pub(super) fn dispatch(call: &Call, target: &Target, path: &[&str]) -> Result<Reply, Fault> {
    let root = "msgfolderroot";
    let Some((id, below)) = path.split_first() else {
        return match call.method {
            Method::GET => list(call, target, root, "mailFolders"),
            Method::POST => create(call, target, root, "mailFolders"),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    match id.to_ascii_lowercase().as_str() {
        "delta" | "delta()" | "microsoft.graph.delta" | "microsoft.graph.delta()" => {
            return delta::folders(call, target);
        }
        "$count" => return count(call, target),
        _ => {}
    }
    let Some((first, below)) = below.split_first() else {
        return match call.method {
            Method::GET => get(call, target, id),
            Method::PATCH => update(call, target, id),
            Method::DELETE => delete(call, target, id),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    match (
        name.strip_prefix("microsoft.graph.").unwrap_or(&name),
        &call.method,
    ) {
        ("messages", _) => messages::dispatch(call, target, Some(id), below),
        ("childfolders", &Method::GET) if below.is_empty() => list(
            call,
            target,
            id,
            &format!("mailFolders('{id}')/childFolders"),
        ),
        ("childfolders", &Method::POST) if below.is_empty() => create(
            call,
            target,
            id,
            &format!("mailFolders('{id}')/childFolders"),
        ),
        ("childfolders", _) if !below.is_empty() => dispatch(call, target, below),
        ("move" | "copy", &Method::POST) => relocate(call, target, id, &name),
        ("permanentdelete", &Method::POST) => delete(call, target, id),
        ("messagerules", _) => settings::rules(call, target, id, below),
        ("userconfigurations", _) => Err(Fault::not_implemented(first)),
        ("childfolders" | "move" | "copy" | "permanentdelete", _) => {
            Err(Fault::method_not_allowed())
        }
        _ => Err(Fault::unknown_segment(first)),
    }
}

fn list(call: &Call, target: &Target, parent: &str, set: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    let options = &call.options;
    let selection = selection(call)?;
    let mut condition = options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &FOLDER).map_err(|error| Fault::outlook_query(&error))?;
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, &FOLDER).map_err(|error| Fault::outlook_query(&error))?;
    let hidden = options
        .custom("includeHiddenFolders")
        .is_some_and(|value| value.eq_ignore_ascii_case("true"));
    target.read(call, |mailbox| {
        let counts = mailbox.counts();
        let parent = folder_number(mailbox, parent)?;
        let visible = mailbox
            .children(parent)
            .filter(|(_, folder)| hidden || !folder.is_hidden);
        let mut rows: Vec<Value> = visible
            .map(|(number, _)| Value::Object(render(mailbox, number, &counts)))
            .collect();
        if let Some(condition) = &condition {
            rows.retain(|row| eval::matches(condition, row));
        }
        rows.sort_by(|a, b| order::compare(&keys, a, b));
        let size = options
            .top
            .or(call.prefer.max_page_size)
            .unwrap_or(DEFAULT_PAGE);
        let window = Window::new(rows.len(), options.skip.unwrap_or(0), size);
        let context = call.context(&format!(
            "{}/{set}{}",
            target.path(),
            selection.context_suffix()
        ));
        let mut value = rows[window.start..window.end].to_vec();
        for row in value.iter_mut().filter_map(Value::as_object_mut) {
            selection.apply(row, &["id"]);
        }
        let page = Page {
            context,
            count: options.count.then_some(rows.len()),
            next: call.next_link(Style::Skip, window),
            value,
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn count(call: &Call, target: &Target) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        let visible = mailbox
            .children(WellKnown::Root.number())
            .filter(|(_, folder)| !folder.is_hidden);
        Ok(Reply::count(visible.count()))
    })
}

fn get(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::ReadBasic)?;
    let selection = selection(call)?;
    target.read(call, |mailbox| {
        let number = folder_number(mailbox, id)?;
        let mut entity = render(mailbox, number, &mailbox.counts());
        selection.apply(&mut entity, &["id"]);
        Ok(Reply::json(&with_context(
            call,
            target,
            &selection.context_suffix(),
            entity,
        )))
    })
}

fn create(call: &Call, target: &Target, parent: &str, set: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let body = call.json()?;
    let name = display_name(&body)?.ok_or_else(|| Fault::missing_property("displayName"))?;
    let is_hidden = body
        .get("isHidden")
        .and_then(Value::as_bool)
        .unwrap_or_default();
    target.change(call, |mailbox, _| {
        let parent = folder_number(mailbox, parent)?;
        let number = mailbox
            .add_folder(parent, &name, is_hidden)
            .ok_or_else(Fault::folder_exists)?;
        let entity = render(mailbox, number, &BTreeMap::new());
        let location = format!(
            "{}/{}/{set}('{}')",
            call.base,
            target.path(),
            item_id::folder(mailbox.id, number)
        );
        Ok(Reply::created(
            &with_context(call, target, "", entity),
            location,
        ))
    })
}

fn update(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let name = display_name(&call.json()?)?;
    target.change(call, |mailbox, _| {
        let number = folder_number(mailbox, id)?;
        if let Some(name) = name {
            let folder = mailbox
                .folder_mut(number)
                .ok_or_else(Fault::item_not_found)?;
            folder.display_name = name;
        }
        let entity = render(mailbox, number, &mailbox.counts());
        Ok(Reply::json(&with_context(call, target, "", entity)))
    })
}

fn delete(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    target.change(call, |mailbox, _| {
        let number = folder_number(mailbox, id)?;
        refuse_standard(number)?;
        mailbox.remove_folder(number);
        Ok(Reply::no_content())
    })
}

/// `move` and `copy`: 201 with the folder at its new place.
fn relocate(call: &Call, target: &Target, id: &str, action: &str) -> Result<Reply, Fault> {
    target.require(MailAccess::Write)?;
    let body = Parameters::read(call, &["destinationid"], action)?;
    let destination = body
        .get("destinationid")
        .and_then(Value::as_str)
        .ok_or_else(|| Fault::missing_property("destinationId"))?;
    target.change(call, |mailbox, _| {
        let number = folder_number(mailbox, id)?;
        let parent = folder_number(mailbox, destination)?;
        if mailbox.is_within(parent, number) {
            return Err(Fault::bad_request(
                "A folder can't be moved or copied into itself or one of its child folders.",
            ));
        }
        let number = if action.ends_with("copy") {
            let copy = mailbox.copy_folder(number, parent, call.now);
            copy.ok_or_else(Fault::folder_exists)?
        } else {
            refuse_standard(number)?;
            let folder = mailbox.folder_mut(number);
            folder.ok_or_else(Fault::item_not_found)?.parent = parent;
            number
        };
        let entity = render(mailbox, number, &mailbox.counts());
        let location = format!(
            "{}/{}/mailFolders('{}')",
            call.base,
            target.path(),
            item_id::folder(mailbox.id, number)
        );
        Ok(Reply::created(
            &with_context(call, target, "", entity),
            location,
        ))
    })
}

fn refuse_standard(number: u32) -> Result<(), Fault> {
    let is_standard = WellKnown::ALL.iter().any(|known| known.number() == number);
    if is_standard {
        Err(Fault::standard_folder())
    } else {
        Ok(())
    }
}

/// The one property of a folder that is written, and a refusal of those that do not exist.
fn display_name(body: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let unknown = body
        .keys()
        .find(|name| !name.contains('@') && FOLDER.property(name).is_none());
    if let Some(name) = unknown {
        return Err(Fault::unknown_property(name, FOLDER.name));
    }
    match body.get("displayName") {
        None => Ok(None),
        Some(value) => {
            let name = input::text("displayName", value)?;
            if name.trim().is_empty() {
                Err(Fault::missing_property("displayName"))
            } else {
                Ok(Some(name))
            }
        }
    }
}

fn selection(call: &Call) -> Result<Selection, Fault> {
    call.expands_only(&[], &FOLDER, Fault::outlook_query)?;
    let mut select = call.options.select.clone();
    FOLDER
        .resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    Ok(Selection::new(&select))
}

fn with_context(call: &Call, target: &Target, suffix: &str, entity: Map<String, Value>) -> Value {
    let context = call.context(&format!("{}/mailFolders{suffix}/$entity", target.path()));
    envelope::entity(&context, entity)
}

pub(super) fn render(
    mailbox: &Mailbox,
    number: u32,
    counts: &BTreeMap<u32, Counts>,
) -> Map<String, Value> {
    let Some(folder) = mailbox.folder(number) else {
        return Map::new();
    };
    let held = counts.get(&number).copied().unwrap_or_default();
    let children = mailbox
        .children(number)
        .filter(|(_, child)| !child.is_hidden)
        .count();
    Map::from_iter([
        ("id".to_owned(), json!(item_id::folder(mailbox.id, number))),
        ("displayName".to_owned(), json!(folder.display_name)),
        (
            "parentFolderId".to_owned(),
            json!(item_id::folder(mailbox.id, folder.parent)),
        ),
        ("childFolderCount".to_owned(), json!(children)),
        ("unreadItemCount".to_owned(), json!(held.unread)),
        ("totalItemCount".to_owned(), json!(held.total)),
        ("isHidden".to_owned(), json!(folder.is_hidden)),
    ])
}
