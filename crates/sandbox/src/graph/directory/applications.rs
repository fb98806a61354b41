//! `/applications`: registrations.

use axum::http::Method;
use serde_json::{Value, json};

use super::{Row, certificates, change, credentials, federated, owners, require, rows};
use crate::entra::permissions;
use crate::entra::tokens::GRAPH_APP_ID;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, boolean, related, text, texts};
use crate::state::directory::first_party;
use crate::state::directory::{AppRole, Application, ClientSecret, KeyCredential};

const SET: &str = "applications";

static APPLICATION: EntityType = EntityType {
    name: "microsoft.graph.application",
    properties: &[
        text("id"),
        text("appId"),
        text("displayName"),
        text("signInAudience"),
        texts("identifierUris"),
        boolean("isFallbackPublicClient"),
        related("passwordCredentials"),
        related("keyCredentials"),
        related("requiredResourceAccess"),
        related("web"),
        related("publicClient"),
        related("spa"),
        related("api"),
        related("appRoles"),
        text("uniqueName"),
        text("notes"),
        texts("tags"),
    ],
};

pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    let Some((&key, below)) = rest.split_first() else {
        return collection(call);
    };
    let Some((&first, below)) = below.split_first() else {
        return match call.method {
            Method::GET => get(call, key),
            Method::PATCH => patch(call, key),
            Method::DELETE => delete(call, key),
            _ => Err(Fault::method_not_allowed()),
        };
    };
    let name = first.to_ascii_lowercase();
    let name = name.strip_prefix("microsoft.graph.").unwrap_or(&name);
    match name {
        "addpassword" => credentials::add_password(call, key),
        "removepassword" => credentials::remove_password(call, key),
        "addkey" => certificates::add(call, key),
        "removekey" => certificates::remove(call, key),
        "federatedidentitycredentials" => federated::dispatch(call, key, below),
        "owners" => owners::of_application(call, key, below),
        _ => Err(Fault::unknown_segment(first)),
    }
}

