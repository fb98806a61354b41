//! What there is after a set-up, at Microsoft and here, and what has to be.

use connections::Apps;
use model::{ConnectionState, ProofState, Service};
use serde_json::Value;

use super::process::{ADMIN, ROLE};
use crate::world::World;

/// What there is, there and here.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Census {
    pub(super) applications: usize,
    pub(super) principals: usize,
    pub(super) granted: usize,
    pub(super) owners: usize,
    pub(super) secrets: usize,
    pub(super) certificates: usize,
    pub(super) application_users: Vec<Vec<String>>,
    pub(super) registrations: usize,
    pub(super) proofs: Vec<ProofState>,
    pub(super) connections: Vec<(String, ConnectionState)>,
}

pub(super) async fn census(world: &World) -> Census {
    census_of(world, "contoso").await
}

/// What belongs to the application of this name.
pub(super) async fn census_of(world: &World, name: &str) -> Census {
    let apps = graph(
        world,
        &format!("/applications?$filter=displayName eq '{name}'"),
    )
    .await;
    let app = &apps[0];
    let client_id = app["appId"].as_str().unwrap();
    let path = format!("/servicePrincipals?$filter=appId eq '{client_id}'");
    let principals = graph(world, &path).await;
    let principal = principals[0]["id"].as_str().unwrap();
    let granted = graph(
        world,
        &format!("/servicePrincipals/{principal}/appRoleAssignments"),
    )
    .await;
    let owners = graph(
        world,
        &format!("/applications/{}/owners", app["id"].as_str().unwrap()),
    )
    .await;
    let count = |list: &str| app[list].as_array().unwrap().len();
    let registered = Apps::new(world.context.clone())
        .list(&world.admin)
        .await
        .unwrap();
    let registered: Vec<_> = registered
        .into_iter()
        .filter(|it| it.app.name == name)
        .collect();
    let page = store::Page::first(1000);
    let (connections, _) = world.life.list(&world.admin, page).await.unwrap();
    let mut connections: Vec<_> = connections
        .into_iter()
        .filter(|one| one.name.starts_with(&format!("{name}-")))
        .map(|one| (one.name, one.state))
        .collect();
    connections.sort_by(|one, other| one.0.cmp(&other.0));
    Census {
        applications: apps.len(),
        principals: principals.len(),
        granted: granted.len(),
        owners: owners.len(),
        secrets: count("passwordCredentials"),
        certificates: count("keyCredentials"),
        application_users: world
            .control()
            .application_users()
            .into_iter()
            .filter(|user| user.application_id == client_id)
            .map(|user| user.roles)
            .collect(),
        registrations: registered.len(),
        proofs: registered
            .iter()
            .flat_map(|app| app.proofs.iter().map(|proof| proof.state))
            .collect(),
        connections,
    }
}

/// A list of the sandbox's Graph, as its administrator sees it.
pub(super) async fn graph(world: &World, path: &str) -> Vec<Value> {
    let token = world
        .control()
        .issue_access_token(
            &world.registered.client_id,
            Some(ADMIN),
            &["Application.Read.All", "User.Read.All"],
        )
        .unwrap();
    let url = format!("{}/v1.0{path}", world.sandbox.url());
    let answer = reqwest::Client::builder()
        .build()
        .unwrap()
        .get(url)
        .bearer_auth(token)
        .send()
        .await
        .unwrap();
    let mut body: Value = answer.json().await.unwrap();
    match body["value"].take() {
        Value::Array(items) => items,
        _ => panic!("{path}: {body}"),
    }
}

/// As it has to be in the end, whatever happened on the way.
pub(super) fn whole() -> Census {
    whole_of("contoso")
}

pub(super) fn whole_of(name: &str) -> Census {
    let mut names: Vec<_> = Service::ALL
        .iter()
        .map(|service| {
            let state = match service {
                // Nobody but its administrator lets an application in there.
                Service::BusinessCentral => ConnectionState::NeedsAdmin,
                _ => ConnectionState::Active,
            };
            (format!("{name}-{service}"), state)
        })
        .collect();
    names.sort_by(|one, other| one.0.cmp(&other.0));
    Census {
        applications: 1,
        principals: 1,
        // Three of mail, two of teams, two of files, two of sites, its own registration; one of Business Central.
        granted: 11,
        // Whoever made it, and itself.
        owners: 2,
        secrets: 1,
        certificates: 0,
        application_users: vec![vec![ROLE.to_owned()]],
        registrations: 1,
        proofs: vec![ProofState::Active],
        connections: names,
    }
}
