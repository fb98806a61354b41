//! What an object is a member of: `memberOf`, `transitiveMemberOf`, and the questions about it.
//! Source: <https://learn.microsoft.com/graph/api/user-list-memberof>,
//! <https://learn.microsoft.com/graph/api/directoryobject-checkmembergroups>

use axum::http::Method;
use serde_json::{Value, json};

use super::objects::{self, OBJECT, ObjectKind, Sight};
use super::{fields, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;

const ACTIONS: [&str; 6] = [
    "memberof",
    "transitivememberof",
    "checkmembergroups",
    "getmembergroups",
    "checkmemberobjects",
    "getmemberobjects",
];
/// Groups that one question may name.
const MOST_GROUPS: usize = 20;

/// Whether this segment below an object is about what it is a member of.
pub(in crate::graph) fn is_mine(segment: &str) -> bool {
    ACTIONS.iter().any(|it| it.eq_ignore_ascii_case(segment))
}

/// Answers for the object that `key` names.
pub(in crate::graph) fn dispatch(call: &Call, key: &str, action: &str) -> Result<Reply, Fault> {
    let id = objects::exists(call, key)?;
    require(call, &id)?;
    let action = action.to_ascii_lowercase();
    match (&call.method, action.as_str()) {
        (&Method::GET, "memberof") => list(call, &id, false),
        (&Method::GET, "transitivememberof") => list(call, &id, true),
        (&Method::POST, "checkmembergroups") => check(call, &id, "groupIds"),
        (&Method::POST, "checkmemberobjects") => check(call, &id, "ids"),
        (&Method::POST, "getmembergroups" | "getmemberobjects") => all(call, &id),
        _ => Err(Fault::method_not_allowed()),
    }
}

/// One's own memberships take no right over the directory.
fn require(call: &Call, id: &str) -> Result<(), Fault> {
    let own = !call.caller.is_application() && call.caller.object_id() == id;
    let may = call.caller.has_any(&[
        "GroupMember.Read.All",
        "GroupMember.ReadWrite.All",
        "Group.Read.All",
        "Group.ReadWrite.All",
        "User.Read.All",
        "User.ReadWrite.All",
        "Directory.Read.All",
        "Directory.ReadWrite.All",
    ]) || own && call.caller.has_any(&["User.Read", "User.ReadWrite"]);
    if may {
        Ok(())
    } else {
        Err(Fault::request_denied())
    }
}

fn list(call: &Call, id: &str, transitively: bool) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    let sight = Sight::of(call);
    let found = call.shared.read(|state| {
        let groups = state.directory.groups_of(id, transitively);
        let rows = groups
            .iter()
            .filter_map(|it| objects::row(state, tenant, &it.id, sight));
        rows.collect()
    });
    rows::list(call, "directoryObjects", &OBJECT, found)
}

fn ids(call: &Call, id: &str, security_only: bool) -> Vec<String> {
    call.shared.read(|state| {
        let groups = state.directory.groups_of(id, true).into_iter();
        let groups = groups.filter(|it| !security_only || it.security_enabled);
        groups.map(|it| it.id.clone()).collect()
    })
}

fn check(call: &Call, id: &str, name: &str) -> Result<Reply, Fault> {
    let body = call.json()?;
    fields::known(&body, &[name], "microsoft.graph.directoryObject")?;
    let asked = fields::texts(body.get(name).unwrap_or(&Value::Null), name)?;
    if asked.len() > MOST_GROUPS {
        return Err(Fault::directory(&format!(
            "The number of '{name}' exceeds the limit of {MOST_GROUPS}."
        )));
    }
    let held = ids(call, id, false);
    let asked: Vec<String> = asked.into_iter().filter(|it| held.contains(it)).collect();
    Ok(answer(call, &asked))
}

fn all(call: &Call, id: &str) -> Result<Reply, Fault> {
    let body = call.json()?;
    let name = "securityEnabledOnly";
    fields::known(&body, &[name], "microsoft.graph.directoryObject")?;
    let security_only = body.get(name).and_then(Value::as_bool);
    let security_only = security_only.ok_or_else(|| Fault::invalid_value(name, "Edm.Boolean"))?;
    let tenant = call.caller.tenant_id();
    let kind = call
        .shared
        .read(|state| objects::resolve(state, tenant, id));
    if security_only && kind.is_some_and(|(kind, _)| kind != ObjectKind::User) {
        return Err(Fault::directory(
            "Only users are supported when securityEnabledOnly is true.",
        ));
    }
    Ok(answer(call, &ids(call, id, security_only)))
}

fn answer(call: &Call, ids: &[String]) -> Reply {
    Reply::json(&json!({
        "@odata.context": call.context("Collection(Edm.String)"),
        "value": ids,
    }))
}
