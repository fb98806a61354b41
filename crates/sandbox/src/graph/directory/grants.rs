//! `/oauth2PermissionGrants`: delegated permissions that somebody consented to.
//! Source: <https://learn.microsoft.com/graph/api/resources/oauth2permissiongrant>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::principals::{self, Known};
use super::{Row, fields, require, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, text};
use crate::state::State;
use crate::state::directory::DelegatedGrant;

const SET: &str = "oauth2PermissionGrants";
const NAMES: [&str; 7] = [
    "clientId",
    "consentType",
    "principalId",
    "resourceId",
    "scope",
    "startTime",
    "expiryTime",
];

static GRANT: EntityType = EntityType {
    name: "microsoft.graph.oAuth2PermissionGrant",
    properties: &[
        text("id"),
        text("clientId"),
        text("consentType"),
        text("principalId"),
        text("resourceId"),
        text("scope"),
    ],
};

pub(super) fn dispatch(call: &Call, rest: &[&str]) -> Result<Reply, Fault> {
    match (&call.method, rest) {
        (&Method::GET, []) => {
            require(call, DirectoryAccess::ReadGrants)?;
            rows::list(call, SET, &GRANT, all(call, |_| true))
        }
        (&Method::POST, []) => {
            require(call, DirectoryAccess::WriteGrants)?;
            let row = create(call)?;
            Ok(rows::created(call, SET, row))
        }
        (&Method::GET, [id]) => {
            require(call, DirectoryAccess::ReadGrants)?;
            let found = all(call, |it| it.id == *id).pop();
            let row = found.ok_or_else(|| Fault::user_not_found(id))?;
            rows::one(call, SET, &GRANT, row)
        }
        (&Method::PATCH, [id]) => {
            require(call, DirectoryAccess::WriteGrants)?;
            let body = call.json()?;
            fields::known(&body, &["scope"], GRANT.name)?;
            let wanted = scopes(&body)?;
            change(call, id, |it| it.scopes.clone_from(&wanted))
        }
        (&Method::DELETE, [id]) => {
            require(call, DirectoryAccess::WriteGrants)?;
            let reply = change(call, id, |_| ())?;
            call.shared.write(|state| {
                state.directory.delegated_grants.retain(|it| it.id != *id);
            });
            Ok(reply)
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

/// `/servicePrincipals/{client}/oauth2PermissionGrants`
pub(super) fn of_principal(call: &Call, client: &Known) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    require(call, DirectoryAccess::ReadGrants)?;
    let own = all(call, |it| it.client_id == client.app_id);
    rows::list(call, SET, &GRANT, own)
}

fn all(call: &Call, wanted: impl Fn(&DelegatedGrant) -> bool) -> Vec<Row> {
    let tenant = call.caller.tenant_id();
    call.shared.read(|state| {
        let grants = state.directory.delegated_grants.iter();
        let own = grants.filter(|it| it.tenant_id == tenant && wanted(it));
        own.filter_map(|it| render(state, it)).collect()
    })
}

fn change(call: &Call, id: &str, change: impl FnOnce(&mut DelegatedGrant)) -> Result<Reply, Fault> {
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let mut grants = state.directory.delegated_grants.iter_mut();
        let found = grants.find(|it| it.id == id && it.tenant_id == tenant);
        change(found.ok_or_else(|| Fault::user_not_found(id))?);
        Ok(Reply::no_content())
    })
}

fn create(call: &Call) -> Result<Row, Fault> {
    let body = call.json()?;
    fields::known(&body, &NAMES, GRANT.name)?;
    let client = fields::required(&body, "clientId")?;
    let resource = fields::required(&body, "resourceId")?;
    let scopes = scopes(&body)?;
    let tenant = call.caller.tenant_id();
    call.shared.write(|state| {
        let find = |key: &str| {
            let found = principals::known(state, tenant, key).filter(|it| it.id == key);
            found.ok_or_else(|| Fault::user_not_found(key))
        };
        let (client, resource) = (find(&client)?, find(&resource)?);
        let user_id = principal(state, &body)?;
        let is_same = |it: &DelegatedGrant| {
            it.tenant_id == tenant
                && it.client_id == client.app_id
                && it.resource == resource.app_id
                && it.user_id == user_id
        };
        if state.directory.delegated_grants.iter().any(is_same) {
            return Err(Fault::same_key("Permission entry already exists."));
        }
        let grant = DelegatedGrant {
            id: state.ids.uuid().to_string(),
            client_id: client.app_id,
            tenant_id: tenant.to_owned(),
            user_id,
            resource: resource.app_id,
            scopes,
        };
        let row = render(state, &grant).unwrap_or_default();
        state.directory.delegated_grants.push(grant);
        Ok(row)
    })
}

/// Everybody, or one user.
fn principal(state: &State, body: &Map<String, Value>) -> Result<Option<String>, Fault> {
    let named = fields::text(body, "principalId")?;
    match (fields::required(body, "consentType")?.as_str(), named) {
        ("AllPrincipals", None) => Ok(None),
        ("Principal", Some(id)) => {
            let user = state.directory.user(&id);
            let user = user.ok_or_else(|| Fault::user_not_found(&id))?;
            Ok(Some(user.id.clone()))
        }
        _ => Err(Fault::directory(
            "consentType must be AllPrincipals without a principalId, or Principal with one.",
        )),
    }
}

fn scopes(body: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let text = fields::text(body, "scope")?.unwrap_or_default();
    Ok(text.split_whitespace().map(str::to_owned).collect())
}

fn render(state: &State, grant: &DelegatedGrant) -> Option<Row> {
    let client = principals::known(state, &grant.tenant_id, &grant.client_id)?;
    let resource = principals::known(state, &grant.tenant_id, &grant.resource)?;
    let value = json!({
        "clientId": client.id,
        "consentType": if grant.user_id.is_some() { "Principal" } else { "AllPrincipals" },
        "id": grant.id,
        "principalId": grant.user_id,
        "resourceId": resource.id,
        "scope": grant.scopes.join(" "),
    });
    value.as_object().cloned()
}
