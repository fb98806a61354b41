//! Sharing, teams and what roles hold.

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{answer, row_of};
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Link;
use crate::fault::Fault;
use crate::query::value;
use crate::reply::Reply;
use crate::security::{Access, Depth, Principal, privilege_id, privilege_name};

/// `GrantAccess` and `ModifyAccess`
pub(super) fn grant(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let target = shared_row(dataverse, call, &body)?;
    let access = &body["PrincipalAccess"];
    let principal = row_of(dataverse, &access["Principal"])?;
    let names = access["AccessMask"].as_str().unwrap_or_default();
    let mask = Dataverse::mask_of(names);
    let mask =
        mask.ok_or_else(|| Fault::invalid_argument(format!("'{names}' is no mask of rights.")))?;
    dataverse.share(target.id, principal.id, mask);
    dataverse.metadata_version += 1;
    Ok(Reply::no_content())
}

/// The row of an action, which the caller has to be able to share.
fn shared_row(dataverse: &Dataverse, call: &Call, body: &Value) -> Result<Link, Fault> {
    let target = row_of(dataverse, &body["Target"])?;
    let name = &dataverse.schema.table(target.table).name;
    let row = dataverse
        .store
        .follow(target)
        .ok_or_else(|| Fault::no_row(name, target.id))?;
    dataverse.need_on(&call.who, Access::Share, target.table, row)?;
    Ok(target)
}

pub(super) fn revoke(dataverse: &mut Dataverse, call: &Call) -> Result<Reply, Fault> {
    let body = Value::Object(call.json()?);
    let target = shared_row(dataverse, call, &body)?;
    let principal = row_of(dataverse, &body["Revokee"])?;
    dataverse.unshare(target.id, principal.id);
    dataverse.metadata_version += 1;
    Ok(Reply::no_content())
}

/// `RetrievePrincipalAccess(Target=@t)`
pub(super) fn principal_access(
    dataverse: &Dataverse,
    call: &Call,
    principal: Link,
    parameters: &Map<String, Value>,
) -> Result<Reply, Fault> {
    let target = row_of(dataverse, parameters.get("Target").unwrap_or(&Value::Null))?;
    let who = if principal.table == dataverse.tables.user {
        dataverse.principal(principal.id)
    } else {
        Principal {
            user: principal.id,
            teams: vec![principal.id],
            roles: dataverse.peers("teamroles_association", false, principal.id),
            ..Principal::default()
        }
    };
    let name = &dataverse.schema.table(target.table).name;
    let row = dataverse
        .store
        .follow(target)
        .ok_or_else(|| Fault::no_row(name, target.id))?;
    let rights = dataverse.rights(&who, target, row);
    let mask = rights.iter().fold(0, |mask, access| mask | access.mask());
    Ok(answer(
        call,
        "RetrievePrincipalAccessResponse",
        json!({ "AccessRights": Dataverse::mask_names(mask) }),
    ))
}

/// `RetrieveSharedPrincipalsAndAccess(Target=@t)`
pub(super) fn shared_with(
    dataverse: &Dataverse,
    call: &Call,
    parameters: &Map<String, Value>,
) -> Result<Reply, Fault> {
    let target = row_of(dataverse, parameters.get("Target").unwrap_or(&Value::Null))?;
    let shares = dataverse.security.shares.get(&target.id);
    let list: Vec<Value> = shares
        .into_iter()
        .flatten()
        .map(|(principal, mask)| {
            let is_team = dataverse.store.get(dataverse.tables.team, *principal).is_some();
            let (kind, key) = if is_team { ("team", "teamid") } else { ("systemuser", "systemuserid") };
            json!({
                "AccessMask": Dataverse::mask_names(*mask),
                "Principal": { "@odata.type": format!("#Microsoft.Dynamics.CRM.{kind}"), key: principal.to_string() },
            })
        })
        .collect();
    Ok(answer(
        call,
        "RetrieveSharedPrincipalsAndAccessResponse",
        json!({ "PrincipalAccesses": list }),
    ))
}

/// `AddMembersTeam`, `RemoveMembersTeam`
pub(super) fn members(
    dataverse: &mut Dataverse,
    call: &Call,
    team: Uuid,
    add: bool,
) -> Result<Reply, Fault> {
    dataverse.need(&call.who, Access::Write, dataverse.tables.team)?;
    let body = Value::Object(call.json()?);
    let list = body["Members"].as_array().cloned();
    let list = list.ok_or_else(|| Fault::bad_query("The parameter 'Members' is missing."))?;
    let relationship = dataverse
        .schema
        .find_many_to_many("teammembership_association");
    for member in &list {
        let user = row_of(dataverse, member)?;
        if let Some(relationship) = relationship {
            if add {
                dataverse.store.pair(relationship, team, user.id);
            } else {
                dataverse.store.unpair(relationship, team, user.id);
            }
        }
    }
    dataverse.metadata_version += 1;
    Ok(Reply::no_content())
}

/// `AddPrivilegesRole`, `ReplacePrivilegesRole`
pub(super) fn privileges(
    dataverse: &mut Dataverse,
    call: &Call,
    role: Uuid,
    replace: bool,
) -> Result<Reply, Fault> {
    dataverse.need(&call.who, Access::Write, dataverse.tables.role)?;
    let body = Value::Object(call.json()?);
    let list = body["Privileges"].as_array().cloned();
    let list = list.ok_or_else(|| Fault::bad_query("The parameter 'Privileges' is missing."))?;
    let mut named = Vec::new();
    for privilege in &list {
        let id = privilege["PrivilegeId"].as_str().and_then(value::guid);
        let name = match (privilege["PrivilegeName"].as_str(), id) {
            (Some(name), _) => Some(name.to_owned()),
            (None, Some(id)) => name_of(dataverse, id),
            (None, None) => None,
        };
        let depth = privilege["Depth"].as_str().and_then(Depth::parse);
        let bad =
            || Fault::invalid_argument("A privilege of the list is not known, or has no depth.");
        named.push((name.ok_or_else(bad)?, depth.ok_or_else(bad)?));
    }
    let grants = dataverse.security.roles.entry(role).or_default();
    if replace {
        grants.everything = false;
        grants.by_name.clear();
    }
    grants.by_name.extend(named);
    dataverse.metadata_version += 1;
    Ok(Reply::no_content())
}

fn name_of(dataverse: &Dataverse, id: Uuid) -> Option<String> {
    let words = dataverse
        .schema
        .tables()
        .map(|(_, table)| table.privilege.clone());
    let mut names = words.flat_map(|word| Access::ALL.map(|access| privilege_name(access, &word)));
    let special = crate::seed::SPECIAL_PRIVILEGES
        .iter()
        .map(|name| (*name).to_owned());
    names.find(|name| privilege_id(name) == id).or_else(|| {
        let mut special = special;
        special.find(|name| privilege_id(name) == id)
    })
}
