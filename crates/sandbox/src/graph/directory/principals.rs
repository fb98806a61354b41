//! `/servicePrincipals`: applications as a tenant knows them, Microsoft Graph among them.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Row, applications, assignments, derived_id, fields, grants, membership, owners};
use super::{require, rows};
use crate::entra::permissions::{self, Permission};
use crate::entra::tokens::GRAPH_APP_ID;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, boolean, related, text, texts};
use crate::state::State;
use crate::state::directory::ServicePrincipal;

const SET: &str = "servicePrincipals";
/// What may be changed of one.
const SWITCHES: [&str; 2] = ["accountEnabled", "appRoleAssignmentRequired"];

static PRINCIPAL: EntityType = EntityType {
    name: "microsoft.graph.servicePrincipal",
    properties: &[
        text("id"),
        text("appId"),
        text("displayName"),
        text("appDisplayName"),
        text("appOwnerOrganizationId"),
        text("servicePrincipalType"),
        text("signInAudience"),
        boolean("accountEnabled"),
        boolean("appRoleAssignmentRequired"),
        texts("servicePrincipalNames"),
        related("appRoles"),
        related("oauth2PermissionScopes"),
    ],
};

/// What a tenant knows an application by.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) id: String,
    pub(super) app_id: String,
    pub(super) display_name: String,
}

pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    let Some((&key, below)) = rest.split_first() else {
        return collection(call);
    };
    let Some((&first, below)) = below.split_first() else {
        return single(call, key);
    };
    match first.to_ascii_lowercase().as_str() {
        "approleassignments" => assignments::of_principal(call, &find(call, key)?, below),
        "approleassignedto" => assignments::to_resource(call, &find(call, key)?, below),
        "oauth2permissiongrants" => grants::of_principal(call, &find(call, key)?),
        "owners" => owners::of_principal(call, &find(call, key)?, below),
        name if membership::is_mine(name) => {
            membership::dispatch(call, &find(call, key)?.id, first)
        }
        "addpassword" | "removepassword" | "addkey" | "removekey" => {
            Err(Fault::not_implemented(first))
        }
        _ => Err(Fault::unknown_segment(first)),
    }
}

fn collection(call: &Call) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            require(call, DirectoryAccess::ReadApplications)?;
            let tenant = call.caller.tenant_id();
            let all = call.shared.read(|state| {
                let principals = state.directory.service_principals.iter();
                let own = principals.filter(|it| it.tenant_id == tenant);
                let own = own.filter_map(|it| render(state, it));
                own.chain([graph(tenant)]).collect()
            });
            rows::list(call, SET, &PRINCIPAL, all)
        }
        Method::POST => {
            require(call, DirectoryAccess::WriteApplications)?;
            let row = create(call)?;
            Ok(rows::created(call, SET, row))
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn single(call: &Call, key: &str) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            require(call, DirectoryAccess::ReadApplications)?;
            let known = find(call, key)?;
            let row = row(call, &known).ok_or_else(|| Fault::user_not_found(key))?;
            rows::one(call, SET, &PRINCIPAL, row)
        }
        Method::PATCH => {
            require(call, DirectoryAccess::WriteApplications)?;
            let known = find(call, key)?;
            let body = call.json()?;
            fields::known(&body, &SWITCHES, PRINCIPAL.name)?;
            let [enabled, required] = SWITCHES.map(|name| fields::boolean(&body, name));
            let (enabled, required) = (enabled?, required?);
            change(call, &known, |principal| {
                principal.disabled = enabled.map_or(principal.disabled, |it| !it);
                principal.assignment_required = required.unwrap_or(principal.assignment_required);
            })?;
            Ok(Reply::no_content())
        }
        Method::DELETE => {
            require(call, DirectoryAccess::WriteApplications)?;
            let known = find(call, key)?;
            change(call, &known, |_| ())?;
            let tenant = call.caller.tenant_id();
            call.shared.write(|state| {
                let directory = &mut state.directory;
                let is_other = |client: &str, of: &str| client != known.app_id || of != tenant;
                directory
                    .service_principals
                    .retain(|it| is_other(&it.client_id, &it.tenant_id));
                directory
                    .delegated_grants
                    .retain(|it| is_other(&it.client_id, &it.tenant_id));
                directory
                    .role_grants
                    .retain(|it| is_other(&it.client_id, &it.tenant_id));
            });
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn create(call: &Call) -> Result<Row, Fault> {
    let body = call.json()?;
    let names = ["appId", SWITCHES[0], SWITCHES[1]];
    fields::known(&body, &names, PRINCIPAL.name)?;
    let assignment_required = fields::boolean(&body, SWITCHES[1])?.unwrap_or_default();
    let app_id = fields::required(&body, "appId")?;
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let application = state.directory.api(&app_id);
        let usable = application.filter(|it| it.tenant_id == tenant || it.is_multi_tenant);
        let client_id = usable.map(|it| it.client_id.clone()).ok_or_else(|| {
            Fault::directory(&format!(
                "The appId '{app_id}' of the service principal does not reference a valid application object."
            ))
        })?;
        if state.directory.service_principal(&client_id, tenant).is_some() {
            return Err(Fault::same_key(&format!(
                "The service principal cannot be created, updated, or restored because the service principal name \
                 {client_id} is already in use."
            )));
        }
        let principal = ServicePrincipal {
            id: state.ids.uuid().to_string(),
            client_id,
            tenant_id: tenant.to_owned(),
            disabled: body.get("accountEnabled").and_then(Value::as_bool) == Some(false),
            assignment_required,
            owners: owners::maker(call),
        };
        let row = render(state, &principal).unwrap_or_default();
        state.directory.service_principals.push(principal);
        Ok(row)
    })
}

