//! Making and changing a registration.

use serde_json::{Map, Value};

use super::{Row, applications, certificates, fields, owners};
use crate::entra::permissions;
use crate::entra::tokens::GRAPH_APP_ID;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::directory::first_party;
use crate::state::directory::{AppRole, Application};

const TYPE: &str = "microsoft.graph.application";

/// `POST /applications`. Microsoft makes no service principal with it.
pub(super) fn create(call: &Call, body: &Map<String, Value>) -> Result<Row, Fault> {
    create_as(call, body, None)
}

/// The same, under a name that no other application has.
pub(super) fn create_as(
    call: &Call,
    body: &Map<String, Value>,
    unique_name: Option<&str>,
) -> Result<Row, Fault> {
    fields::required(body, "displayName")?;
    call.shared.write(|state| {
        let mut application = Application {
            object_id: state.ids.uuid().to_string(),
            client_id: state.ids.uuid().to_string(),
            tenant_id: call.caller.tenant_id().to_owned(),
            // New registrations are open to every organisation unless they say otherwise.
            is_multi_tenant: !body.contains_key("signInAudience"),
            owners: owners::maker(call),
            unique_name: unique_name.map(str::to_owned),
            ..Application::default()
        };
        apply(&mut application, body)?;
        let taken = application.identifier_uris.iter().find(|uri| state.directory.api(uri).is_some());
        if let Some(uri) = taken {
            return Err(Fault::same_key(&format!(
                "Another object with the same value for property identifierUris already exists: '{uri}'."
            )));
        }
        let row = applications::render(&application);
        state.directory.applications.push(application);
        Ok(row)
    })
}

/// Writes the named properties, all or none.
pub(super) fn apply(application: &mut Application, body: &Map<String, Value>) -> Result<(), Fault> {
    for (name, value) in body.iter().filter(|(name, _)| !name.contains('@')) {
        match name.as_str() {
            "displayName" => application.display_name = fields::required(body, name)?,
            "signInAudience" => application.is_multi_tenant = is_multi_tenant(value)?,
            "identifierUris" => application.identifier_uris = fields::texts(value, name)?,
            "isFallbackPublicClient" => {
                application.is_public_client = value.as_bool().unwrap_or(false);
            }
            "requiredResourceAccess" => configure(application, value)?,
            "web" => web(application, value)?,
            "publicClient" => native(application, value)?,
            "api" => offer(application, value)?,
            "appRoles" => define_roles(application, value)?,
            "keyCredentials" => certificates::replace(application, value)?,
            "tags" => application.tags = fields::texts(value, name)?,
            "notes" => application.notes = fields::text(body, name)?,
            "id" | "appId" | "passwordCredentials" | "uniqueName" => return Err(read_only(name)),
            "spa" | "optionalClaims" | "info" => {
                return Err(Fault::not_implemented(&format!("{name} of applications")));
            }
            _ => return Err(Fault::unknown_property(name, TYPE)),
        }
    }
    Ok(())
}

fn read_only(name: &str) -> Fault {
    Fault::directory(&format!(
        "Property '{name}' is read-only and cannot be set."
    ))
}

fn is_multi_tenant(value: &Value) -> Result<bool, Fault> {
    match value.as_str() {
        Some("AzureADMyOrg") => Ok(false),
        Some("AzureADMultipleOrgs" | "AzureADandPersonalMicrosoftAccount") => Ok(true),
        _ => Err(Fault::directory(
            "Invalid value specified for property 'signInAudience' of resource 'Application'.",
        )),
    }
}

/// Redirect URIs of a website, and whether the authorize endpoint may issue ID tokens.
fn web(application: &mut Application, value: &Value) -> Result<(), Fault> {
    if let Some(uris) = value.get("redirectUris") {
        application.redirect_uris = fields::texts(uris, "redirectUris")?;
    }
    let issues = &value["implicitGrantSettings"]["enableIdTokenIssuance"];
    if let Some(issues) = issues.as_bool() {
        application.issues_id_tokens = issues;
    }
    Ok(())
}

/// Redirect URIs of a native application. One with such URIs keeps no secret.
fn native(application: &mut Application, value: &Value) -> Result<(), Fault> {
    if let Some(uris) = value.get("redirectUris") {
        let uris = fields::texts(uris, "redirectUris")?;
        if !uris.is_empty() {
            application.is_public_client = true;
            application.redirect_uris = uris;
        }
    }
    Ok(())
}

