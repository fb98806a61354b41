//! `/groups`: Microsoft 365 groups and security groups.
//! Source: <https://learn.microsoft.com/graph/api/resources/groups-overview>

mod access;
pub(super) mod input;
mod relations;
pub(super) mod render;

use axum::http::Method;

use super::{Row, assignments, deleted, delta, membership, objects, rows};
use crate::graph::call::Call;
use crate::graph::drive;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::sites;
use crate::graph::teams;
use crate::state::changes::ChangeKind;
use crate::state::directory::group::Group;
use access::GroupAccess;
use render::GROUP;

const SET: &str = "groups";
/// Members that `$expand` shows of a group.
const MOST_EXPANDED: usize = 20;

/// Segments below a group that the sandbox knows of and does not answer.
const UNIMPLEMENTED: [&str; 15] = [
    "acceptedsenders",
    "calendar",
    "calendarview",
    "conversations",
    "events",
    "extensions",
    "grouplifecyclepolicies",
    "onenote",
    "permissiongrants",
    "photo",
    "photos",
    "planner",
    "rejectedsenders",
    "settings",
    "threads",
];

pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    let Some((&key, below)) = rest.split_first() else {
        return collection(call);
    };
    if delta::is_mine(key) && below.is_empty() {
        return delta::tell(call, &delta::GROUPS);
    }
    match key.to_ascii_lowercase().as_str() {
        "$count" => return count(call),
        "getbyids" | "validateproperties" => {
            return Err(Fault::not_implemented(&format!("groups/{key}")));
        }
        _ => {}
    }
    let Some((&first, below)) = below.split_first() else {
        return match call.method {
            Method::GET => get(call, key),
            Method::PATCH => patch(call, key),
            Method::DELETE => delete(call, key),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let group = find(call, key)?;
    let name = first.to_ascii_lowercase();
    match name.as_str() {
        "members" | "owners" | "transitivemembers" => {
            relations::dispatch(call, &group, &name, below)
        }
        "team" if below.is_empty() => teams::on_group(call, &group.id),
        "approleassignments" => assignments::of_object(call, &group.id, below),
        "drive" | "drives" => drive::of_group(call, &group, &name, below),
        "sites" => sites::of_group(call, &group, below),
        _ if membership::is_mine(&name) => membership::dispatch(call, key, first),
        _ if UNIMPLEMENTED.contains(&name.as_str()) => Err(Fault::not_implemented(first)),
        _ => Err(Fault::unknown_segment(first)),
    }
}

/// The group that a key names in the caller's tenant.
pub(in crate::graph) fn find(call: &Call, key: &str) -> Result<Group, Fault> {
    let tenant = call.caller.tenant_id();
    let found = call
        .shared
        .read(|state| state.directory.group(tenant, key).cloned());
    found.ok_or_else(|| not_found(key))
}

pub(super) fn not_found(key: &str) -> Fault {
    Fault::user_not_found(key)
}

fn collection(call: &Call) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            access::require(call, GroupAccess::Read, None)?;
            rows::list(call, SET, &GROUP, all(call)?)
        }
        Method::POST => {
            access::require(call, GroupAccess::Create, None)?;
            let row = input::create(call, &call.json()?)?;
            Ok(rows::created(call, SET, row))
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn count(call: &Call) -> Result<Reply, Fault> {
    access::require(call, GroupAccess::Read, None)?;
    rows::count(call, &GROUP, all(call)?)
}

fn all(call: &Call) -> Result<Vec<Row>, Fault> {
    let tenant = call.caller.tenant_id();
    let groups: Vec<Group> = call.shared.read(|state| {
        let groups = state.directory.groups.iter();
        groups
            .filter(|it| it.tenant_id == tenant)
            .cloned()
            .collect()
    });
    groups.iter().map(|it| expanded(call, it)).collect()
}

fn get(call: &Call, key: &str) -> Result<Reply, Fault> {
    access::require(call, GroupAccess::Read, None)?;
    let group = find(call, key)?;
    rows::one(call, SET, &GROUP, expanded(call, &group)?)
}

fn patch(call: &Call, key: &str) -> Result<Reply, Fault> {
    let group = find(call, key)?;
    let body = call.json()?;
    access::require(call, input::access_for(&body), Some(&group))?;
    input::change(call, &group, &body)?;
    Ok(Reply::no_content())
}

fn delete(call: &Call, key: &str) -> Result<Reply, Fault> {
    let group = find(call, key)?;
    access::require(call, GroupAccess::Delete, Some(&group))?;
    call.shared.write(|state| {
        input::note(state, ChangeKind::Deleted, &group);
        deleted::bury_group(state, &group, call.now);
    });
    Ok(Reply::no_content())
}

/// The group with what `$expand` asks for.
fn expanded(call: &Call, group: &Group) -> Result<Row, Fault> {
    let mut row = render::group(group);
    for expand in &call.options.expand {
        let (name, ids) = match expand.path.to_ascii_lowercase().as_str() {
            "members" => ("members", &group.members),
            "owners" => ("owners", &group.owners),
            // Refused when the row is shown, like any other name that is not served.
            _ => continue,
        };
        access::require(call, GroupAccess::ReadMembers, Some(group))?;
        let sight = objects::Sight::of(call);
        let tenant = call.caller.tenant_id();
        let shown: Vec<Row> = call.shared.read(|state| {
            let rows = ids
                .iter()
                .filter_map(|id| objects::row(state, tenant, id, sight));
            rows.take(MOST_EXPANDED).collect()
        });
        row.insert(name.to_owned(), shown.into_iter().collect());
    }
    Ok(row)
}
