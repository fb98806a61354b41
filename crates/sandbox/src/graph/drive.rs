//! OneDrive and document libraries: whose drive a request means and whether it may, then one file a concern.
//! Source: <https://learn.microsoft.com/graph/api/resources/onedrive>

mod access;
mod address;
mod checkout;
mod content;
mod copy;
mod delta;
mod entity;
mod fault;
mod items;
mod list;
mod list_items;
mod names;
mod permissions;
mod personal;
mod preauthenticated;
mod preview;
mod render;
mod schema;
mod search;
mod shares;
mod target;
mod thumbnails;
mod upload;
mod versions;

use axum::http::Method;
use jiff::Timestamp;
use uuid::Uuid;

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use super::route::find_user;
use super::sites;
use crate::state::directory::User;
use crate::state::directory::group::Group;
use crate::state::drive::item::Author;
use crate::state::drive::tree::Change;
use address::Address;
use target::{Place, Target};

pub(crate) use preauthenticated::router as preauthenticated;
pub(super) use render::{PATH, identity, identity_kind};
pub(super) use search::hits;

/// The largest file that is taken in one request.
const SIMPLE_UPLOAD: usize = 250 * 1024 * 1024;

/// How large a body this path may have; none for Graph's usual limit.
pub(super) fn body_limit(path: &str) -> Option<usize> {
    let is_content = path.ends_with("/content") && path.to_ascii_lowercase().contains("/drive");
    is_content.then_some(SIMPLE_UPLOAD)
}

/// `drive` or `drives` below a user.
pub(super) fn of_user(call: &Call, key: &str, name: &str, below: &[&str]) -> Result<Reply, Fault> {
    let owner = find_user(call, key).ok_or_else(|| Fault::user_not_found(key))?;
    let target = Target::personal(call, owner)?;
    match (name, below.split_first()) {
        ("drive", _) => in_drive(call, &target, below),
        (_, None) => entity::list(call, &[target]),
        (_, Some((id, below))) if target.has_id(call, id) => in_drive(call, &target, below),
        (_, Some(_)) => Err(fault::not_found()),
    }
}

/// `drive` or `drives` below a site.
pub(super) fn of_site(call: &Call, site: Uuid, name: &str, below: &[&str]) -> Result<Reply, Fault> {
    let libraries = call.shared.read(|state| {
        let site = state.sites.site(site);
        site.map(|site| (site.library, site.visible_libraries()))
    });
    let (default, all) = libraries.ok_or_else(fault::not_found)?;
    match (name, below.split_first()) {
        ("drive", _) => of_list(call, site, default, below),
        (_, None) => {
            let targets: Result<Vec<Target>, Fault> = all
                .into_iter()
                .map(|list| Target::library(call, site, list))
                .collect();
            entity::list(call, &targets?)
        }
        (_, Some((id, below))) => {
            let target = by_drive_id(call, id)?;
            match &target.place {
                Place::Library(library) if library.site == site => in_drive(call, &target, below),
                _ => Err(fault::not_found()),
            }
        }
    }
}

/// The drive of a list of a site, which has to be a library.
pub(super) fn of_list(call: &Call, site: Uuid, list: Uuid, below: &[&str]) -> Result<Reply, Fault> {
    in_drive(call, &Target::library(call, site, list)?, below)
}

/// The file that an item of a list of a site is, and what is below.
pub(super) fn of_list_item(
    call: &Call,
    site: Uuid,
    (list, number): (Uuid, u32),
    below: &[&str],
) -> Result<Reply, Fault> {
    let target = Target::library(call, site, list)?;
    let id = target.read(call, |drive| {
        let unique = drive.by_number(number).ok_or_else(fault::not_found)?;
        Ok(drive.id_of(unique))
    })?;
    items::dispatch(call, &target, &Address::of(&id).with(below))
}

/// A file of a library as it is shown inside of its list item.
pub(super) fn item_of(
    call: &Call,
    (site, list): (Uuid, Uuid),
    unique: Uuid,
) -> Result<serde_json::Value, Fault> {
    let target = Target::library(call, site, list)?;
    let view = render::View::whole(call, &target);
    target.read(call, |drive| {
        view.item(drive, unique).map(serde_json::Value::Object)
    })
}

/// `drive` or `drives` below a group.
pub(super) fn of_group(
    call: &Call,
    group: &Group,
    name: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    of_site(call, sites::of_this_group(call, group)?, name, below)
}

/// Everything at and below `drives`.
pub(super) fn by_id(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let Some((id, below)) = path.split_first() else {
        return Err(Fault::not_implemented("drives"));
    };
    in_drive(call, &by_drive_id(call, id)?, below)
}

/// Everything at and below `shares`.
pub(super) fn by_share(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    shares::dispatch(call, path)
}

/// The drive that clients know by this id, in the caller's tenant.
fn by_drive_id(call: &Call, id: &str) -> Result<Target, Fault> {
    let holder = call
        .shared
        .read(|state| state.drives.by_id(id).map(|drive| drive.holder.clone()));
    Target::of(call, holder.ok_or_else(fault::not_found)?)
}

fn in_drive(call: &Call, target: &Target, path: &[&str]) -> Result<Reply, Fault> {
    let Some((first, below)) = path.split_first() else {
        return match call.method {
            Method::GET => entity::get(call, target),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    match name.strip_prefix("microsoft.graph.").unwrap_or(&name) {
        "root" | "root:" | "items" | "special" | "special:" => {
            let address = Address::parse(path)?;
            address::prepare(call, target, &address)?;
            items::dispatch(call, target, &address)
        }
        name if name.starts_with("search(") && below.is_empty() => {
            search::search(call, target, &Address::root(), first)
        }
        "list" => {
            let holder = target.read(call, |drive| Ok(drive.holder.clone()))?;
            sites::of_drive(call, &holder, below)
        }
        "recent" | "recent()" if below.is_empty() => personal::recent(call, target),
        "sharedwithme" | "sharedwithme()" if below.is_empty() => {
            personal::shared_with_me(call, target)
        }
        "following" | "bundles" | "activities" => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// A person as an author.
pub(crate) fn author_of(user: &User) -> Author {
    Author {
        id: user.id.clone(),
        display_name: user.display_name.clone(),
        email: Some(user.user_principal_name.clone()),
    }
}

/// The caller of a request as the author of a change.
pub(super) fn change_of(call: &Call) -> Change {
    let id = call.caller.object_id();
    let author = call.shared.read(|state| {
        if let Some(user) = state.directory.user(id) {
            return author_of(user);
        }
        let principals = &state.directory.service_principals;
        let principal = principals.iter().find(|principal| principal.id == id);
        let application = principal.and_then(|found| state.directory.application(&found.client_id));
        Author {
            id: id.to_owned(),
            display_name: application.map_or_else(String::new, |known| known.display_name.clone()),
            email: None,
        }
    });
    Change {
        author,
        at: call.now,
    }
}

/// Whole seconds of UTC.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
