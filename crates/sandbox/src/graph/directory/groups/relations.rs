//! Members and owners of a group, read and changed by `$ref`.
//! Source: <https://learn.microsoft.com/graph/api/group-list-members>, <https://learn.microsoft.com/graph/api/group-post-members>

use axum::http::Method;
use serde_json::{Value, json};

use super::super::objects::{self, OBJECT, ObjectKind, Sight};
use super::super::{Row, fields, rows};
use super::access::{self, GroupAccess};
use super::input;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::state::changes::ChangeKind;
use crate::state::directory::group::Group;

pub(super) fn dispatch(
    call: &Call,
    group: &Group,
    relation: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    if relation == "transitivemembers" {
        let ids = call
            .shared
            .read(|state| state.directory.transitive_members(group));
        return read(call, group, &ids, below);
    }
    match (&call.method, below) {
        (&Method::POST, [last]) if *last == "$ref" => add(call, group, relation),
        (&Method::DELETE, [id, last]) if *last == "$ref" => remove(call, group, relation, id),
        (&Method::GET, _) => read(call, group, list_of(group, relation), below),
        _ => Err(Fault::method_not_allowed()),
    }
}

fn list_of<'a>(group: &'a Group, relation: &str) -> &'a [String] {
    if relation == "owners" {
        &group.owners
    } else {
        &group.members
    }
}

fn write_access(relation: &str) -> GroupAccess {
    if relation == "owners" {
        GroupAccess::Write
    } else {
        GroupAccess::WriteMembers
    }
}

fn read(call: &Call, group: &Group, ids: &[String], below: &[&str]) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    access::require(call, GroupAccess::ReadMembers, Some(group))?;
    let rows = |kind: Option<ObjectKind>| {
        let tenant = call.caller.tenant_id();
        let sight = Sight::of(call);
        let is_wanted = |row: &Row| {
            kind.is_none_or(|kind| {
                row["@odata.type"] == format!("#microsoft.graph.{}", kind.name())
            })
        };
        call.shared.read(|state| {
            let rows = ids
                .iter()
                .filter_map(|id| objects::row(state, tenant, id, sight));
            rows.filter(is_wanted).collect::<Vec<Row>>()
        })
    };
    match below {
        [] => rows::list(call, "directoryObjects", &OBJECT, rows(None)),
        ["$ref"] => Ok(references(call, ids)),
        ["$count"] => rows::count(call, &OBJECT, rows(None)),
        [key, rest @ ..] => {
            let Some(kind) = key
                .strip_prefix("microsoft.graph.")
                .and_then(ObjectKind::parse)
            else {
                return Err(Fault::method_not_allowed());
            };
            match rest {
                [] => rows::list(call, "directoryObjects", &OBJECT, rows(Some(kind))),
                ["$count"] => rows::count(call, &OBJECT, rows(Some(kind))),
                [other, ..] => Err(Fault::unknown_segment(other)),
            }
        }
    }
}

fn references(call: &Call, ids: &[String]) -> Reply {
    let value: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "@odata.id": format!("{}/directoryObjects/{id}", call.base) }))
        .collect();
    let page = Page {
        context: call.context("Collection($ref)"),
        count: None,
        next: None,
        value,
    };
    Reply::json(&page.into_value())
}

fn add(call: &Call, group: &Group, relation: &str) -> Result<Reply, Fault> {
    access::require(call, write_access(relation), Some(group))?;
    let body = call.json()?;
    let url = fields::required(&body, "@odata.id")?;
    change(call, group, |state, changed| {
        let id = objects::referenced(state, &group.tenant_id, &url)?;
        let list = if relation == "owners" {
            &mut changed.owners
        } else {
            &mut changed.members
        };
        input::add(list, id, relation)?;
        input::check_members(state, changed)
    })
}

fn remove(call: &Call, group: &Group, relation: &str, id: &str) -> Result<Reply, Fault> {
    access::require(call, write_access(relation), Some(group))?;
    change(call, group, |_, changed| {
        let list = if relation == "owners" {
            &mut changed.owners
        } else {
            &mut changed.members
        };
        let before = list.len();
        list.retain(|it| !it.eq_ignore_ascii_case(id));
        if list.len() == before {
            return Err(Fault::user_not_found(id));
        }
        if relation == "owners" && list.is_empty() {
            return Err(Fault::directory(
                "The group must have at least one owner, hence this owner cannot be removed.",
            ));
        }
        Ok(())
    })
}

fn change(
    call: &Call,
    group: &Group,
    change: impl FnOnce(&crate::state::State, &mut Group) -> Result<(), Fault>,
) -> Result<Reply, Fault> {
    call.shared.write(|state| {
        let mut changed = group.clone();
        change(state, &mut changed)?;
        input::note(state, ChangeKind::Updated, group);
        if let Some(group) = state.directory.group_mut(&group.tenant_id, &group.id) {
            *group = changed;
        }
        Ok(Reply::no_content())
    })
}
