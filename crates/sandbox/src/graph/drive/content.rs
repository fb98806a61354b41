//! Whole files in and out: <https://learn.microsoft.com/graph/api/driveitem-put-content>,
//! <https://learn.microsoft.com/graph/api/driveitem-get-content>

use axum::http::{StatusCode, header};
use serde_json::Map;
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::render::View;
use super::{Target, change_of, checkout, fault, items, names};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::state::drive::tree::{Change, Conflict, Drive};
use crate::state::ids::Ids;

/// `GET …/content`: where the bytes are, for whoever has the address.
pub(super) fn download(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let view = View::whole(call, target);
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let version = checkout::visible(call, item);
        let version = version
            .ok_or_else(|| fault::invalid_request("Cannot download the content of a folder."))?;
        let mut url = view.download_url(drive, unique, version.number);
        if let Some(format) = call.options.custom("format") {
            if !format.eq_ignore_ascii_case("pdf") {
                return Err(other_format(format));
            }
            if names::media_type(&item.name) != "application/pdf" {
                if !names::is_convertible(&item.name) {
                    return Err(fault::not_convertible());
                }
                url.push_str("&format=pdf");
            }
        }
        Ok(Reply::empty(StatusCode::FOUND).with_header(header::LOCATION, url))
    })
}

/// A refusal of any format but PDF.
/// Source: <https://learn.microsoft.com/graph/api/driveitem-get-content-format>
fn other_format(format: &str) -> Fault {
    match format.to_ascii_lowercase().as_str() {
        "glb" | "html" | "jpg" => Fault::not_implemented(&format!("conversion to {format}")),
        _ => fault::invalid_request("The format is not valid."),
    }
}

/// `PUT …/content`: a new file below a folder, or new content of a file.
pub(super) fn upload(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let conflict = items::conflict(call, &Map::new())?.unwrap_or(Conflict::Replace);
    let change = change_of(call);
    let view = View::whole(call, target);
    target.change(call, |drive, files, ids| {
        if !drive.has_room(call.bytes().len() as u64) {
            return Err(fault::no_room());
        }
        let place = place(call, target, drive, address, &change, ids)?;
        let file = files
            .store(call.bytes().clone())
            .map_err(|error| fault::storage(&error))?;
        let (unique, is_new) = match place {
            Spot::File(unique) if address.path.is_empty() || conflict == Conflict::Replace => {
                drive.replace(unique, file, &change);
                (unique, false)
            }
            Spot::File(unique) => {
                let item = drive.item(unique).ok_or_else(fault::not_found)?;
                let (parent, name) = (item.parent.unwrap_or(drive.root), item.name.clone());
                let put = drive.put_file(parent, &name, file, conflict, &change, ids);
                put.map_err(fault::name_taken)?
            }
            Spot::Name(parent, name) => {
                let put = drive.put_file(parent, &name, file, conflict, &change, ids);
                put.map_err(fault::name_taken)?
            }
        };
        if is_new {
            items::created(call, target, drive, unique)
        } else {
            items::shown(call, &view, drive, unique)
        }
    })
}

/// Where content goes.
pub(super) enum Spot {
    /// A file that exists.
    File(Uuid),
    /// A free name in a folder.
    Name(Uuid, String),
}

/// Where an upload to this address goes, with the folders on the way made, as OneDrive does.
pub(super) fn place(
    call: &Call,
    target: &Target,
    drive: &mut Drive,
    address: &Address,
    change: &Change,
    ids: &mut Ids,
) -> Result<Spot, Fault> {
    let start = address.start(drive).ok_or_else(fault::not_found)?;
    if let Some(unique) = drive.descend(start, &address.path) {
        access::require(call, target, drive, unique, Access::Write)?;
        checkout::require_free(call, drive, unique)?;
        items::require_match(call, drive, unique)?;
        if drive
            .item(unique)
            .is_some_and(crate::state::drive::item::Item::is_folder)
        {
            return Err(fault::name_taken(crate::state::drive::tree::NameTaken));
        }
        return Ok(Spot::File(unique));
    }
    if call.header("if-match").is_some_and(|tag| tag.trim() != "*") {
        return Err(fault::modified());
    }
    access::require(call, target, drive, start, Access::Write)?;
    let (name, folders) = address.path.split_last().ok_or_else(fault::not_found)?;
    for name in &address.path {
        names::check(name)?;
    }
    let mut at = start;
    for folder in folders {
        at = drive
            .add_folder(at, folder, Conflict::Replace, change, ids)
            .map_err(fault::name_taken)?;
    }
    if drive.item(at).is_some_and(|item| !item.is_folder()) {
        return Err(fault::not_found());
    }
    Ok(Spot::Name(at, name.clone()))
}
