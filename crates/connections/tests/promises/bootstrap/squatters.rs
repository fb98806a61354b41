//! What somebody else has ready in the directory.

use model::sha256;
use serde_json::{Value, json};

use super::census::{census, graph, whole};
use super::process::{ADMIN, all, done};
use crate::world::World;

/// Whoever knows workspace and name could have been there first, and own what the administrator grants.
#[tokio::test]
async fn an_application_that_somebody_else_made_ready_is_granted_nothing() {
    let world = World::start().await;
    let workspace = world.admin.workspace_id;
    let digest = sha256(format!("{workspace}/contoso").as_bytes());
    let hex = digest[..16].iter().map(|byte| format!("{byte:02x}"));
    let guessed = format!("consentry-{}", hex.collect::<String>());
    let path = format!("/applications(uniqueName='{guessed}')");
    let body = json!({ "displayName": "nothing to see" });
    put(&world, &path, &body).await;
    let apps = graph(
        &world,
        "/applications?$filter=displayName eq 'nothing to see'",
    );
    let theirs = apps.await[0]["appId"].clone();
    let ended = done(&world, all(&world)).await;
    assert_ne!(ended.client_id.as_deref(), theirs.as_str());
    assert_eq!(census(&world).await, whole());
    world.stop().await;
}

/// Makes or changes something in the sandbox's directory.
async fn put(world: &World, path: &str, body: &Value) {
    let token = world
        .control()
        .issue_access_token(
            &world.registered.client_id,
            Some(ADMIN),
            &["Application.ReadWrite.All"],
        )
        .unwrap();
    let answer = reqwest::Client::builder()
        .build()
        .unwrap()
        .patch(format!("{}/v1.0{path}", world.sandbox.url()))
        .bearer_auth(token)
        .header("prefer", "create-if-missing")
        .json(body)
        .send()
        .await
        .unwrap();
    let status = answer.status();
    assert!(status.is_success(), "{}", answer.text().await.unwrap());
}
