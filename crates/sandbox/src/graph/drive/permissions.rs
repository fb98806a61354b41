//! Sharing: links, invitations and who may what. <https://learn.microsoft.com/graph/api/resources/permission>

use axum::http::{Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::access::{self, Access};
use super::address::Address;
use super::render::{drive_path, identity, identity_kind};
use super::{Target, author_of, change_of, fault, items, shares, time};
use crate::entra::secrets;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::state::drive::item::{Author, Link, Permission};
use crate::state::drive::tree::Drive;

/// Everything at and below `permissions`.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    address: &Address,
    below: &[&str],
) -> Result<Reply, Fault> {
    match (below, &call.method) {
        ([], &Method::GET) => list(call, target, address),
        ([id], &Method::GET) => get(call, target, address, id),
        ([id], &Method::PATCH) => update(call, target, address, id),
        ([id], &Method::DELETE) => delete(call, target, address, id),
        ([] | [_], _) => Err(Fault::method_not_allowed()),
        ([_, action, ..], _) => Err(Fault::not_implemented(action)),
    }
}

/// The owner's, those of the item, and those of the folders above it.
pub(super) fn all(drive: &Drive, unique: Uuid, now: Timestamp) -> Vec<Value> {
    let mut found = Vec::new();
    if let Some(root) = drive.item(drive.root) {
        found.push(json!({
            "id": drive.root.simple().to_string(),
            "roles": ["owner"],
            "grantedToV2": {"user": identity(&root.created_by)},
            "grantedTo": {"user": identity(&root.created_by)},
        }));
    }
    for at in drive.ancestors(unique) {
        let permissions = drive
            .item(at)
            .into_iter()
            .flat_map(|item| &item.permissions);
        for permission in permissions.filter(|known| known.expires_at.is_none_or(|end| end > now)) {
            let mut entity = render(permission);
            if at != unique {
                entity["inheritedFrom"] = json!({
                    "driveId": drive.id,
                    "id": drive.id_of(at),
                    "path": drive_path(drive, at),
                });
            }
            found.push(entity);
        }
    }
    found
}

fn render(permission: &Permission) -> Value {
    let people: Vec<Value> = permission
        .people
        .iter()
        .map(|person| json!({identity_kind(person): identity(person)}))
        .collect();
    let mut entity = json!({"id": permission.id, "roles": permission.roles});
    match &permission.link {
        Some(link) => {
            entity["shareId"] = json!(shares::encode(&link.web_url));
            entity["hasPassword"] = json!(link.has_password);
            entity["grantedToIdentitiesV2"] = json!(people);
            entity["grantedToIdentities"] = json!(people);
            entity["link"] = json!({
                "scope": link.scope,
                "type": link.kind,
                "webUrl": link.web_url,
                "preventsDownload": false,
            });
        }
        None => {
            if let Some(person) = people.first() {
                entity["grantedToV2"] = person.clone();
                entity["grantedTo"] = person.clone();
            }
        }
    }
    if let Some(end) = permission.expires_at {
        entity["expirationDateTime"] = json!(time(end));
    }
    entity
}

fn list(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let page = Page {
            context: call.context(&format!(
                "drives('{}')/items('{}')/permissions",
                drive.id,
                drive.id_of(unique)
            )),
            count: None,
            next: None,
            value: all(drive, unique, call.now),
        };
        Ok(Reply::json(&page.into_value()))
    })
}

fn get(call: &Call, target: &Target, address: &Address, id: &str) -> Result<Reply, Fault> {
    target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let found = all(drive, unique, call.now)
            .into_iter()
            .find(|entity| entity["id"] == id);
        found
            .map(|entity| shown(call, &entity))
            .ok_or_else(fault::not_found)
    })
}

fn update(call: &Call, target: &Target, address: &Address, id: &str) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let roles = roles(&call.json()?)?;
    let change = change_of(call);
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        let item = drive.item_mut(unique).ok_or_else(fault::not_found)?;
        let mut permissions = item.permissions.iter_mut();
        let permission = permissions
            .find(|known| known.id == id)
            .ok_or_else(fault::not_found)?;
        if permission.link.is_some() {
            return Err(fault::invalid_request(
                "The roles of a sharing link cannot be changed.",
            ));
        }
        permission.roles = roles;
        let reply = shown(call, &render(permission));
        drive.touch(unique, &change);
        Ok(reply)
    })
}

fn delete(call: &Call, target: &Target, address: &Address, id: &str) -> Result<Reply, Fault> {
    let change = change_of(call);
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        let is_known = all(drive, unique, call.now)
            .iter()
            .any(|entity| entity["id"] == id);
        let item = drive.item_mut(unique).ok_or_else(fault::not_found)?;
        let before = item.permissions.len();
        item.permissions.retain(|permission| permission.id != id);
        if item.permissions.len() == before {
            return Err(if is_known {
                fault::invalid_request("An inherited permission is removed where it was given.")
            } else {
                fault::not_found()
            });
        }
        drive.touch(unique, &change);
        Ok(Reply::no_content())
    })
}

