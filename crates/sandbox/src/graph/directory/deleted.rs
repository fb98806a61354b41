//! The recycle bin of the directory: groups of Microsoft 365 and people, for thirty days. Security groups never get there.
//! Source: <https://learn.microsoft.com/graph/api/directory-deleteditems-list>,
//! <https://learn.microsoft.com/graph/api/directory-deleteditems-restore>,
//! <https://learn.microsoft.com/graph/api/directory-deleteditems-delete>

use axum::http::Method;
use jiff::Timestamp;
use serde_json::json;

use super::groups::input;
use super::groups::render::{self, GROUP};
use super::objects::{OBJECT, ObjectKind};
use super::{Row, is_administrator, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::paths;
use crate::graph::reply::Reply;
use crate::graph::users::change as people;
use crate::graph::users::{self, USER};
use crate::odata::envelope;
use crate::state::State;
use crate::state::changes::ChangeKind;
use crate::state::directory::deleted::{Deleted, Object};
use crate::state::directory::group::Group;
use crate::state::directory::{RoleAssignment, User};

/// What Microsoft keeps there besides.
const UNIMPLEMENTED: [&str; 4] = [
    "administrativeunit",
    "application",
    "device",
    "serviceprincipal",
];

/// What else there is below `/directory`.
const UNIMPLEMENTED_BESIDE: [&str; 10] = [
    "administrativeunits",
    "attributesets",
    "customsecurityattributedefinitions",
    "devicelocalcredentials",
    "federationconfigurations",
    "onpremisessynchronization",
    "publickeyinfrastructure",
    "recovery",
    "remotetenantgroups",
    "subscriptions",
];

/// What a request wants to do there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    Read,
    Restore,
    /// For good.
    Remove,
}

/// `/directory` and what is below it.
pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    let Some((&first, below)) = rest.split_first() else {
        return Err(Fault::not_implemented("directory"));
    };
    if !first.eq_ignore_ascii_case("deletedItems") {
        let name = first.to_ascii_lowercase();
        return Err(if UNIMPLEMENTED_BESIDE.contains(&name.as_str()) {
            Fault::not_implemented(&format!("directory/{first}"))
        } else {
            Fault::unknown_segment(first)
        });
    }
    match below {
        [] => Err(Fault::directory(
            "Deleted items are asked for by type: `/directory/deletedItems/microsoft.graph.group`.",
        )),
        [key, rest @ ..] => match key.rsplit_once("graph.") {
            // The namespace has a short name, which Microsoft's clients use.
            Some(("" | "microsoft.", name)) => of_type(call, name, rest),
            _ => of_one(call, key, rest),
        },
    }
}

fn of_type(call: &Call, name: &str, below: &[&str]) -> Result<Reply, Fault> {
    let kind = match ObjectKind::parse(name) {
        Some(kind @ (ObjectKind::Group | ObjectKind::User)) => kind,
        _ if UNIMPLEMENTED.contains(&name.to_ascii_lowercase().as_str()) => {
            return Err(Fault::not_implemented(&format!(
                "deleted items of type {name}"
            )));
        }
        _ => return Err(Fault::unknown_segment(name)),
    };
    let is_count = match below {
        [] => false,
        [last] if *last == "$count" => true,
        [other, ..] => return Err(Fault::unknown_segment(other)),
    };
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    require(call, kind, Access::Read)?;
    let (set, entity) = match kind {
        ObjectKind::Group => ("groups", &GROUP),
        _ => ("users", &USER),
    };
    let options = &call.options;
    let is_whole =
        !options.select.is_empty() || options.filter.is_some() || !options.order_by.is_empty();
    let tenant = call.caller.tenant_id();
    let found = call.shared.read(|state| {
        let deleted = state.directory.deleted_of(tenant, call.now);
        let of_kind = deleted.filter(|it| kind_of(it) == kind);
        of_kind.map(|it| shown(it, is_whole)).collect()
    });
    if is_count {
        rows::count(call, entity, found)
    } else {
        rows::list(call, set, entity, found)
    }
}

fn of_one(call: &Call, id: &str, below: &[&str]) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    let id = id.to_ascii_lowercase();
    let found = call.shared.read(|state| {
        let mut deleted = state.directory.deleted_of(tenant, call.now);
        deleted.find(|it| it.id() == id).cloned()
    });
    let found = found.ok_or_else(|| Fault::user_not_found(&id))?;
    let kind = kind_of(&found);
    match (&call.method, below) {
        (&Method::GET, []) => {
            require(call, kind, Access::Read)?;
            let whole = !call.options.select.is_empty();
            let row = typed(shown(&found, whole), kind);
            rows::one(call, "directoryObjects", &OBJECT, row)
        }
        (&Method::DELETE, []) => {
            require(call, kind, Access::Remove)?;
            call.shared
                .write(|state| state.directory.take_deleted(tenant, &id, call.now));
            Ok(Reply::no_content())
        }
        (&Method::POST, [action]) if super::is_named(action, "restore") => {
            require_restore(call, &found)?;
            restore(call, &found)
        }
        (_, [] | [_])
            if below
                .first()
                .is_none_or(|it| super::is_named(it, "restore")) =>
        {
            Err(Fault::method_not_allowed())
        }
        (_, [other, ..]) if paths::is_of_graph(other) => Err(Fault::not_implemented(other)),
        (_, [other, ..]) => Err(Fault::unknown_segment(other)),
        (_, []) => Err(Fault::method_not_allowed()),
    }
}

