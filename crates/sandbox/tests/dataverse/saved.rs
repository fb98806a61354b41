//! What is there after a restart, in a snapshot, and after beginning anew.

use reqwest::Method;
use serde_json::json;

use crate::cloud::Cloud;

#[tokio::test]
async fn the_environment_outlives_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let cloud = Cloud::start_in(Some(directory.path())).await;
    cloud
        .control
        .add_application_user(&cloud.client_id, &["System Administrator"])
        .unwrap();
    let token = cloud.token().await;
    let body = Some(json!({ "name": "Kept" }));
    let made = cloud
        .call(&token, Method::POST, "/api/data/v9.2/accounts", body)
        .await;
    assert_eq!(made.status, 204);
    cloud.sandbox.stop().await;
    let cloud = Cloud::start_in(Some(directory.path())).await;
    let token = cloud.token().await;
    let rows = cloud.get(&token, "accounts?$filter=name eq 'Kept'").await;
    assert_eq!(
        rows.body["value"].as_array().unwrap().len(),
        1,
        "{}",
        rows.body
    );
}

#[tokio::test]
async fn snapshots_hold_it_and_bring_it_back() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .add_application_user(&cloud.client_id, &["System Administrator"])
        .unwrap();
    let token = cloud.token().await;
    let count =
        async || cloud.get(&token, "leads?$count=true&$top=1").await.body["@odata.count"].as_u64();
    let before = count().await;
    let snapshot = cloud
        .control(Method::POST, "snapshots", json!({ "name": "before" }))
        .await;
    assert!(snapshot.status < 300, "{}", snapshot.body);
    cloud
        .call(
            &token,
            Method::POST,
            "/api/data/v9.2/leads",
            Some(json!({ "subject": "x", "lastname": "y" })),
        )
        .await;
    assert_ne!(count().await, before);
    let restored = cloud
        .control(Method::POST, "snapshots/before/restore", json!({}))
        .await;
    assert!(
        restored.status < 300,
        "{} {}",
        restored.status,
        restored.body
    );
    assert_eq!(count().await, before);
}
