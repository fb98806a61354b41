//! App role assignments: application permissions that an administrator granted.
//! Source: <https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments>

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::objects::{self, ObjectKind};
use super::principals::{self, Known};
use super::{Row, fields, require, rows};
use crate::entra::permissions;
use crate::entra::tokens::GRAPH_APP_ID;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, guid, text, time};
use crate::state::State;
use crate::state::directory::app_role::DEFAULT_ROLE;
use crate::state::directory::{RoleAssignment, RoleGrant};

const NAMES: [&str; 3] = ["principalId", "resourceId", "appRoleId"];

static ASSIGNMENT: EntityType = EntityType {
    name: "microsoft.graph.appRoleAssignment",
    properties: &[
        text("id"),
        guid("appRoleId"),
        time("createdDateTime"),
        text("principalDisplayName"),
        guid("principalId"),
        text("principalType"),
        text("resourceDisplayName"),
        guid("resourceId"),
    ],
};

/// Which assignments a path is about.
enum Side {
    /// Those that a principal, user or group holds.
    Holder(String),
    /// Those to a resource.
    Resource(Known),
}

impl Side {
    fn has(&self, held: &Held) -> bool {
        match self {
            Self::Holder(id) => held.principal.1 == *id,
            Self::Resource(known) => held.resource.app_id == known.app_id,
        }
    }
}

/// `/servicePrincipals/{client}/appRoleAssignments`
pub(super) fn of_principal(call: &Call, client: &Known, below: &[&str]) -> Result<Reply, Fault> {
    let set = format!("servicePrincipals('{}')/appRoleAssignments", client.id);
    serve(call, &set, &Side::Holder(client.id.clone()), below)
}

/// `/servicePrincipals/{resource}/appRoleAssignedTo`
pub(super) fn to_resource(call: &Call, resource: &Known, below: &[&str]) -> Result<Reply, Fault> {
    let set = format!("servicePrincipals('{}')/appRoleAssignedTo", resource.id);
    serve(call, &set, &Side::Resource(resource.clone()), below)
}

/// `/users/{id}/appRoleAssignments` and `/groups/{id}/appRoleAssignments`
pub(in crate::graph) fn of_object(call: &Call, key: &str, below: &[&str]) -> Result<Reply, Fault> {
    let id = objects::exists(call, key)?;
    let tenant = call.caller.tenant_id();
    let kind = call
        .shared
        .read(|state| objects::resolve(state, tenant, &id));
    let kind = kind.map_or(ObjectKind::User, |(kind, _)| kind);
    let set = format!("{}s('{id}')/appRoleAssignments", kind.name());
    serve(call, &set, &Side::Holder(id), below)
}

fn serve(call: &Call, set: &str, side: &Side, below: &[&str]) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    match (&call.method, below) {
        (&Method::GET, []) => {
            require(call, DirectoryAccess::ReadApplications)?;
            let all = call.shared.read(|state| {
                let here = held(state, tenant).into_iter().filter(|it| side.has(it));
                here.map(|it| it.render()).collect()
            });
            rows::list(call, set, &ASSIGNMENT, all)
        }
        (&Method::GET, [id]) => {
            require(call, DirectoryAccess::ReadApplications)?;
            let mut all = call.shared.read(|state| held(state, tenant)).into_iter();
            let found = all.find(|it| it.id == *id && side.has(it));
            let found = found.ok_or_else(|| Fault::user_not_found(id))?;
            rows::one(call, set, &ASSIGNMENT, found.render())
        }
        (&Method::POST, []) => {
            require(call, DirectoryAccess::WriteAssignments)?;
            let row = create(call, side)?;
            Ok(rows::created(call, set, row))
        }
        (&Method::DELETE, [id]) => {
            require(call, DirectoryAccess::WriteAssignments)?;
            call.shared.write(|state| {
                let mut all = held(state, tenant).into_iter();
                if !all.any(|it| it.id == *id && side.has(&it)) {
                    return Err(Fault::user_not_found(id));
                }
                state.directory.role_grants.retain(|it| it.id != *id);
                state.directory.role_assignments.retain(|it| it.id != *id);
                Ok(Reply::no_content())
            })
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn create(call: &Call, side: &Side) -> Result<Row, Fault> {
    let body = call.json()?;
    fields::known(&body, &NAMES, ASSIGNMENT.name)?;
    let principal = fields::required(&body, "principalId")?;
    let resource = fields::required(&body, "resourceId")?;
    let role_id = fields::required(&body, "appRoleId")?;
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let resource = principals::known(state, tenant, &resource)
            .filter(|it| it.id == resource)
            .ok_or_else(|| Fault::user_not_found(&resource))?;
        let holder = objects::resolve(state, tenant, &principal)
            .filter(|(_, id)| *id == principal)
            .ok_or_else(|| Fault::user_not_found(&principal))?;
        let is_here = match side {
            // A principal may be named from its own side as the resource too.
            Side::Holder(id) => holder.1 == *id || resource.id == *id,
            Side::Resource(known) => known.id == resource.id || known.id == holder.1,
        };
        if !is_here {
            return Err(Fault::directory(
                "The principal or resource of the assignment is not the one of the request.",
            ));
        }
        let role = role_of(state, &resource, &role_id, holder.0)?;
        let new = Held {
            id: state.ids.uuid().to_string(),
            principal: (holder.0, holder.1, name_of(state, tenant, &principal)),
            resource,
            role_id: role_id.to_ascii_lowercase(),
            created_at: call.now,
        };
        let mut all = held(state, tenant).into_iter();
        if all.any(|it| it.is_same(&new)) {
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                "Request_BadRequest",
                "Permission being assigned already exists on the object",
            ));
        }
        let row = new.render();
        keep(state, tenant, new, role);
        Ok(row)
    })
}