fn collection(call: &Call) -> Result<Reply, Fault> {
    match call.method {
        Method::GET => {
            require(call, DirectoryAccess::ReadApplications)?;
            let tenant = call.caller.tenant_id();
            let all = call.shared.read(|state| {
                let applications = state.directory.applications.iter();
                let own = applications.filter(|it| it.tenant_id == tenant && !it.managed);
                own.map(render).collect()
            });
            rows::list(call, SET, &APPLICATION, all)
        }
        Method::POST => {
            require(call, DirectoryAccess::MakeApplications)?;
            let row = change::create(call, &call.json()?)?;
            Ok(rows::created(call, SET, row))
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn get(call: &Call, key: &str) -> Result<Reply, Fault> {
    require(call, DirectoryAccess::ReadApplications)?;
    let row = read(call, key, |it| with_keys(call, it))?;
    rows::one(call, SET, &APPLICATION, row)
}

/// The bytes of certificates are shown of one registration whose certificates were asked for by name, and nowhere else.
/// Source: <https://learn.microsoft.com/graph/api/resources/keycredential>
fn with_keys(call: &Call, application: &Application) -> Row {
    let mut row = render(application);
    let mut selected = call.options.select.iter();
    if selected.any(|name| name.eq_ignore_ascii_case("keyCredentials")) {
        let shown = application.certificates.iter().map(|held| {
            let mut shown = key(held);
            shown["key"] = json!(held.certificate);
            shown
        });
        row.insert("keyCredentials".to_owned(), shown.collect());
    }
    row
}

/// `PATCH /applications(uniqueName='…')`: changes the one of this name; where there is none, makes it if that is preferred.
/// Source: <https://learn.microsoft.com/graph/api/application-upsert>
pub(super) fn by_unique_name(call: &Call, name: &str, below: &[&str]) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    let found = call.shared.read(|state| {
        let mut all = state.directory.applications.iter();
        let found =
            all.find(|it| it.tenant_id == tenant && it.unique_name.as_deref() == Some(name));
        found.map(|it| it.object_id.clone())
    });
    if let Some(id) = found {
        let rest: Vec<&str> = [id.as_str()]
            .into_iter()
            .chain(below.iter().copied())
            .collect();
        return dispatch(call, &rest);
    }
    let is_preferred = call.header("prefer").is_some_and(|preferred| {
        let mut items = preferred.split(',').map(str::trim);
        items.any(|it| it.eq_ignore_ascii_case("create-if-missing"))
    });
    if call.method != Method::PATCH || !below.is_empty() || !is_preferred {
        require(call, DirectoryAccess::ReadApplications)?;
        return Err(Fault::user_not_found(name));
    }
    require(call, DirectoryAccess::MakeApplications)?;
    let row = change::create_as(call, &call.json()?, Some(name))?;
    Ok(rows::created(call, SET, row))
}

/// Who may change a registration: those who may change all, and its owners where they hold the permission for their own.
/// Source: <https://learn.microsoft.com/graph/permissions-reference#applicationreadwriteownedby>
pub(super) fn require_change(call: &Call, key: &str) -> Result<(), Fault> {
    if require(call, DirectoryAccess::WriteApplications).is_ok() {
        return Ok(());
    }
    let caller = &call.caller;
    let is_own = read(call, key, |it| {
        it.owners.iter().any(|owner| owner == caller.object_id())
    });
    if is_own? && DirectoryAccess::ChangeOwnApplications.is_granted(caller) {
        return Ok(());
    }
    Err(Fault::request_denied())
}

fn patch(call: &Call, key: &str) -> Result<Reply, Fault> {
    require_change(call, key)?;
    let body = call.json()?;
    write(call, key, |application| change::apply(application, &body))?;
    Ok(Reply::no_content())
}

fn delete(call: &Call, key: &str) -> Result<Reply, Fault> {
    require_change(call, key)?;
    let client_id = read(call, key, |application| application.client_id.clone())?;
    call.shared.write(|state| {
        state.directory.remove_application(&client_id);
    });
    Ok(Reply::no_content())
}

/// Looks at a registration of the caller's tenant, by object id or client id.
pub(super) fn read<T>(
    call: &Call,
    key: &str,
    look: impl FnOnce(&Application) -> T,
) -> Result<T, Fault> {
    let tenant = call.caller.tenant_id();
    call.shared.read(|state| {
        let mut applications = state.directory.applications.iter();
        let found = applications.find(|it| is_named(it, key) && it.tenant_id == tenant);
        found.map(look).ok_or_else(|| Fault::user_not_found(key))
    })
}

/// Changes a registration, or leaves it as it was.
pub(super) fn write<T>(
    call: &Call,
    key: &str,
    change: impl FnOnce(&mut Application) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let mut applications = state.directory.applications.iter_mut();
        let found = applications.find(|it| is_named(it, key) && it.tenant_id == tenant);
        let application = found.ok_or_else(|| Fault::user_not_found(key))?;
        let mut changed = application.clone();
        let result = change(&mut changed)?;
        *application = changed;
        Ok(result)
    })
}

fn is_named(application: &Application, key: &str) -> bool {
    !application.managed
        && (application.object_id.eq_ignore_ascii_case(key)
            || application.client_id.eq_ignore_ascii_case(key))
}