fn kind_of(deleted: &Deleted) -> ObjectKind {
    match deleted.object {
        Object::Group { .. } => ObjectKind::Group,
        Object::User { .. } => ObjectKind::User,
    }
}

fn shown(deleted: &Deleted, whole: bool) -> Row {
    let mut row = match &deleted.object {
        Object::Group { group, .. } => render::group(group),
        Object::User { user, .. } if whole => users::render(user),
        Object::User { user, .. } => users::project_all(users::render(user)),
    };
    row.insert("deletedDateTime".to_owned(), json!(deleted.at));
    row
}

fn typed(mut row: Row, kind: ObjectKind) -> Row {
    let name = format!("#microsoft.graph.{}", kind.name());
    row.insert("@odata.type".to_owned(), json!(name));
    row
}

/// Refuses callers without the permission; whoever changes something has to be an administrator besides.
fn require(call: &Call, kind: ObjectKind, access: Access) -> Result<(), Fault> {
    let is_application = call.caller.is_application();
    let is_entitled = is_application || access == Access::Read || is_administrator(call);
    if is_entitled
        && call
            .caller
            .has_any(permissions(kind, access, is_application))
    {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}

fn permissions(kind: ObjectKind, access: Access, is_application: bool) -> &'static [&'static str] {
    match (kind, access) {
        (ObjectKind::Group, Access::Read) => &[
            "Group.Read.All",
            "Group.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        (_, Access::Read) => &[
            "User.Read.All",
            "User.ReadWrite.All",
            "Directory.Read.All",
            "Directory.ReadWrite.All",
        ],
        // No application removes a group for good.
        (ObjectKind::Group, Access::Remove) if is_application => &[],
        (ObjectKind::Group, _) => &["Group.ReadWrite.All"],
        (_, Access::Remove) if is_application => &["User.DeleteRestore.All"],
        (_, _) => &["User.DeleteRestore.All", "User.ReadWrite.All"],
    }
}

/// A group's owners bring it back too.
fn require_restore(call: &Call, deleted: &Deleted) -> Result<(), Fault> {
    let kind = kind_of(deleted);
    let owns = match &deleted.object {
        Object::Group { group, .. } => group.is_owner(call.caller.object_id()),
        Object::User { .. } => false,
    };
    let permissions = permissions(kind, Access::Restore, call.caller.is_application());
    if owns && call.caller.has_any(permissions) {
        return Ok(());
    }
    require(call, kind, Access::Restore)
}

/// Back with all that went with it, unless somebody has its name by now.
fn restore(call: &Call, deleted: &Deleted) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    let row = call.shared.write(|state| {
        match &deleted.object {
            Object::Group { group, .. } => input::check_nickname(state, group)?,
            Object::User { user, .. } => people::check_name(state, user)?,
        }
        let taken = state
            .directory
            .take_deleted(tenant, deleted.id(), call.now)
            .ok_or_else(|| Fault::user_not_found(deleted.id()))?;
        state.directory.role_assignments.extend(taken.roles);
        Ok::<_, Fault>(match taken.object {
            Object::Group { group, team } => {
                let row = render::group(&group);
                input::note(state, ChangeKind::Updated, &group);
                let team = team.map(|team| (group.id.clone(), *team));
                state.teams.teams.extend(team);
                state.directory.groups.push(*group);
                row
            }
            Object::User { user, grants } => {
                let row = users::project_all(users::render(&user));
                people::note(state, ChangeKind::Updated, &user);
                state.directory.delegated_grants.extend(grants);
                state.directory.users.push(*user);
                row
            }
        })
    })?;
    let context = call.context("directoryObjects/$entity");
    let row = typed(row, kind_of(deleted));
    Ok(Reply::json(&envelope::entity(&context, row)))
}

/// Takes a group away: one of Microsoft 365 into the recycle bin, any other for good.
pub(super) fn bury_group(state: &mut State, group: &Group, now: Timestamp) {
    let team = state.teams.teams.remove(&group.id);
    state.directory.groups.retain(|it| it.id != group.id);
    let roles = state.directory.take_roles(&group.id);
    if group.is_unified {
        let object = Object::Group {
            group: Box::new(group.clone()),
            team: team.map(Box::new),
        };
        keep(state, object, roles, now);
    }
}

/// Takes a person into the recycle bin. Their sessions end, and their mailbox is nobody's until they come back.
pub(in crate::graph) fn bury_user(state: &mut State, user: &User, now: Timestamp) {
    state.directory.users.retain(|it| it.id != user.id);
    let all = std::mem::take(&mut state.directory.delegated_grants);
    let (grants, kept) = all
        .into_iter()
        .partition(|it| it.user_id.as_ref() == Some(&user.id));
    state.directory.delegated_grants = kept;
    let roles = state.directory.take_roles(&user.id);
    let object = Object::User {
        user: Box::new(user.clone()),
        grants,
    };
    keep(state, object, roles, now);
}

fn keep(state: &mut State, object: Object, roles: Vec<RoleAssignment>, at: Timestamp) {
    state.directory.bury(Deleted { at, object, roles });
}
