//! Making and changing a group.

use serde_json::{Map, Value};

use super::super::{Row, fields, objects};
use super::access::GroupAccess;
use super::render;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::State;
use crate::state::changes::{ChangeKind, What};
use crate::state::directory::group::Group;

const TYPE: &str = "microsoft.graph.group";
/// Relations that one request may bring.
const MOST_BOUND: usize = 20;
const MEMBERS: &str = "members@odata.bind";
const OWNERS: &str = "owners@odata.bind";

/// `POST /groups`
pub(super) fn create(call: &Call, body: &Map<String, Value>) -> Result<Row, Fault> {
    for name in [
        "displayName",
        "mailEnabled",
        "mailNickname",
        "securityEnabled",
    ] {
        if body.get(name).is_none_or(Value::is_null) {
            return Err(Fault::directory(&format!(
                "A value is required for property '{name}' of resource 'Group'."
            )));
        }
    }
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let mut group = Group {
            id: state.ids.uuid().to_string(),
            tenant_id: tenant.to_owned(),
            created_at: call.now,
            ..Group::default()
        };
        apply(&mut group, body)?;
        set_kind(&mut group, body)?;
        check_nickname(state, &group)?;
        group.members = bound(state, tenant, body, MEMBERS)?;
        group.owners = bound(state, tenant, body, OWNERS)?;
        // Whoever makes a group owns it, and belongs to one of Microsoft 365.
        if !call.caller.is_application() && group.owners.is_empty() {
            group.owners.push(call.caller.object_id().to_owned());
            if group.is_unified && !group.is_member(call.caller.object_id()) {
                group.members.push(call.caller.object_id().to_owned());
            }
        }
        check_members(state, &group)?;
        if group.is_unified {
            let domain = state.directory.default_domain(tenant).unwrap_or_default();
            group.mail = Some(format!("{}@{domain}", group.mail_nickname));
            group.visibility.get_or_insert_with(|| "Public".to_owned());
        }
        let row = render::group(&group);
        note(state, ChangeKind::Created, &group);
        state.directory.groups.push(group);
        Ok(row)
    })
}

/// Tells of a change to those who watch groups.
pub(in crate::graph::directory) fn note(state: &mut State, kind: ChangeKind, group: &Group) {
    let what = What::Group {
        id: group.id.clone(),
    };
    state.changes.note(&group.tenant_id, kind, what);
}

/// What a change needs: members alone take less than the group itself.
pub(super) fn access_for(body: &Map<String, Value>) -> GroupAccess {
    if !body.is_empty() && body.keys().all(|name| name == MEMBERS) {
        GroupAccess::WriteMembers
    } else {
        GroupAccess::Write
    }
}

/// `PATCH /groups/{id}`: all of it or nothing.
pub(super) fn change(call: &Call, group: &Group, body: &Map<String, Value>) -> Result<(), Fault> {
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let mut changed = group.clone();
        apply(&mut changed, body)?;
        for name in ["mailEnabled", "groupTypes"] {
            if body.contains_key(name) {
                return Err(Fault::directory(&format!(
                    "Property '{name}' is read-only and cannot be set."
                )));
            }
        }
        if let Some(enabled) = fields::boolean(body, "securityEnabled")? {
            changed.security_enabled = enabled;
        }
        if changed.mail_nickname != group.mail_nickname {
            check_nickname(state, &changed)?;
        }
        for (name, list) in [
            (MEMBERS, &mut changed.members),
            (OWNERS, &mut changed.owners),
        ] {
            for id in bound(state, tenant, body, name)? {
                add(list, id, name)?;
            }
        }
        check_members(state, &changed)?;
        note(state, ChangeKind::Updated, group);
        if let Some(group) = state.directory.group_mut(tenant, &group.id) {
            *group = changed;
        }
        Ok(())
    })
}

/// Adds an object to a relation that must not have it yet.
pub(super) fn add(list: &mut Vec<String>, id: String, relation: &str) -> Result<(), Fault> {
    if list.contains(&id) {
        let relation = relation.split('@').next().unwrap_or_default();
        return Err(Fault::directory(&format!(
            "One or more added object references already exist for the following modified properties: '{relation}'."
        )));
    }
    list.push(id);
    Ok(())
}

/// A group of Microsoft 365 consists of people, and only people and applications own anything.
pub(super) fn check_members(state: &State, group: &Group) -> Result<(), Fault> {
    use objects::ObjectKind::Group as Nested;
    let is_group = |id: &String| {
        let found = objects::resolve(state, &group.tenant_id, id);
        found.is_some_and(|(kind, _)| kind == Nested)
    };
    if group.owners.iter().any(is_group) || group.is_unified && group.members.iter().any(is_group) {
        return Err(Fault::directory(
            "The type of the object being added is not valid for this relation of the group.",
        ));
    }
    Ok(())
}

