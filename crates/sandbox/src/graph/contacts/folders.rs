//! Folders of contacts: <https://learn.microsoft.com/graph/api/resources/contactfolder>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::schema::FOLDER;
use super::{folder_number, items, require};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Target, input};
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::paging::{Style, Window};
use crate::odata::project::Selection;
use crate::state::contacts::{ContactFolder, DEFAULT};
use crate::state::mail::{Mailbox, item_id};

const DEFAULT_PAGE: usize = 10;

/// Everything at and below `contactFolders`.
pub(super) fn dispatch(call: &Call, target: &Target, path: &[&str]) -> Result<Reply, Fault> {
    require(target, call.method != Method::GET)?;
    let Some((id, below)) = path.split_first() else {
        return of_parent(call, target, None);
    };
    if id.to_ascii_lowercase().starts_with("delta") {
        return Err(Fault::not_implemented("contactFolders/delta"));
    }
    match below.split_first() {
        None => one(call, target, id),
        Some((name, rest)) if name.eq_ignore_ascii_case("contacts") => {
            items::dispatch(call, target, Some(id), rest)
        }
        Some((name, [])) if name.eq_ignore_ascii_case("childFolders") => {
            of_parent(call, target, Some(id))
        }
        Some((name, rest)) if name.eq_ignore_ascii_case("childFolders") => {
            dispatch(call, target, rest)
        }
        Some((segment, _)) => Err(Fault::unknown_segment(segment)),
    }
}

fn selection(call: &Call) -> Result<Selection, Fault> {
    let mut select = call.options.select.clone();
    FOLDER
        .resolve_select(&mut select)
        .map_err(|error| Fault::outlook_query(&error))?;
    Ok(Selection::new(&select))
}

fn of_parent(call: &Call, target: &Target, parent: Option<&str>) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => list(call, target, parent),
        Method::POST => create(call, target, parent),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn list(call: &Call, target: &Target, parent: Option<&str>) -> Result<Reply, Fault> {
    let selection = selection(call)?;
    let mut condition = call.options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, &FOLDER).map_err(|error| Fault::outlook_query(&error))?;
    }
    target.read(call, |mailbox| {
        let number = folder_number(mailbox, parent)?;
        let inside = mailbox.contact_folders_in(number);
        let mut rows: Vec<Value> = inside
            .map(|(number, folder)| Value::Object(render(mailbox, number, folder)))
            .collect();
        rows.retain(|row| {
            condition
                .as_ref()
                .is_none_or(|condition| eval::matches(condition, row))
        });
        let size = call
            .options
            .top
            .or(call.prefer.max_page_size)
            .unwrap_or(DEFAULT_PAGE);
        let window = Window::new(rows.len(), call.options.skip.unwrap_or(0), size);
        let mut value = rows[window.start..window.end].to_vec();
        for row in value.iter_mut().filter_map(Value::as_object_mut) {
            selection.apply(row, &["id"]);
        }
        let set = parent.map_or_else(
            || "contactFolders".to_owned(),
            |id| format!("contactFolders('{id}')/childFolders"),
        );
        let page = Page {
            context: call.context(&format!(
                "{}/{set}{}",
                target.path(),
                selection.context_suffix()
            )),
            count: call.options.count.then_some(rows.len()),
            next: call.next_link(Style::Skip, window),
            value,
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn create(call: &Call, target: &Target, parent: Option<&str>) -> Result<Reply, Fault> {
    let name =
        display_name(&call.json()?)?.ok_or_else(|| Fault::missing_property("displayName"))?;
    target.change(call, |mailbox, _| {
        let folder = ContactFolder {
            parent: folder_number(mailbox, parent)?,
            display_name: name,
        };
        let number = mailbox
            .keep_contact_folder(None, folder)
            .ok_or_else(Fault::folder_exists)?;
        let location = format!(
            "{}/{}/contactFolders('{}')",
            call.base,
            target.path(),
            item_id::folder(mailbox.id, number)
        );
        Ok(Reply::created(
            &whole(call, target, mailbox, number, "")?,
            location,
        ))
    })
}

fn one(call: &Call, target: &Target, id: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            let selection = selection(call)?;
            target.read(call, |mailbox| {
                let number = folder_number(mailbox, Some(id))?;
                let mut entity = whole(call, target, mailbox, number, &selection.context_suffix())?;
                if let Some(entity) = entity.as_object_mut() {
                    selection.apply(entity, &["id"]);
                }
                Ok(Reply::json(&entity))
            })
        }
        Method::PATCH => {
            let name = display_name(&call.json()?)?;
            target.change(call, |mailbox, _| {
                let number = folder_number(mailbox, Some(id))?;
                if let Some(display_name) = name {
                    let folder = mailbox
                        .contact_folder(number)
                        .ok_or_else(Fault::item_not_found)?;
                    let folder = ContactFolder {
                        display_name,
                        ..folder
                    };
                    mailbox
                        .keep_contact_folder(Some(number), folder)
                        .ok_or_else(Fault::folder_exists)?;
                }
                Ok(Reply::json(&whole(call, target, mailbox, number, "")?))
            })
        }
        Method::DELETE => target.change(call, |mailbox, _| {
            let number = folder_number(mailbox, Some(id))?;
            if number == DEFAULT {
                return Err(Fault::standard_folder());
            }
            mailbox.remove_contact_folder(number);
            Ok(Reply::no_content())
        }),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn display_name(body: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let mut names = body.keys().filter(|name| !name.contains('@'));
    if let Some(name) = names.find(|name| FOLDER.property(name).is_none()) {
        return Err(Fault::unknown_property(name, FOLDER.name));
    }
    let name = body
        .get("displayName")
        .map(|value| input::text("displayName", value))
        .transpose()?;
    match name {
        Some(name) if name.trim().is_empty() => Err(Fault::missing_property("displayName")),
        name => Ok(name),
    }
}

fn whole(
    call: &Call,
    target: &Target,
    mailbox: &Mailbox,
    number: u32,
    suffix: &str,
) -> Result<Value, Fault> {
    let folder = mailbox
        .contact_folder(number)
        .ok_or_else(Fault::item_not_found)?;
    let context = call.context(&format!("{}/contactFolders{suffix}/$entity", target.path()));
    Ok(envelope::entity(&context, render(mailbox, number, &folder)))
}

fn render(mailbox: &Mailbox, number: u32, folder: &ContactFolder) -> Map<String, Value> {
    Map::from_iter([
        ("id".to_owned(), json!(item_id::folder(mailbox.id, number))),
        (
            "parentFolderId".to_owned(),
            json!(item_id::folder(mailbox.id, folder.parent)),
        ),
        ("displayName".to_owned(), json!(folder.display_name)),
    ])
}