/// `POST …/createLink`: 201, or 200 with the link of that kind that is there already.
pub(super) fn create_link(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let body = call.json()?;
    let word =
        |name| Ok::<_, Fault>(items::text(&body, name)?.map(|word| word.to_ascii_lowercase()));
    let link_type = word("type")?
        .ok_or_else(|| fault::invalid_request("The type of a sharing link is required."))?;
    let scope = word("scope")?.unwrap_or_else(|| "organization".to_owned());
    if !["view", "edit"].contains(&link_type.as_str()) {
        return Err(fault::invalid_request(
            "The type of the sharing link is not valid for this drive.",
        ));
    }
    if !["anonymous", "organization", "users"].contains(&scope.as_str()) {
        return Err(fault::invalid_request(
            "The scope of the sharing link is not valid.",
        ));
    }
    let expires_at = instant(&body, "expirationDateTime")?;
    if expires_at.is_some_and(|end| end <= call.now) {
        return Err(fault::invalid_request(
            "The expiration has to be in the future.",
        ));
    }
    let has_password = items::text(&body, "password")?.is_some();
    let change = change_of(call);
    let (id, secret) = (secrets::nonce(), secrets::nonce());
    let (host, path) = target.host_and_path();
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        let item = drive.item_mut(unique).ok_or_else(fault::not_found)?;
        let mut links = item
            .permissions
            .iter()
            .filter(|known| known.expires_at == expires_at);
        let same = links.find(|known| {
            known.link.as_ref().is_some_and(|link| {
                link.kind == link_type && link.scope == scope && link.has_password == has_password
            })
        });
        if let Some(same) = same {
            return Ok(shown(call, &render(same)));
        }
        let mark = if item.is_folder() { "f" } else { "t" };
        let permission = Permission {
            id,
            roles: vec![if link_type == "edit" { "write" } else { "read" }.to_owned()],
            people: Vec::new(),
            link: Some(Link {
                web_url: match target.owner() {
                    Some(_) => format!("https://{host}/:{mark}:/g/{path}/{secret}"),
                    None => format!(
                        "https://{host}/:{mark}:/s/{}/{secret}",
                        path.trim_start_matches("sites/")
                    ),
                },
                kind: link_type,
                scope,
                has_password,
            }),
            expires_at,
        };
        let entity = render(&permission);
        item.permissions.push(permission);
        drive.touch(unique, &change);
        Ok(shown(call, &entity).with_status(StatusCode::CREATED))
    })
}

/// `POST …/invite`: a permission for each recipient.
pub(super) fn invite(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    access::require_permission(call, target, Access::Write)?;
    let body = call.json()?;
    let roles = roles(&body)?;
    let recipients = body
        .get("recipients")
        .and_then(Value::as_array)
        .filter(|list| !list.is_empty());
    let recipients =
        recipients.ok_or_else(|| fault::invalid_request("At least one recipient is required."))?;
    let people: Result<Vec<Author>, Fault> = recipients
        .iter()
        .map(|recipient| person(call, recipient))
        .collect();
    let people = people?;
    let expires_at = instant(&body, "expirationDateTime")?;
    let change = change_of(call);
    let fresh: Vec<(String, Author)> = people
        .into_iter()
        .map(|person| (secrets::nonce(), person))
        .collect();
    target.change(call, |drive, _, _| {
        let unique = target.item(call, drive, address, Access::Write)?;
        let item = drive.item_mut(unique).ok_or_else(fault::not_found)?;
        let mut value = Vec::new();
        for (id, person) in fresh {
            let is_theirs =
                |known: &Permission| known.link.is_none() && known.people.first() == Some(&person);
            item.permissions.retain(|known| !is_theirs(known));
            let permission = Permission {
                id,
                roles: roles.clone(),
                people: vec![person],
                link: None,
                expires_at,
            };
            value.push(render(&permission));
            item.permissions.push(permission);
        }
        drive.touch(unique, &change);
        let page = Page {
            context: call.context("Collection(permission)"),
            count: None,
            next: None,
            value,
        };
        Ok(Reply::json(&page.into_value()))
    })
}

/// The person that a recipient names; only people of the organisation are known here.
fn person(call: &Call, recipient: &Value) -> Result<Author, Fault> {
    let name = ["email", "objectId", "alias"]
        .iter()
        .find_map(|key| recipient.get(key).and_then(Value::as_str));
    let found = call.shared.read(|state| {
        let user = state.directory.user(name?)?;
        (user.tenant_id == call.caller.tenant_id()).then(|| author_of(user))
    });
    found.ok_or_else(|| {
        fault::invalid_request("One or more users could not be resolved.")
            .with_inner("noResolvedUsers")
    })
}

fn roles(body: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let words = body.get("roles").and_then(Value::as_array);
    let roles: Vec<String> = words
        .into_iter()
        .flatten()
        .filter_map(|role| role.as_str().map(str::to_ascii_lowercase))
        .collect();
    let is_valid = !roles.is_empty()
        && roles
            .iter()
            .all(|role| ["read", "write"].contains(&role.as_str()));
    if is_valid {
        Ok(roles)
    } else {
        Err(fault::invalid_request(
            "The roles have to be 'read' or 'write'.",
        ))
    }
}

fn instant(body: &Map<String, Value>, name: &str) -> Result<Option<Timestamp>, Fault> {
    let text = items::text(body, name)?;
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|_| {
        fault::invalid_request(format!("The value of '{name}' is not a date and time."))
    })
}

fn shown(call: &Call, entity: &Value) -> Reply {
    let context = call.context("microsoft.graph.permission");
    let entity = entity.as_object().cloned().unwrap_or_default();
    Reply::json(&envelope::entity(&context, entity))
}