/// A principal of the caller's tenant by object id or client id.
pub(super) fn find(call: &Call, key: &str) -> Result<Known, Fault> {
    let tenant = call.caller.tenant_id();
    let found = call.shared.read(|state| known(state, tenant, key));
    found.ok_or_else(|| Fault::user_not_found(key))
}

/// The same, inside the state.
pub(super) fn known(state: &State, tenant: &str, key: &str) -> Option<Known> {
    if key.eq_ignore_ascii_case(GRAPH_APP_ID) || key.eq_ignore_ascii_case(&graph_id(tenant)) {
        return Some(Known {
            id: graph_id(tenant),
            app_id: GRAPH_APP_ID.to_owned(),
            display_name: "Microsoft Graph".to_owned(),
        });
    }
    let mut principals = state.directory.service_principals.iter();
    let found = principals.find(|it| {
        it.tenant_id == tenant
            && (it.id.eq_ignore_ascii_case(key) || it.client_id.eq_ignore_ascii_case(key))
    })?;
    let application = state.directory.api(&found.client_id)?;
    Some(Known {
        id: found.id.clone(),
        app_id: found.client_id.clone(),
        display_name: application.display_name.clone(),
    })
}

fn row(call: &Call, known: &Known) -> Option<Row> {
    let tenant = call.caller.tenant_id();
    call.shared.read(|state| row_of(state, tenant, &known.id))
}

/// The principal with this object id or client id, as Graph shows it.
pub(super) fn row_of(state: &State, tenant: &str, key: &str) -> Option<Row> {
    let known = known(state, tenant, key)?;
    if known.app_id == GRAPH_APP_ID {
        return Some(graph(tenant));
    }
    let principal = state.directory.service_principal(&known.app_id, tenant)?;
    render(state, principal)
}

/// Microsoft's own principals cannot be changed.
pub(super) fn change(
    call: &Call,
    known: &Known,
    change: impl FnOnce(&mut ServicePrincipal),
) -> Result<(), Fault> {
    call.shared.write(|state| {
        let mut principals = state.directory.service_principals.iter_mut();
        let found = principals.find(|it| it.id == known.id);
        found.map(change).ok_or_else(Fault::request_denied)
    })
}

fn render(state: &State, principal: &ServicePrincipal) -> Option<Row> {
    let application = state.directory.api(&principal.client_id)?;
    let names = application.identifier_uris.iter();
    let names: Vec<&String> = names.chain([&application.client_id]).collect();
    let kind = if application.managed {
        "ManagedIdentity"
    } else {
        "Application"
    };
    let value = json!({
        "id": principal.id,
        "deletedDateTime": null,
        "accountEnabled": !principal.disabled,
        "appDisplayName": application.display_name,
        "appId": application.client_id,
        "appOwnerOrganizationId": application.tenant_id,
        "appRoleAssignmentRequired": principal.assignment_required,
        "displayName": application.display_name,
        "servicePrincipalNames": names,
        "servicePrincipalType": kind,
        "signInAudience": if application.is_multi_tenant { "AzureADMultipleOrgs" } else { "AzureADMyOrg" },
        "appRoles": application.app_roles.iter().map(applications::role).collect::<Vec<_>>(),
        "oauth2PermissionScopes": applications::offered_scopes(application),
    });
    value.as_object().cloned()
}

fn graph_id(tenant: &str) -> String {
    derived_id(&[tenant, GRAPH_APP_ID])
}

/// Microsoft Graph in a tenant, with the permissions that the sandbox knows.
fn graph(tenant: &str) -> Row {
    let roles: Vec<Value> = permissions::all().filter_map(role).collect();
    let scopes: Vec<Value> = permissions::all().filter_map(scope).collect();
    let value = json!({
        "id": graph_id(tenant),
        "deletedDateTime": null,
        "accountEnabled": true,
        "appDisplayName": "Microsoft Graph",
        "appId": GRAPH_APP_ID,
        "appOwnerOrganizationId": "f8cdef31-a31e-4b4a-93e4-5f571e91255a",
        "appRoleAssignmentRequired": false,
        "displayName": "Microsoft Graph",
        "servicePrincipalNames": [GRAPH_APP_ID, "https://graph.microsoft.com"],
        "servicePrincipalType": "Application",
        "signInAudience": "AzureADMultipleOrgs",
        "appRoles": roles,
        "oauth2PermissionScopes": scopes,
    });
    value.as_object().cloned().unwrap_or_default()
}

fn role(permission: &Permission) -> Option<Value> {
    Some(json!({
        "allowedMemberTypes": ["Application"],
        "description": permission.sentence,
        "displayName": permission.sentence,
        "id": permission.application?,
        "isEnabled": true,
        "origin": "Application",
        "value": permission.name,
    }))
}

fn scope(permission: &Permission) -> Option<Value> {
    Some(json!({
        "adminConsentDescription": permission.sentence,
        "adminConsentDisplayName": permission.sentence,
        "id": permission.delegated?,
        "isEnabled": true,
        "type": if permission.admin_only { "Admin" } else { "User" },
        "userConsentDescription": permission.sentence,
        "userConsentDisplayName": permission.sentence,
        "value": permission.name,
    }))
}