fn set_kind(group: &mut Group, body: &Map<String, Value>) -> Result<(), Fault> {
    let types = body
        .get("groupTypes")
        .map(|it| fields::texts(it, "groupTypes"));
    for name in types.transpose()?.unwrap_or_default() {
        match name.as_str() {
            "Unified" => group.is_unified = true,
            "DynamicMembership" => {
                return Err(Fault::not_implemented("dynamic membership of groups"));
            }
            _ => {
                return Err(Fault::directory(
                    "Invalid value specified for property 'groupTypes' of resource 'Group'.",
                ));
            }
        }
    }
    group.mail_enabled = fields::boolean(body, "mailEnabled")?.unwrap_or_default();
    group.security_enabled = fields::boolean(body, "securityEnabled")?.unwrap_or_default();
    match (group.is_unified, group.mail_enabled, group.security_enabled) {
        (true, true, _) | (false, false, true) => Ok(()),
        (true, false, _) => Err(Fault::directory(
            "Invalid value specified for property 'mailEnabled' of resource 'Group': a unified group is mail enabled.",
        )),
        (false, true, _) => Err(Fault::directory(
            "The service does not currently support writes of mail-enabled groups. Please ensure that the mail-enablement property is unset and the security-enablement property is set.",
        )),
        (false, false, false) => Err(Fault::directory(
            "A group must be mail enabled, security enabled, or both.",
        )),
    }
}

fn apply(group: &mut Group, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "displayName" => group.display_name = required(body, name, 256)?,
            "description" => {
                group.description = fields::text(body, name)?.filter(|it| !it.is_empty());
            }
            "mailNickname" => group.mail_nickname = required(body, name, 64)?,
            "visibility" => group.visibility = visibility(value)?,
            "classification" => group.classification = fields::text(body, name)?,
            "preferredLanguage" => group.preferred_language = fields::text(body, name)?,
            "isAssignableToRole" => {
                group.is_assignable_to_role = fields::boolean(body, name)?.unwrap_or_default();
            }
            "resourceBehaviorOptions" => {
                group.resource_behavior_options = fields::texts(value, name)?;
            }
            "mailEnabled" | "securityEnabled" | "groupTypes" => {}
            "allowExternalSenders"
            | "autoSubscribeNewMembers"
            | "hideFromAddressLists"
            | "hideFromOutlookClients"
            | "membershipRule"
            | "membershipRuleProcessingState"
            | "theme"
            | "uniqueName"
            | "preferredDataLocation"
            | "creationOptions"
            | "resourceProvisioningOptions"
            | "assignedLabels" => {
                return Err(Fault::not_implemented(&format!("{name} of groups")));
            }
            "id" | "mail" | "proxyAddresses" | "createdDateTime" | "securityIdentifier"
            | "renewedDateTime" | "expirationDateTime" => {
                return Err(Fault::directory(&format!(
                    "Property '{name}' is read-only and cannot be set."
                )));
            }
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok(())
}

fn required(body: &Map<String, Value>, name: &str, longest: usize) -> Result<String, Fault> {
    let text = fields::required(body, name)?;
    if text.chars().count() > longest {
        return Err(Fault::directory(&format!(
            "Property '{name}' of resource 'Group' is longer than {longest} characters."
        )));
    }
    Ok(text)
}

fn visibility(value: &Value) -> Result<Option<String>, Fault> {
    if value.is_null() {
        return Ok(None);
    }
    let known = ["Public", "Private", "HiddenMembership"];
    let named = value.as_str().unwrap_or_default();
    let found = known.iter().find(|it| it.eq_ignore_ascii_case(named));
    found.map(|it| Some((*it).to_owned())).ok_or_else(|| {
        Fault::directory("Invalid value specified for property 'visibility' of resource 'Group'.")
    })
}

/// A nickname has only what an address may have before its `@`, and no unified group has it already.
pub(in crate::graph::directory) fn check_nickname(
    state: &State,
    group: &Group,
) -> Result<(), Fault> {
    let is_bad = |c: char| !c.is_ascii() || c.is_ascii_control() || "@()\\[]\";:<>, ".contains(c);
    if group.mail_nickname.contains(is_bad) {
        return Err(Fault::directory(
            "Invalid value specified for property 'mailNickname' of resource 'Group'.",
        ));
    }
    let mut others = state.directory.groups.iter();
    let is_taken = others.any(|it| {
        it.tenant_id == group.tenant_id
            && it.id != group.id
            && it.is_unified
            && it.mail_nickname.eq_ignore_ascii_case(&group.mail_nickname)
    });
    if group.is_unified && is_taken {
        return Err(Fault::directory(
            "Another object with the same value for property mailNickname already exists.",
        ));
    }
    Ok(())
}

fn bound(
    state: &State,
    tenant: &str,
    body: &Map<String, Value>,
    name: &str,
) -> Result<Vec<String>, Fault> {
    let Some(value) = body.get(name) else {
        return Ok(Vec::new());
    };
    let urls = fields::texts(value, name)?;
    if urls.len() > MOST_BOUND {
        return Err(Fault::directory(&format!(
            "The number of references in '{name}' exceeds the limit of {MOST_BOUND}."
        )));
    }
    let mut ids = Vec::new();
    for url in urls {
        add(&mut ids, objects::referenced(state, tenant, &url)?, name)?;
    }
    Ok(ids)
}
