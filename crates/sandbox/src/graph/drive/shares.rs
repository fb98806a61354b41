//! Items by a sharing address: <https://learn.microsoft.com/graph/api/shares-get>

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, json};
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::render::web_url;
use super::{Target, author_of, fault, items, render};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope;
use crate::state::drive::item::Permission;

/// `shares/{id}`, and `driveItem`, `root` and `items` below it.
pub(super) fn dispatch(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let Some((share, below)) = path.split_first() else {
        return Err(Fault::unknown_segment("shares"));
    };
    if !call.caller.has_any(Access::Write.all()) && !call.caller.has_any(&["Files.ReadWrite"]) {
        return Err(fault::access_denied());
    }
    let url =
        decode(share).ok_or_else(|| fault::invalid_request("The sharing token is not valid."))?;
    let (owner, unique, by_link) = find(call, share, &url).ok_or_else(fault::not_found)?;
    let target = Target::open(call, owner)?;
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
        let entity = Map::from_iter([
            ("id".to_owned(), json!(share)),
            ("name".to_owned(), json!(item.name)),
            (
                "owner".to_owned(),
                json!({"user": render::identity(&author_of(&target.owner))}),
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

type Found = (crate::state::directory::User, Uuid, Option<Permission>);

/// The item that an address leads to: by one of its links, or by where it is.
fn find(call: &Call, share: &str, url: &str) -> Option<Found> {
    let owners: Vec<_> = call.shared.read(|state| {
        let owners = state
            .drives
            .all()
            .filter_map(|drive| state.directory.user(&drive.owner));
        owners
            .filter(|user| user.tenant_id == call.caller.tenant_id())
            .cloned()
            .collect()
    });
    owners.into_iter().find_map(|owner| {
        let target = Target::open(call, owner).ok()?;
        let found = target.read(call, |drive| {
            let mut items = drive.items();
            let found = items.find_map(|(unique, item)| {
                let mut links = item.permissions.iter();
                let link = links.find(|permission| {
                    permission
                        .link
                        .as_ref()
                        .is_some_and(|link| encode(&link.web_url) == share)
                });
                let is_here = link.is_some() || web_url(&target, drive, unique) == url;
                is_here.then(|| (unique, link.cloned()))
            });
            found.ok_or_else(fault::not_found)
        });
        let (unique, link) = found.ok()?;
        Some((target.owner, unique, link))
    })
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
    if target.own || call.caller.is_application() {
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
