//! Federated credentials of a registration, by API.

use serde_json::{Value, json};

use crate::cloud::Cloud;
use crate::directory::{EVERYTHING, id, refused, set_up};

#[tokio::test]
async fn federated_credentials_are_unique_and_have_one_audience() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let path = format!(
        "/applications/{}/federatedIdentityCredentials",
        id(&set.application)
    );
    let credential = |name: &str, subject: &str, audiences: Value| {
        json!({
            "name": name,
            "issuer": "https://issuer.example",
            "subject": subject,
            "audiences": audiences,
        })
    };
    let good = json!(["api://AzureADTokenExchange"]);
    let made = admin
        .post(&path, credential("one", "a", good.clone()))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    for (body, status, code) in [
        (
            credential("one", "b", good.clone()),
            409,
            "Request_MultipleObjectsWithSameKeyValue",
        ),
        (
            credential("two", "a", good.clone()),
            409,
            "Request_MultipleObjectsWithSameKeyValue",
        ),
        (credential("two", "b", json!([])), 400, "Request_BadRequest"),
        (credential("", "b", good), 400, "Request_BadRequest"),
    ] {
        refused(&admin.post(&path, body).await, status, code);
    }
    let one = format!("{path}/one");
    assert_eq!(
        admin.patch(&one, json!({ "subject": "A" })).await.status,
        204
    );
    assert_eq!(admin.get(&one).await.body["subject"], "A");
    refused(
        &admin.patch(&one, json!({ "name": "two" })).await,
        400,
        "Request_BadRequest",
    );
    assert_eq!(admin.delete(&one).await.status, 204);
    assert!(admin.get(&path).await.values().is_empty());
}
