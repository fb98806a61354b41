//! One item: shown, made, renamed, moved, deleted; and what is handed on.

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value};
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::render::{View, c_tag, e_tag};
use super::{
    Target, change_of, checkout, content, copy, delta, fault, list, list_items, names, permissions,
    preview, search, thumbnails, upload, versions,
};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::sites;
use crate::odata::envelope;
use crate::state::drive::item::ItemTimes;
use crate::state::drive::tree::{Conflict, Drive};

/// What the sandbox knows of below an item and does not answer.
const UNIMPLEMENTED: [&str; 12] = [
    "activities",
    "analytics",
    "assignsensitivitylabel",
    "createdbyuser",
    "extractsensitivitylabels",
    "follow",
    "lastmodifiedbyuser",
    "retentionlabel",
    "subscriptions",
    "unfollow",
    "validatepermission",
    "workbook",
];

/// Everything at and below an item.
pub(super) fn dispatch(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let below: Vec<&str> = address.below.iter().map(String::as_str).collect();
    let Some((first, rest)) = below.split_first() else {
        return match call.method {
            Method::GET => get(call, target, address),
            Method::PATCH => update(call, target, address),
            Method::DELETE => delete(call, target, address),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    match (name, &call.method) {
        ("permissions", _) => return permissions::dispatch(call, target, address, rest),
        ("versions", _) => return versions::dispatch(call, target, address, rest),
        ("listitem", _) => return list_item(call, target, address, rest),
        ("thumbnails", _) => return thumbnails::dispatch(call, target, address, rest),
        _ if !rest.is_empty() => return Err(Fault::unknown_segment(rest[0])),
        _ => {}
    }
    match (name, &call.method) {
        ("children", &Method::GET) => list::children(call, target, address),
        ("children", &Method::POST) => create_folder(call, target, address),
        ("content", &Method::GET) => content::download(call, target, address),
        ("content", &Method::PUT) => content::upload(call, target, address),
        ("createuploadsession", &Method::POST) => upload::create(call, target, address),
        ("copy", &Method::POST) => copy::copy(call, target, address),
        ("createlink", &Method::POST) => permissions::create_link(call, target, address),
        ("invite", &Method::POST) => permissions::invite(call, target, address),
        ("permanentdelete", &Method::POST) => delete(call, target, address),
        ("checkout", &Method::POST) => checkout::out(call, target, address),
        ("checkin", &Method::POST) => checkout::back_in(call, target, address),
        ("discardcheckout", &Method::POST) => checkout::discard(call, target, address),
        ("preview", &Method::POST) => preview::preview(call, target, address),
        // Only drives of personal accounts give back what was deleted.
        ("restore", &Method::POST) => Err(fault::not_supported()),
        ("delta", _) => delta::delta(call, target, address, first),
        (name, _) if name.starts_with("delta(") => delta::delta(call, target, address, first),
        (name, _) if name.starts_with("search(") => search::search(call, target, address, first),
        (
            "children"
            | "content"
            | "createuploadsession"
            | "copy"
            | "createlink"
            | "invite"
            | "permanentdelete"
            | "checkout"
            | "checkin"
            | "discardcheckout"
            | "preview"
            | "restore",
            _,
        ) => Err(Fault::method_not_allowed()),
        (name, _) if UNIMPLEMENTED.contains(&name) => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// The item of its list that a file or folder is.
fn list_item(
    call: &Call,
    target: &Target,
    address: &Address,
    rest: &[&str],
) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Read)?;
    let (holder, number) = target.read(call, |drive| {
        let unique = address.find(drive).ok_or_else(fault::not_found)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        Ok((drive.holder.clone(), item.number.to_string()))
    })?;
    let below: Vec<&str> = ["items", number.as_str()]
        .into_iter()
        .chain(rest.iter().copied())
        .collect();
    sites::of_drive(call, &holder, &below)
}

fn get(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let view = View::of(call, target)?;
    let found = target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        if is_known_to_client(call, drive, unique) {
            return Ok(None);
        }
        entity(call, &view, drive, unique).map(Some)
    })?;
    let Some(entity) = found else {
        return Ok(Reply::empty(StatusCode::NOT_MODIFIED));
    };
    let mut entity = [entity];
    list_items::add(call, target, &mut entity)?;
    Ok(Reply::json(&entity[0]))
}

