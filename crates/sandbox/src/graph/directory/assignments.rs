//! App role assignments: application permissions that an administrator granted.
//! Source: <https://learn.microsoft.com/graph/api/serviceprincipal-post-approleassignments>

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::principals::{self, Known};
use super::{Row, fields, require, rows};
use crate::entra::permissions;
use crate::entra::tokens::GRAPH_APP_ID;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, Kind, Property};
use crate::state::State;
use crate::state::directory::RoleGrant;

const NAMES: [&str; 3] = ["principalId", "resourceId", "appRoleId"];

static ASSIGNMENT: EntityType = EntityType {
    name: "microsoft.graph.appRoleAssignment",
    properties: &[
        Property {
            name: "id",
            kind: Kind::Text,
        },
        Property {
            name: "appRoleId",
            kind: Kind::Guid,
        },
        Property {
            name: "principalDisplayName",
            kind: Kind::Text,
        },
        Property {
            name: "principalId",
            kind: Kind::Guid,
        },
        Property {
            name: "principalType",
            kind: Kind::Text,
        },
        Property {
            name: "resourceDisplayName",
            kind: Kind::Text,
        },
        Property {
            name: "resourceId",
            kind: Kind::Guid,
        },
    ],
};

/// `/servicePrincipals/{client}/appRoleAssignments`
pub(super) fn of_principal(call: &Call, client: &Known, below: &[&str]) -> Result<Reply, Fault> {
    let set = format!("servicePrincipals('{}')/appRoleAssignments", client.id);
    serve(call, &set, client, below, |grant| {
        grant.client_id == client.app_id
    })
}

/// `/servicePrincipals/{resource}/appRoleAssignedTo`
pub(super) fn to_resource(call: &Call, resource: &Known, below: &[&str]) -> Result<Reply, Fault> {
    let set = format!("servicePrincipals('{}')/appRoleAssignedTo", resource.id);
    serve(call, &set, resource, below, |grant| {
        grant.resource == resource.app_id
    })
}

fn serve(
    call: &Call,
    set: &str,
    side: &Known,
    below: &[&str],
    is_here: impl Fn(&RoleGrant) -> bool,
) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    match (&call.method, below) {
        (&Method::GET, []) => {
            require(call, DirectoryAccess::ReadApplications)?;
            let all = call.shared.read(|state| {
                let grants = state.directory.role_grants.iter();
                let here = grants.filter(|it| it.tenant_id == tenant && is_here(it));
                here.filter_map(|it| render(state, it)).collect()
            });
            rows::list(call, set, &ASSIGNMENT, all)
        }
        (&Method::POST, []) => {
            require(call, DirectoryAccess::WriteAssignments)?;
            let row = create(call, side)?;
            Ok(rows::created(call, set, row))
        }
        (&Method::DELETE, [id]) => {
            require(call, DirectoryAccess::WriteAssignments)?;
            let removed = call.shared.write(|state| {
                let grants = &mut state.directory.role_grants;
                let before = grants.len();
                grants.retain(|it| it.id != *id || it.tenant_id != tenant || !is_here(it));
                grants.len() < before
            });
            if removed {
                return Ok(Reply::no_content());
            }
            Err(Fault::user_not_found(id))
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn create(call: &Call, side: &Known) -> Result<Row, Fault> {
    let body = call.json()?;
    fields::known(&body, &NAMES, ASSIGNMENT.name)?;
    let principal = fields::required(&body, "principalId")?;
    let resource = fields::required(&body, "resourceId")?;
    let role_id = fields::required(&body, "appRoleId")?;
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let find = |key: &str| {
            let found = principals::known(state, tenant, key).filter(|it| it.id == key);
            found.ok_or_else(|| Fault::user_not_found(key))
        };
        let (client, resource) = (find(&principal)?, find(&resource)?);
        if client.id != side.id && resource.id != side.id {
            return Err(Fault::directory(
                "The principal or resource of the assignment is not the one of the request.",
            ));
        }
        let role = permissions::by_id(&role_id)
            .filter(|it| {
                resource.app_id == GRAPH_APP_ID && it.application == Some(role_id.as_str())
            })
            .ok_or_else(|| {
                Fault::directory(&format!(
                    "Permission being assigned was not found on application '{}'.",
                    resource.app_id
                ))
            })?;
        let held = state
            .directory
            .granted_roles(&client.app_id, tenant, &resource.app_id);
        if held.iter().any(|held| held == role.name) {
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                "Request_BadRequest",
                "Permission being assigned already exists on the object",
            ));
        }
        let grant = RoleGrant {
            id: state.ids.uuid().to_string(),
            client_id: client.app_id,
            tenant_id: tenant.to_owned(),
            resource: resource.app_id,
            role: role.name.to_owned(),
        };
        let row = render(state, &grant).unwrap_or_default();
        state.directory.role_grants.push(grant);
        Ok(row)
    })
}

fn render(state: &State, grant: &RoleGrant) -> Option<Row> {
    let principal = principals::known(state, &grant.tenant_id, &grant.client_id)?;
    let resource = principals::known(state, &grant.tenant_id, &grant.resource)?;
    let value: Value = json!({
        "id": grant.id,
        "deletedDateTime": null,
        "appRoleId": permissions::find(&grant.role)?.application?,
        "principalDisplayName": principal.display_name,
        "principalId": principal.id,
        "principalType": "ServicePrincipal",
        "resourceDisplayName": resource.display_name,
        "resourceId": resource.id,
    });
    value.as_object().cloned()
}
