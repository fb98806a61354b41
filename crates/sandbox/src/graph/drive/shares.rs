//! Items by a sharing address: <https://learn.microsoft.com/graph/api/shares-get>

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use serde_json::{Map, json};
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::target::Place;
use super::{Target, author_of, fault, items, render};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::drive::item::Permission;
use crate::state::drive::tree::{Drive, Holder};

/// `shares/{id}`, and `driveItem`, `root` and `items` below it.
pub(super) fn dispatch(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let Some((share, below)) = path.split_first() else {
        return Err(Fault::unknown_segment("shares"));
    };
    if !call.caller.has_any(Access::Write.all())
        && !call.caller.has_any(&["Files.ReadWrite", "Sites.Selected"])
    {
        return Err(fault::access_denied());
    }
    let url =
        decode(share).ok_or_else(|| fault::invalid_request("The sharing token is not valid."))?;
    let (target, unique, by_link) = find(call, share, &url).ok_or_else(fault::not_found)?;
    redeem(call, &target, unique, by_link)?;
    let id = target.read(call, |drive| Ok(drive.id_of(unique)))?;
    match below.split_first() {
        None => shared_item(call, &target, share, unique),
        Some((first, rest)) => match first.to_ascii_lowercase().as_str() {
            "driveitem" | "root" => items::dispatch(call, &target, &Address::of(&id).with(rest)),
            "items" | "list" | "listitem" | "permission" | "site" => {
                Err(Fault::not_implemented(first))
            }
            _ => Err(Fault::unknown_segment(first)),
        },
    }
}

fn shared_item(call: &Call, target: &Target, share: &str, unique: Uuid) -> Result<Reply, Fault> {
    target.read(call, |drive| {
        access::require(call, target, drive, unique, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        let owner = target
            .owner()
            .map_or_else(|| item.created_by.clone(), author_of);
        let entity = Map::from_iter([
            ("id".to_owned(), json!(share)),
            ("name".to_owned(), json!(item.name)),
            (
                "owner".to_owned(),
                json!({"user": render::identity(&owner)}),
            ),
        ]);
        Ok(Reply::json(&envelope::entity(
            &call.context("shares/$entity"),
            entity,
        )))
    })
}

/// The address in `u!…`.
fn decode(share: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD
        .decode(share.strip_prefix("u!")?.trim_end_matches('='))
        .ok()?;
    String::from_utf8(bytes).ok()
}

/// The `u!…` form of an address.
pub(super) fn encode(url: &str) -> String {
    format!("u!{}", URL_SAFE_NO_PAD.encode(url))
}

type Found = (Target, Uuid, Option<Permission>);

/// The item that an address leads to: by one of its links, or by where it is.
fn find(call: &Call, share: &str, url: &str) -> Option<Found> {
    let holders: Vec<Holder> = call.shared.read(|state| {
        state
            .drives
            .all()
            .map(|drive| drive.holder.clone())
            .collect()
    });
    holders.into_iter().find_map(|holder| {
        let target = Target::of(call, holder).ok()?;
        let found = target.read(call, |drive| {
            by_link(drive, share)
                .or_else(|| Some((by_place(&target, drive, url)?, None)))
                .ok_or_else(fault::not_found)
        });
        let (unique, link) = found.ok()?;
        Some((target, unique, link))
    })
}

fn by_link(drive: &Drive, share: &str) -> Option<(Uuid, Option<Permission>)> {
    drive.items().find_map(|(unique, item)| {
        let mut links = item.permissions.iter();
        let link = links.find(|permission| {
            permission
                .link
                .as_ref()
                .is_some_and(|link| encode(&link.web_url) == share)
        });
        link.map(|link| (unique, Some(link.clone())))
    })
}

fn by_place(target: &Target, drive: &Drive, url: &str) -> Option<Uuid> {
    let below = url.strip_prefix(&target.folder_url())?;
    let names: Option<Vec<String>> = below
        .split('/')
        .filter(|name| !name.is_empty())
        .map(|name| Some(percent_decode_str(name).decode_utf8().ok()?.into_owned()))
        .collect();
    if !below.is_empty() && !below.starts_with('/') {
        return None;
    }
    drive.descend(drive.root, &names?)
}

/// Whoever opens a link that is for them is let in from then on, as in the browser.
fn redeem(
    call: &Call,
    target: &Target,
    unique: Uuid,
    link: Option<Permission>,
) -> Result<(), Fault> {
    let Some(permission) = link.filter(|permission| {
        let scope = permission.link.as_ref().map(|link| link.scope.as_str());
        scope != Some("users") && permission.expires_at.is_none_or(|end| end > call.now)
    }) else {
        return Ok(());
    };
    let is_own = matches!(target.place, Place::Personal { own: true, .. });
    if is_own || call.caller.is_application() {
        return Ok(());
    }
    let author = super::change_of(call).author;
    target.change(call, |drive, _, _| {
        let item = drive.item_mut(unique).ok_or_else(fault::not_found)?;
        let mut permissions = item.permissions.iter_mut();
        if let Some(known) = permissions.find(|known| known.id == permission.id)
            && !known.people.contains(&author)
        {
            known.people.push(author);
        }
        Ok(())
    })
}