/// The item under its context.
fn entity(call: &Call, view: &View<'_>, drive: &Drive, unique: Uuid) -> Result<Value, Fault> {
    let suffix = view.selection.context_suffix();
    let context = call.context(&format!("drives('{}')/items{suffix}/$entity", drive.id));
    Ok(envelope::entity(&context, view.item(drive, unique)?))
}

/// 200 with the item under its context.
pub(super) fn shown(
    call: &Call,
    view: &View<'_>,
    drive: &Drive,
    unique: Uuid,
) -> Result<Reply, Fault> {
    Ok(Reply::json(&entity(call, view, drive, unique)?))
}

/// 201 with the new item.
pub(super) fn created(
    call: &Call,
    target: &Target,
    drive: &Drive,
    unique: Uuid,
) -> Result<Reply, Fault> {
    let reply = shown(call, &View::whole(call, target), drive, unique)?;
    Ok(reply.with_status(StatusCode::CREATED))
}

/// 412 when `If-Match` names another state of the item than the present one.
pub(super) fn require_match(call: &Call, drive: &Drive, unique: Uuid) -> Result<(), Fault> {
    match call.header("if-match") {
        Some(tags) if !names_present(tags, drive, unique) => Err(fault::modified()),
        _ => Ok(()),
    }
}

fn is_known_to_client(call: &Call, drive: &Drive, unique: Uuid) -> bool {
    call.header("if-none-match")
        .is_some_and(|tags| names_present(tags, drive, unique))
}

fn names_present(tags: &str, drive: &Drive, unique: Uuid) -> bool {
    let Some(item) = drive.item(unique) else {
        return false;
    };
    let bare = |tag: &str| {
        tag.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .to_owned()
    };
    let given = bare(tags);
    given == "*" || given == bare(&e_tag(unique, item)) || given == bare(&c_tag(unique, item))
}

fn create_folder(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let body = call.json()?;
    let name = text(&body, "name")?.ok_or_else(fault::bad_name)?;
    names::check(&name)?;
    if !body.get("folder").is_some_and(Value::is_object) {
        return Err(fault::invalid_request(
            "Cannot create an item without content or a folder facet.",
        ));
    }
    let conflict = conflict(call, &body)?.unwrap_or(Conflict::Fail);
    let (times, description) = (times(&body)?, text(&body, "description")?);
    let change = change_of(call);
    target.change(call, |drive, _, ids| {
        let parent = target.item(call, drive, address, Access::Write)?;
        if drive.item(parent).is_some_and(|item| !item.is_folder()) {
            return Err(fault::invalid_request(
                "The parent of an item has to be a folder.",
            ));
        }
        let folder = drive
            .add_folder(parent, &name, conflict, &change, ids)
            .map_err(fault::name_taken)?;
        if let Some(item) = drive.item_mut(folder) {
            item.times = times;
            item.description = description;
        }
        created(call, target, drive, folder)
    })
}

fn update(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let body = call.json()?;
    let (name, new_times) = (text(&body, "name")?, times(&body)?);
    let description = text(&body, "description")?;
    let conflict = conflict(call, &body)?.unwrap_or(Conflict::Fail);
    let change = change_of(call);
    let view = View::whole(call, target);
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        checkout::require_free(call, drive, unique)?;
        require_match(call, drive, unique)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let parent = match body.get("parentReference") {
            Some(reference) => Some(destination(drive, reference)?),
            None => item.parent,
        };
        let name = name.unwrap_or_else(|| item.name.clone());
        let is_moved = parent != item.parent || name != item.name;
        if is_moved {
            names::check(&name)?;
            let parent = parent.filter(|_| unique != drive.root);
            let parent = parent.ok_or_else(|| {
                fault::invalid_request("The root of a drive cannot be renamed or moved.")
            })?;
            access::require(call, target, drive, parent, Access::Write)?;
            if drive.ancestors(parent).any(|above| above == unique) {
                return Err(fault::invalid_request(
                    "A folder cannot be moved into itself or below.",
                ));
            }
            drive
                .relocate(unique, parent, &name, conflict, &change)
                .map_err(fault::name_taken)?;
        } else {
            drive.touch(unique, &change);
        }
        if let Some(item) = drive.item_mut(unique) {
            item.times.created = new_times.created.or(item.times.created);
            item.times.modified = new_times.modified.or(item.times.modified);
            item.description = description.or(item.description.take());
        }
        shown(call, &view, drive, unique)
    })
}

