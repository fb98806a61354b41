//! `/applications/{id}/federatedIdentityCredentials`
//! Source: <https://learn.microsoft.com/graph/api/resources/federatedidentitycredential>

use axum::http::Method;
use serde_json::{Map, Value, json};

use super::{Row, applications, fields, require, rows};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::permission::DirectoryAccess;
use crate::graph::reply::Reply;
use crate::odata::schema::{EntityType, text, texts};
use crate::state::directory::{Application, FederatedCredential};

const NAME: &str = "microsoft.graph.federatedIdentityCredential";
const NAMES: [&str; 5] = ["name", "issuer", "subject", "audiences", "description"];
/// As many as an application may have.
const MOST: usize = 20;

static FEDERATED: EntityType = EntityType {
    name: NAME,
    properties: &[
        text("id"),
        text("name"),
        text("issuer"),
        text("subject"),
        text("description"),
        texts("audiences"),
    ],
};

pub(super) fn dispatch(call: &Call, key: &str, below: &[&str]) -> Result<Reply, Fault> {
    let set = format!("applications('{key}')/federatedIdentityCredentials");
    match (&call.method, below) {
        (&Method::GET, []) => {
            require(call, DirectoryAccess::ReadApplications)?;
            let all =
                applications::read(call, key, |it| it.federated.iter().map(render).collect())?;
            rows::list(call, &set, &FEDERATED, all)
        }
        (&Method::POST, []) => {
            applications::require_change(call, key)?;
            let body = call.json()?;
            let id = call.shared.write(|state| state.ids.uuid().to_string());
            let row = applications::write(call, key, |it| add(it, &body, id))?;
            Ok(rows::created(call, &set, row))
        }
        (&Method::GET, [id]) => {
            require(call, DirectoryAccess::ReadApplications)?;
            let found = applications::read(call, key, |it| find(it, id).map(render))?;
            let row = found.ok_or_else(|| Fault::user_not_found(id))?;
            rows::one(call, &set, &FEDERATED, row)
        }
        (&Method::PATCH, [id]) => {
            applications::require_change(call, key)?;
            let body = call.json()?;
            applications::write(call, key, |it| patch(it, id, &body))?;
            Ok(Reply::no_content())
        }
        (&Method::DELETE, [id]) => {
            applications::require_change(call, key)?;
            applications::write(call, key, |it| {
                let found = find(it, id).map(|found| found.id.clone());
                let found = found.ok_or_else(|| Fault::user_not_found(id))?;
                it.federated.retain(|held| held.id != found);
                Ok(())
            })?;
            Ok(Reply::no_content())
        }
        _ => Err(Fault::method_not_allowed()),
    }
}

fn add(application: &mut Application, body: &Map<String, Value>, id: String) -> Result<Row, Fault> {
    fields::known(body, &NAMES, NAME)?;
    let new = FederatedCredential {
        id,
        name: fields::required(body, "name")?,
        issuer: fields::required(body, "issuer")?,
        subject: fields::required(body, "subject")?,
        audiences: audiences(body)?,
        description: fields::text(body, "description")?,
    };
    if application.federated.len() == MOST {
        return Err(Fault::directory(
            "The number of federated identity credentials on the object has reached its limit of 20.",
        ));
    }
    if application
        .federated
        .iter()
        .any(|held| held.name == new.name)
    {
        let name = &new.name;
        return Err(Fault::same_key(&format!(
            "FederatedIdentityCredential with name {name} already exists."
        )));
    }
    let is_same =
        |held: &FederatedCredential| held.issuer == new.issuer && held.subject == new.subject;
    if application.federated.iter().any(is_same) {
        return Err(Fault::same_key(
            "Issuer and subject combination already exists for this Managed Identity.",
        ));
    }
    let row = render(&new);
    application.federated.push(new);
    Ok(row)
}

fn patch(application: &mut Application, key: &str, body: &Map<String, Value>) -> Result<(), Fault> {
    fields::known(body, &NAMES, NAME)?;
    let mut held = application.federated.iter_mut();
    let found = held.find(|held| is_named(held, key));
    let found = found.ok_or_else(|| Fault::user_not_found(key))?;
    for name in body.keys() {
        match name.as_str() {
            "issuer" => found.issuer = fields::required(body, name)?,
            "subject" => found.subject = fields::required(body, name)?,
            "audiences" => found.audiences = audiences(body)?,
            "description" => found.description = fields::text(body, name)?,
            _ => {
                return Err(Fault::directory(
                    "The name of a federated identity credential cannot be changed.",
                ));
            }
        }
    }
    Ok(())
}

/// Exactly one, and not empty.
fn audiences(body: &Map<String, Value>) -> Result<Vec<String>, Fault> {
    let given = body.get("audiences").cloned().unwrap_or_else(|| json!([]));
    let given = fields::texts(&given, "audiences")?;
    if given.len() != 1 || given[0].is_empty() {
        return Err(Fault::directory(
            "Federated identity credential must have exactly one audience, which is not empty.",
        ));
    }
    Ok(given)
}

fn find<'a>(application: &'a Application, key: &str) -> Option<&'a FederatedCredential> {
    application
        .federated
        .iter()
        .find(|held| is_named(held, key))
}

fn is_named(credential: &FederatedCredential, key: &str) -> bool {
    credential.id.eq_ignore_ascii_case(key) || credential.name == key
}

fn render(credential: &FederatedCredential) -> Row {
    let value = json!({
        "id": credential.id,
        "name": credential.name,
        "issuer": credential.issuer,
        "subject": credential.subject,
        "description": credential.description,
        "audiences": credential.audiences,
    });
    match value {
        Value::Object(row) => row,
        _ => Row::new(),
    }
}