/// The permissions that a registration is configured with, named by their ids.
fn configure(application: &mut Application, value: &Value) -> Result<(), Fault> {
    let (mut scopes, mut roles) = (Vec::new(), Vec::new());
    let mut api_roles = Vec::new();
    for resource in value.as_array().into_iter().flatten() {
        if resource["resourceAppId"] != GRAPH_APP_ID {
            api_roles.extend(roles_of_api(resource)?);
            continue;
        }
        for access in resource["resourceAccess"].as_array().into_iter().flatten() {
            let id = access["id"].as_str().unwrap_or_default();
            let found = permissions::by_id(id).ok_or_else(|| {
                Fault::directory(&format!(
                    "Permission with id '{id}' was not found on the resource."
                ))
            })?;
            match access["type"].as_str() {
                Some("Scope") if found.delegated == Some(id) => scopes.push(found.name.to_owned()),
                Some("Role") if found.application == Some(id) => roles.push(found.name.to_owned()),
                _ => return Err(Fault::invalid_value("type", "Scope or Role")),
            }
        }
    }
    application.configured_scopes = scopes;
    application.configured_roles = roles;
    application.configured_api_roles = api_roles;
    Ok(())
}

/// App id and roles of another API of Microsoft's.
fn roles_of_api(resource: &Value) -> Result<Vec<(String, String)>, Fault> {
    let id = resource["resourceAppId"].as_str().unwrap_or_default();
    let Some(api) = first_party::api(id) else {
        return Err(Fault::not_implemented("permissions of other resources"));
    };
    let mut roles = Vec::new();
    for access in resource["resourceAccess"].as_array().into_iter().flatten() {
        if access["type"] != "Role" {
            return Err(Fault::not_implemented("scopes of other resources"));
        }
        let id = access["id"].as_str().unwrap_or_default();
        let found = api.app_roles.iter().find(|role| role.id == id);
        let value = found.and_then(|role| role.value.clone()).ok_or_else(|| {
            Fault::directory(&format!(
                "Permission with id '{id}' was not found on the resource."
            ))
        })?;
        roles.push((api.client_id.clone(), value));
    }
    Ok(roles)
}

/// The scopes of the application's own API.
fn offer(application: &mut Application, value: &Value) -> Result<(), Fault> {
    let Some(scopes) = value.get("oauth2PermissionScopes") else {
        return Ok(());
    };
    let scopes = scopes.as_array().into_iter().flatten();
    let values: Result<Vec<_>, _> = scopes
        .map(|scope| {
            let value = scope["value"].as_str().filter(|value| !value.is_empty());
            value.map(str::to_owned).ok_or_else(|| {
                Fault::directory("A value is required for property 'value' of a permission scope.")
            })
        })
        .collect();
    application.exposed_scopes = values?;
    Ok(())
}

/// The application's own roles. One has to be disabled before it goes, since tokens may carry it.
/// Source: <https://learn.microsoft.com/graph/api/resources/approle>
fn define_roles(application: &mut Application, value: &Value) -> Result<(), Fault> {
    let items = value
        .as_array()
        .ok_or_else(|| Fault::invalid_value("appRoles", "Collection(graph.appRole)"))?;
    let roles = items.iter().map(app_role).collect::<Result<Vec<_>, _>>()?;
    for (at, role) in roles.iter().enumerate() {
        let mut before = roles[..at].iter();
        if before.any(|it| it.id == role.id || it.value.is_some() && it.value == role.value) {
            return Err(Fault::directory(
                "It contains duplicate value. Please Provide unique value.",
            ));
        }
    }
    let mut old = application.app_roles.iter();
    if old.any(|old| old.is_enabled && roles.iter().all(|it| it.id != old.id)) {
        return Err(Fault::bad_request_as(
            "CannotDeleteOrUpdateEnabledEntitlement",
            "Permission (scope or role) cannot be deleted or updated unless disabled first.",
        ));
    }
    application.app_roles = roles;
    Ok(())
}

fn app_role(value: &Value) -> Result<AppRole, Fault> {
    let body = value
        .as_object()
        .ok_or_else(|| Fault::invalid_value("appRoles", "graph.appRole"))?;
    let names = [
        "id",
        "allowedMemberTypes",
        "description",
        "displayName",
        "isEnabled",
        "value",
        "origin",
    ];
    fields::known(body, &names, "microsoft.graph.appRole")?;
    let id = fields::required(body, "id")?;
    let id = uuid::Uuid::parse_str(&id).map_err(|_| Fault::invalid_value("id", "Edm.Guid"))?;
    let kinds = body.get("allowedMemberTypes").unwrap_or(&Value::Null);
    let kinds = fields::texts(kinds, "allowedMemberTypes")?;
    if kinds.is_empty() || kinds.iter().any(|it| it != "User" && it != "Application") {
        return Err(Fault::directory(
            "Invalid value specified for property 'allowedMemberTypes' of resource 'AppRole'.",
        ));
    }
    Ok(AppRole {
        id: id.to_string(),
        allowed_member_types: kinds,
        display_name: fields::required(body, "displayName")?,
        description: fields::required(body, "description")?,
        is_enabled: fields::boolean(body, "isEnabled")?.unwrap_or(true),
        value: fields::text(body, "value")?.filter(|it| !it.is_empty()),
    })
}