/// What the role is called in tokens; nothing for access without a role.
fn role_of(
    state: &State,
    resource: &Known,
    role_id: &str,
    kind: ObjectKind,
) -> Result<Option<String>, Fault> {
    let wanted = match kind {
        ObjectKind::ServicePrincipal => "Application",
        _ => "User",
    };
    let of_graph = permissions::by_id(role_id).filter(|it| {
        resource.app_id == GRAPH_APP_ID
            && it.application == Some(role_id)
            && wanted == "Application"
    });
    if let Some(permission) = of_graph {
        return Ok(Some(permission.name.to_owned()));
    }
    let own = state.directory.app_role(&resource.app_id, role_id);
    if let Some(role) =
        own.filter(|it| it.is_enabled && it.allowed_member_types.iter().any(|kind| kind == wanted))
    {
        return Ok(role.value.clone());
    }
    let defines_none = state.directory.api(&resource.app_id).is_some_and(|it| {
        let mut roles = it.app_roles.iter();
        !roles.any(|role| role.allowed_member_types.iter().any(|kind| kind == wanted))
    });
    if role_id == DEFAULT_ROLE && defines_none {
        return Ok(None);
    }
    Err(Fault::directory(&format!(
        "Permission being assigned was not found on application '{}'.",
        resource.app_id
    )))
}

/// An application's assignment is a grant, which its tokens are made by; everybody else's is kept beside.
fn keep(state: &mut State, tenant: &str, new: Held, role: Option<String>) {
    let (kind, principal_id, _) = new.principal;
    let client = principals::known(state, tenant, &principal_id);
    match (kind, client, role) {
        (ObjectKind::ServicePrincipal, Some(client), Some(role)) => {
            state.directory.role_grants.push(RoleGrant {
                id: new.id,
                client_id: client.app_id,
                tenant_id: tenant.to_owned(),
                resource: new.resource.app_id,
                role,
            });
        }
        _ => state.directory.role_assignments.push(RoleAssignment {
            id: new.id,
            tenant_id: tenant.to_owned(),
            principal_id,
            resource: new.resource.app_id,
            role_id: new.role_id,
            created_at: new.created_at,
        }),
    }
}

/// An assignment of either kind with both its ends.
struct Held {
    id: String,
    /// Kind, object id, display name.
    principal: (ObjectKind, String, String),
    resource: Known,
    role_id: String,
    created_at: Timestamp,
}

impl Held {
    fn is_same(&self, other: &Self) -> bool {
        self.principal.1 == other.principal.1
            && self.resource.id == other.resource.id
            && self.role_id == other.role_id
    }

    fn render(&self) -> Row {
        let (kind, id, name) = &self.principal;
        let kind = match kind {
            ObjectKind::User => "User",
            ObjectKind::Group => "Group",
            ObjectKind::ServicePrincipal => "ServicePrincipal",
        };
        let value: Value = json!({
            "id": self.id,
            "deletedDateTime": null,
            "appRoleId": self.role_id,
            "createdDateTime": self.created_at,
            "principalDisplayName": name,
            "principalId": id,
            "principalType": kind,
            "resourceDisplayName": self.resource.display_name,
            "resourceId": self.resource.id,
        });
        value.as_object().cloned().unwrap_or_default()
    }
}

/// Everything assigned in a tenant whose both ends are there.
fn held(state: &State, tenant: &str) -> Vec<Held> {
    let grants = state
        .directory
        .role_grants
        .iter()
        .filter(|it| it.tenant_id == tenant);
    let grants = grants.filter_map(|grant| {
        let client = principals::known(state, tenant, &grant.client_id)?;
        let resource = principals::known(state, tenant, &grant.resource)?;
        let own = state.directory.api(&resource.app_id);
        let own = own.and_then(|it| {
            it.app_roles
                .iter()
                .find(|role| role.value.as_ref() == Some(&grant.role))
        });
        let role_id = match own {
            Some(role) => role.id.clone(),
            None => permissions::find(&grant.role)?.application?.to_owned(),
        };
        Some(Held {
            id: grant.id.clone(),
            principal: (ObjectKind::ServicePrincipal, client.id, client.display_name),
            resource,
            role_id,
            created_at: Timestamp::UNIX_EPOCH,
        })
    });
    let others = state
        .directory
        .role_assignments
        .iter()
        .filter(|it| it.tenant_id == tenant);
    let others = others.filter_map(|assignment| {
        let (kind, id) = objects::resolve(state, tenant, &assignment.principal_id)?;
        let name = name_of(state, tenant, &id);
        Some(Held {
            id: assignment.id.clone(),
            principal: (kind, id, name),
            resource: principals::known(state, tenant, &assignment.resource)?,
            role_id: assignment.role_id.clone(),
            created_at: assignment.created_at,
        })
    });
    grants.chain(others).collect()
}

fn name_of(state: &State, tenant: &str, id: &str) -> String {
    let directory = &state.directory;
    let user = directory.user(id).map(|it| it.display_name.clone());
    user.or_else(|| {
        directory
            .group(tenant, id)
            .map(|it| it.display_name.clone())
    })
    .or_else(|| principals::known(state, tenant, id).map(|it| it.display_name))
    .unwrap_or_default()
}
