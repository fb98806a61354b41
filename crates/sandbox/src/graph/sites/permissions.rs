//! Access of applications to a site or a list: <https://learn.microsoft.com/graph/api/site-post-permissions>,
//! <https://learn.microsoft.com/graph/api/list-post-permissions>

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::place::Place;
use super::{access, fault};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::state::State;
use crate::state::sites::site::{Grant, Level};

/// What was given access to: a site, as the whole of its collection, or one of its lists.
#[derive(Clone, Copy)]
enum On {
    Site,
    List(Uuid),
}

/// `permissions` of a site.
pub(super) fn of_site(call: &Call, place: &Place, path: &[&str]) -> Result<Reply, Fault> {
    dispatch(call, place, On::Site, path)
}

/// `permissions` of a list.
pub(super) fn of_list(
    call: &Call,
    place: &Place,
    list: Uuid,
    path: &[&str],
) -> Result<Reply, Fault> {
    dispatch(call, place, On::List(list), path)
}

fn dispatch(call: &Call, place: &Place, on: On, path: &[&str]) -> Result<Reply, Fault> {
    require(call, place, on)?;
    match (path, &call.method) {
        ([], &Method::GET) => list(call, place, on),
        ([], &Method::POST) => create(call, place, on),
        ([id], &Method::GET) => get(call, place, on, id),
        ([id], &Method::PATCH) => update(call, place, on, id),
        ([id], &Method::DELETE) => delete(call, place, on, id),
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, other, ..], _) => Err(Fault::not_implemented(other)),
    }
}

/// Access to sites is given by applications with full control of all of them, and shown to people with that too. Access to a
/// list is given by whoever has full control of its site, and shown to all who may read it.
fn require(call: &Call, place: &Place, on: On) -> Result<(), Fault> {
    let reads = call.method == Method::GET;
    match on {
        On::Site => {
            access::require_everywhere(call, Level::FullControl)?;
            if call.caller.is_application() {
                return Ok(());
            }
            if !reads {
                return Err(fault::access_denied());
            }
            place.read(call, Level::FullControl, |_, _| Ok(()))
        }
        On::List(list) => {
            let needed = if reads {
                Level::Read
            } else {
                Level::FullControl
            };
            place.read_list(call, list, needed, |_, _, _| Ok(()))
        }
    }
}

fn grants<'a>(state: &'a State, place: &Place, on: On) -> Result<&'a [Grant], Fault> {
    let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
    Ok(match on {
        On::Site => &state.sites.collection_root(site).grants,
        On::List(list) => &site.list(list).ok_or_else(fault::not_found)?.grants,
    })
}

fn grants_mut<'a>(
    state: &'a mut State,
    place: &Place,
    on: On,
) -> Result<&'a mut Vec<Grant>, Fault> {
    let site = state.sites.site(place.id).ok_or_else(fault::not_found)?;
    let id = match on {
        On::Site => state.sites.collection_root(site).id,
        On::List(_) => place.id,
    };
    let site = state.sites.site_mut(id).ok_or_else(fault::not_found)?;
    Ok(match on {
        On::Site => &mut site.grants,
        On::List(list) => &mut site.list_mut(list).ok_or_else(fault::not_found)?.grants,
    })
}

fn render(grant: &Grant) -> Map<String, Value> {
    let application = json!({
        "application": {"displayName": grant.display_name, "id": grant.client_id},
    });
    super::collection::members(json!({
        "id": grant.id,
        "roles": grant.roles,
        "grantedToV2": application,
        "grantedToIdentitiesV2": [application],
        "grantedToIdentities": [application],
    }))
}

fn shown(call: &Call, grant: &Grant) -> Reply {
    let context = call.context("microsoft.graph.permission");
    Reply::json(&envelope::entity(&context, render(grant)))
}

