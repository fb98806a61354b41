//! OneDrive: whose drive a request means and whether it may, then one file a concern.
//! Source: <https://learn.microsoft.com/graph/api/resources/onedrive>

mod access;
mod address;
mod content;
mod copy;
mod delta;
mod fault;
mod items;
mod list;
mod names;
mod permissions;
mod preauthenticated;
mod render;
mod schema;
mod search;
mod shares;
mod upload;
mod versions;

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use super::route::find_user;
use crate::odata::envelope::{self, Page};
use crate::state::State;
use crate::state::directory::User;
use crate::state::drive::content::Files;
use crate::state::drive::item::Author;
use crate::state::drive::link_key::LinkKey;
use crate::state::drive::tree::{Change, Drive};
use crate::state::ids::Ids;
use access::Access;
use address::Address;

pub(crate) use preauthenticated::router as preauthenticated;

/// The largest file that is taken in one request.
const SIMPLE_UPLOAD: usize = 250 * 1024 * 1024;

/// The drive that a request means.
struct Target {
    owner: User,
    /// Whether the caller is its owner, signed in.
    own: bool,
    /// `contoso-my.sharepoint.com`
    host: String,
    /// Signs addresses that need no token.
    link_key: LinkKey,
}

/// How large a body this path may have; none for Graph's usual limit.
pub(super) fn body_limit(path: &str) -> Option<usize> {
    let is_content = path.ends_with("/content") && path.to_ascii_lowercase().contains("/drive");
    is_content.then_some(SIMPLE_UPLOAD)
}

/// `drive` or `drives` below a user.
pub(super) fn of_user(call: &Call, key: &str, name: &str, below: &[&str]) -> Result<Reply, Fault> {
    let owner = find_user(call, key).ok_or_else(|| Fault::user_not_found(key))?;
    let target = Target::open(call, owner)?;
    match (name, below.is_empty()) {
        ("drive", _) => in_drive(call, &target, below),
        (_, true) => list_drives(call, &target),
        (_, false) => Err(Fault::not_implemented("drives of a user by id")),
    }
}

/// Everything at and below `drives`.
pub(super) fn by_id(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let Some((id, below)) = path.split_first() else {
        return Err(Fault::not_implemented("drives"));
    };
    let owner = call.shared.read(|state| {
        let user = state.directory.user(state.drives.owner_of(id)?)?;
        (user.tenant_id == call.caller.tenant_id()).then(|| user.clone())
    });
    let target = Target::open(call, owner.ok_or_else(fault::not_found)?)?;
    in_drive(call, &target, below)
}

/// Everything at and below `shares`.
pub(super) fn by_share(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    shares::dispatch(call, path)
}

impl Target {
    /// The drive of a person, who gets it with the first look at it.
    fn open(call: &Call, owner: User) -> Result<Self, Fault> {
        let own = !call.caller.is_application() && call.caller.object_id() == owner.id;
        let exists = call
            .shared
            .read(|state| state.drives.of(&owner.id).is_some());
        if !exists {
            if !own {
                return Err(fault::no_drive());
            }
            call.shared.write(|state| {
                let State { drives, ids, .. } = state;
                drives.provision(&author_of(&owner), call.now, ids);
            });
        }
        // Taken now, since the state is locked while items are rendered.
        let (host, link_key) = call.shared.read(|state| {
            let mut tenants = state.directory.tenants.iter();
            let tenant = tenants.find(|tenant| tenant.id == owner.tenant_id);
            let name = tenant.and_then(|tenant| tenant.domain.split('.').next());
            let host = format!("{}-my.sharepoint.com", name.unwrap_or("contoso"));
            (host, state.drives.link_key.clone())
        });
        Ok(Self {
            owner,
            own,
            host,
            link_key,
        })
    }

    fn read<T>(
        &self,
        call: &Call,
        look: impl FnOnce(&Drive) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.read(|state| {
            look(
                state
                    .drives
                    .of(&self.owner.id)
                    .ok_or_else(fault::no_drive)?,
            )
        })
    }

    fn change<T>(
        &self,
        call: &Call,
        change: impl FnOnce(&mut Drive, &Files, &mut Ids) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        call.shared.write(|state| {
            let State { drives, ids, .. } = state;
            let (drive, files) = drives.of_mut(&self.owner.id).ok_or_else(fault::no_drive)?;
            change(drive, files, ids)
        })
    }

    /// The item that an address names, if the caller may do this with it.
    fn item(
        &self,
        call: &Call,
        drive: &Drive,
        address: &Address,
        access: Access,
    ) -> Result<Uuid, Fault> {
        // Whether the token could ever do this is asked first, so that it learns nothing of what exists.
        access::require_permission(call, self, access)?;
        let unique = address.find(drive).ok_or_else(fault::not_found)?;
        access::require(call, self, drive, unique, access)?;
        Ok(unique)
    }
}

fn in_drive(call: &Call, target: &Target, path: &[&str]) -> Result<Reply, Fault> {
    let Some((first, below)) = path.split_first() else {
        return match call.method {
            Method::GET => get_drive(call, target),
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
        "recent" | "sharedwithme" | "following" | "bundles" | "list" | "activities" => {
            Err(Fault::not_implemented(first))
        }
        _ => Err(Fault::unknown_segment(first)),
    }
}

fn get_drive(call: &Call, target: &Target) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Read)?;
    target.read(call, |drive| {
        access::require(call, target, drive, drive.root, Access::Read)?;
        let context = call.context("drives/$entity");
        let mut entity = drive_entity(target, drive);
        schema::drive_selection(call)?.apply(&mut entity, &[]);
        Ok(Reply::json(&envelope::entity(&context, entity)))
    })
}

fn list_drives(call: &Call, target: &Target) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    access::require_permission(call, target, Access::Read)?;
    target.read(call, |drive| {
        access::require(call, target, drive, drive.root, Access::Read)?;
        let mut entity = drive_entity(target, drive);
        schema::drive_selection(call)?.apply(&mut entity, &[]);
        let page = Page {
            context: call.context("drives"),
            count: call.options.count.then_some(1),
            next: None,
            value: vec![Value::Object(entity)],
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn drive_entity(target: &Target, drive: &Drive) -> Map<String, Value> {
    let used = drive.used();
    let modified = drive
        .item(drive.root)
        .map_or(drive.created, |root| root.modified);
    let entity = json!({
        "createdDateTime": time(drive.created),
        "description": "",
        "id": drive.id,
        "lastModifiedDateTime": time(modified),
        "name": "OneDrive",
        "webUrl": format!("{}/Documents", render::personal_site(target)),
        "driveType": "business",
        "createdBy": {"user": {"displayName": "System Account"}},
        "lastModifiedBy": {"user": render::identity(&author_of(&target.owner))},
        "owner": {"user": render::identity(&author_of(&target.owner))},
        "quota": {
            "deleted": 0,
            "remaining": drive.quota.saturating_sub(used),
            "state": if used > drive.quota / 10 * 9 { "nearing" } else { "normal" },
            "total": drive.quota,
            "used": used,
        },
    });
    match entity {
        Value::Object(entity) => entity,
        _ => Map::new(),
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
fn change_of(call: &Call) -> Change {
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
fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