/// As Graph shows a registration. Texts of secrets and keys are never among it.
pub(super) fn render(application: &Application) -> Row {
    let audience = if application.is_multi_tenant {
        "AzureADMultipleOrgs"
    } else {
        "AzureADMyOrg"
    };
    let (web, native) = if application.is_public_client {
        (&[][..], application.redirect_uris.as_slice())
    } else {
        (application.redirect_uris.as_slice(), &[][..])
    };
    let value = json!({
        "id": application.object_id,
        "deletedDateTime": null,
        "appId": application.client_id,
        "displayName": application.display_name,
        "signInAudience": audience,
        "identifierUris": application.identifier_uris,
        "isFallbackPublicClient": application.is_public_client,
        "passwordCredentials": application.secrets.iter().map(password).collect::<Vec<_>>(),
        "keyCredentials": application.certificates.iter().map(key).collect::<Vec<_>>(),
        "requiredResourceAccess": required_access(application),
        "web": {
            "redirectUris": web,
            "implicitGrantSettings": {
                "enableAccessTokenIssuance": false,
                "enableIdTokenIssuance": application.issues_id_tokens,
            },
        },
        "publicClient": { "redirectUris": native },
        "spa": { "redirectUris": [] },
        "api": {
            "requestedAccessTokenVersion": null,
            "oauth2PermissionScopes": offered_scopes(application),
        },
        "appRoles": application.app_roles.iter().map(role).collect::<Vec<_>>(),
        "uniqueName": application.unique_name,
        "tags": application.tags,
        "notes": application.notes,
    });
    match value {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}

pub(super) fn password(secret: &ClientSecret) -> Value {
    json!({
        "customKeyIdentifier": null,
        "displayName": secret.display_name,
        "endDateTime": secret.ends_at,
        "hint": secret.hint,
        "keyId": secret.key_id,
        "secretText": null,
        "startDateTime": secret.starts_at,
    })
}

pub(super) fn key(key: &KeyCredential) -> Value {
    json!({
        "customKeyIdentifier": key.sha1,
        "displayName": key.display_name,
        "endDateTime": key.ends_at,
        "key": null,
        "keyId": key.key_id,
        "startDateTime": key.starts_at,
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    })
}

/// A role that the application defines.
pub(super) fn role(role: &AppRole) -> Value {
    json!({
        "allowedMemberTypes": role.allowed_member_types,
        "description": role.description,
        "displayName": role.display_name,
        "id": role.id,
        "isEnabled": role.is_enabled,
        "origin": "Application",
        "value": role.value,
    })
}

fn required_access(application: &Application) -> Vec<Value> {
    let entry = |id: Option<&str>, kind: &str| id.map(|id| json!({ "id": id, "type": kind }));
    let scopes = application
        .configured_scopes
        .iter()
        .filter_map(|name| entry(permissions::find(name)?.delegated, "Scope"));
    let roles = application
        .configured_roles
        .iter()
        .filter_map(|name| entry(permissions::find(name)?.application, "Role"));
    let access: Vec<Value> = scopes.chain(roles).collect();
    let mut all = Vec::new();
    if !access.is_empty() {
        all.push(json!({ "resourceAppId": GRAPH_APP_ID, "resourceAccess": access }));
    }
    all.extend(required_of_apis(application));
    all
}

/// Roles of Microsoft's other APIs.
fn required_of_apis(application: &Application) -> Vec<Value> {
    let mut all: Vec<Value> = Vec::new();
    for (app_id, role) in &application.configured_api_roles {
        let known = first_party::api(app_id).and_then(|api| {
            let mut roles = api.app_roles.iter();
            roles.find(|known| known.value.as_deref() == Some(role))
        });
        let Some(known) = known else { continue };
        let access = json!({ "id": known.id, "type": "Role" });
        let of_api = all.iter_mut().find(|it| it["resourceAppId"] == *app_id);
        match of_api.and_then(|it| it["resourceAccess"].as_array_mut()) {
            Some(list) => list.push(access),
            None => all.push(json!({ "resourceAppId": app_id, "resourceAccess": [access] })),
        }
    }
    all
}

/// The delegated scopes of an application's own API.
pub(super) fn offered_scopes(application: &Application) -> Vec<Value> {
    let scopes = application.exposed_scopes.iter();
    scopes
        .map(|name| {
            json!({
                "id": super::derived_id(&[&application.client_id, name]),
                "value": name,
                "type": "User",
                "isEnabled": true,
                "adminConsentDisplayName": name,
                "adminConsentDescription": name,
                "userConsentDisplayName": name,
                "userConsentDescription": name,
            })
        })
        .collect()
}