fn list(call: &Call, place: &Place, on: On) -> Result<Reply, Fault> {
    call.shared.read(|state| {
        let grants = grants(state, place, on)?;
        let page = Page {
            context: call.context("Collection(permission)"),
            count: call.options.count.then_some(grants.len()),
            next: None,
            value: grants
                .iter()
                .map(|grant| {
                    // Roles are told of one permission at a time.
                    let mut row = render(grant);
                    if matches!(on, On::Site) {
                        row.remove("roles");
                    }
                    Value::Object(row)
                })
                .collect(),
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn get(call: &Call, place: &Place, on: On, id: &str) -> Result<Reply, Fault> {
    call.shared.read(|state| {
        let grants = grants(state, place, on)?;
        let found = grants.iter().find(|grant| grant.id == id);
        Ok(shown(call, found.ok_or_else(fault::not_found)?))
    })
}

fn create(call: &Call, place: &Place, on: On) -> Result<Reply, Fault> {
    let body = call.json()?;
    let roles = roles(&body)?;
    let (client_id, display_name) = application(&body)?;
    call.shared.write(|state| {
        let known = state.directory.application(&client_id);
        let name = known.map_or(display_name, |known| known.display_name.clone());
        let Some(known) = known.map(|known| known.client_id.clone()) else {
            return Err(fault::invalid(
                "One of the provided arguments is not acceptable: the application does not exist.",
            ));
        };
        let text = format!("i:0i.t|ms.sp.ext|{known}@{}", call.caller.tenant_id());
        let grant = Grant {
            id: STANDARD_NO_PAD.encode(text),
            client_id: known,
            display_name: name,
            roles,
        };
        let grants = grants_mut(state, place, on)?;
        // Who is given access again has what was given last.
        grants.retain(|other| other.id != grant.id);
        let reply = shown(call, &grant);
        grants.push(grant);
        Ok(reply.with_status(StatusCode::CREATED))
    })
}

/// Id and name of the application that the body names, in any of the ways to do so.
fn application(body: &Map<String, Value>) -> Result<(String, String), Fault> {
    let first = |name: &str| body.get(name).and_then(|list| list.get(0));
    let identity = body
        .get("grantedToV2")
        .or_else(|| body.get("grantedTo"))
        .or_else(|| first("grantedToIdentitiesV2"))
        .or_else(|| first("grantedToIdentities"));
    let application = identity.and_then(|identity| identity.get("application"));
    let text = |name: &str| {
        let value = application.and_then(|application| application.get(name));
        value.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    match text("id") {
        id if id.is_empty() => Err(fault::invalid(
            "Access is given to an application here: its id is missing.",
        )),
        id => Ok((id, text("displayName"))),
    }
}

fn roles(body: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let words = body.get("roles").and_then(Value::as_array);
    let roles: Vec<String> = words
        .into_iter()
        .flatten()
        .filter_map(|role| role.as_str().map(str::to_ascii_lowercase))
        .collect();
    let is_valid = !roles.is_empty() && roles.iter().all(|role| Level::of_role(role).is_some());
    if is_valid {
        Ok(roles)
    } else {
        Err(fault::invalid(
            "The roles have to be 'read', 'write', 'manage', 'owner' or 'fullcontrol'.",
        ))
    }
}

fn update(call: &Call, place: &Place, on: On, id: &str) -> Result<Reply, Fault> {
    let roles = roles(&call.json()?)?;
    call.shared.write(|state| {
        let mut grants = grants_mut(state, place, on)?.iter_mut();
        let grant = grants
            .find(|grant| grant.id == id)
            .ok_or_else(fault::not_found)?;
        grant.roles = roles;
        Ok(shown(call, grant))
    })
}

fn delete(call: &Call, place: &Place, on: On, id: &str) -> Result<Reply, Fault> {
    call.shared.write(|state| {
        let grants = grants_mut(state, place, on)?;
        let before = grants.len();
        grants.retain(|grant| grant.id != id);
        if grants.len() == before {
            return Err(fault::not_found());
        }
        Ok(Reply::no_content())
    })
}
