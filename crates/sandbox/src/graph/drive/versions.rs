//! Versions of a file: <https://learn.microsoft.com/graph/api/resources/driveitemversion>

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::access::Access;
use super::address::Address;
use super::render::{View, identity, identity_kind};
use super::{Target, change_of, checkout, fault, time};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::state::drive::item::{Item, Version};

/// Everything at and below `versions`.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    address: &Address,
    below: &[&str],
) -> Result<Reply, Fault> {
    let action = below.get(1).map(|name| name.to_ascii_lowercase());
    let action = action
        .as_deref()
        .map(|name| name.strip_prefix("microsoft.graph.").unwrap_or(name));
    match (below, action, &call.method) {
        ([], _, &Method::GET) => list(call, target, address),
        ([id], _, &Method::GET) => get(call, target, address, id),
        ([id, _], Some("content"), &Method::GET) => download(call, target, address, id),
        ([id, _], Some("restoreversion"), &Method::POST) => restore(call, target, address, id),
        ([] | [_], _, _) | ([_, _], Some("content" | "restoreversion"), _) => {
            Err(Fault::method_not_allowed())
        }
        _ => Err(Fault::unknown_segment(
            below.last().copied().unwrap_or_default(),
        )),
    }
}

/// All versions, the current one first.
pub(super) fn all(item: &Item) -> Vec<Value> {
    item.versions().iter().rev().map(render).collect()
}

fn render(version: &Version) -> Value {
    json!({
        "id": format!("{}.0", version.number),
        "lastModifiedDateTime": time(version.at),
        "lastModifiedBy": {identity_kind(&version.by): identity(&version.by)},
        "size": version.file.size,
    })
}

fn list(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let page = Page {
            context: call.context("Collection(driveItemVersion)"),
            count: None,
            next: None,
            value: all(item),
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn get(call: &Call, target: &Target, address: &Address, id: &str) -> Result<Reply, Fault> {
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let entity = render(find(item, id)?);
        let entity = entity.as_object().cloned().unwrap_or_default();
        Ok(Reply::json(&envelope::entity(
            &call.context("microsoft.graph.driveItemVersion"),
            entity,
        )))
    })
}

fn download(call: &Call, target: &Target, address: &Address, id: &str) -> Result<Reply, Fault> {
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let version = find(item, id)?;
        if item
            .versions()
            .last()
            .is_some_and(|last| last.number == version.number)
        {
            return Err(fault::invalid_request(
                "You cannot get the content of the current version.",
            ));
        }
        let url = View::whole(call, target).download_url(drive, unique, version.number);
        Ok(Reply::empty(StatusCode::FOUND).with_header(axum::http::header::LOCATION, url))
    })
}

fn restore(call: &Call, target: &Target, address: &Address, id: &str) -> Result<Reply, Fault> {
    let change = change_of(call);
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        checkout::require_free(call, drive, unique)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let file = find(item, id)?.file.clone();
        drive.replace(unique, file, &change);
        Ok(Reply::no_content())
    })
}

fn find<'a>(item: &'a Item, id: &str) -> Result<&'a Version, Fault> {
    if id.eq_ignore_ascii_case("current") {
        return item.versions().last().ok_or_else(fault::not_found);
    }
    let mut versions = item.versions().iter();
    versions
        .find(|version| format!("{}.0", version.number) == id)
        .ok_or_else(fault::not_found)
}