/// The folder that a `parentReference` names in the same drive.
pub(super) fn destination(drive: &Drive, reference: &Value) -> Result<Uuid, Fault> {
    let elsewhere = reference.get("driveId").and_then(Value::as_str);
    if elsewhere.is_some_and(|id| id != drive.id) {
        return Err(fault::invalid_request(
            "Moving items between drives is not supported.",
        ));
    }
    let start = match reference.get("id").and_then(Value::as_str) {
        Some(id) => drive.find(id),
        None => Some(drive.root),
    };
    let path = reference.get("path").and_then(Value::as_str);
    let names = match path {
        None => Vec::new(),
        Some(path) => path_names(path)?,
    };
    let parent = start.and_then(|start| drive.descend(start, &names));
    let parent = parent.ok_or_else(fault::not_found)?;
    if drive.item(parent).is_some_and(|item| !item.is_folder()) {
        return Err(fault::invalid_request(
            "The parent of an item has to be a folder.",
        ));
    }
    Ok(parent)
}

/// The names in `/drive/root:/a/b%20c`.
fn path_names(path: &str) -> Result<Vec<String>, Fault> {
    let (_, below) = path
        .split_once("root:")
        .unwrap_or(("", path.strip_prefix("/drive/root").unwrap_or(path)));
    let names = below.split('/').filter(|name| !name.is_empty());
    names
        .map(|name| {
            let decoded = percent_encoding::percent_decode_str(name).decode_utf8();
            decoded
                .map(std::borrow::Cow::into_owned)
                .map_err(|_| fault::not_found())
        })
        .collect()
}

fn delete(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        checkout::require_free(call, drive, unique)?;
        require_match(call, drive, unique)?;
        if unique == drive.root {
            return Err(fault::invalid_request(
                "The root of a drive cannot be deleted.",
            ));
        }
        drive.remove(unique, call.now);
        Ok(Reply::no_content())
    })
}

/// What to do when a name is taken, from the query or the body; none when neither says.
pub(super) fn conflict(call: &Call, body: &Map<String, Value>) -> Result<Option<Conflict>, Fault> {
    let name = "@microsoft.graph.conflictBehavior";
    let in_query = call
        .options
        .custom(name)
        .or_else(|| call.options.custom("@name.conflictBehavior"));
    let word = in_query.or_else(|| {
        let in_body = body
            .get(name)
            .or_else(|| body.get("@name.conflictBehavior"));
        in_body.and_then(Value::as_str)
    });
    word.map(|word| {
        Conflict::parse(word)
            .ok_or_else(|| fault::invalid_request("The conflict behavior is not valid."))
    })
    .transpose()
}

/// A text of the body; none when absent.
pub(super) fn text(body: &Map<String, Value>, name: &str) -> Result<Option<String>, Fault> {
    match body.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(fault::invalid_request(format!(
            "The value of '{name}' is not valid."
        ))),
    }
}

/// `fileSystemInfo` of the body.
pub(super) fn times(body: &Map<String, Value>) -> Result<ItemTimes, Fault> {
    let instant = |name: &str| -> Result<Option<Timestamp>, Fault> {
        let text = body
            .get("fileSystemInfo")
            .and_then(|info| info.get(name))
            .and_then(Value::as_str);
        let parsed = text.map(str::parse).transpose();
        parsed.map_err(|_| {
            fault::invalid_request(format!("The value of '{name}' is not a date and time."))
        })
    };
    Ok(ItemTimes {
        created: instant("createdDateTime")?,
        modified: instant("lastModifiedDateTime")?,
    })
}
