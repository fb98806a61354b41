//! Certificates and federated credentials of a registration, by API.

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

#[tokio::test]
async fn certificates_come_by_change_and_further_ones_by_proof() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let path = format!("/applications/{}", id(&set.application));
    let (certificate, key) = crate::certificate::new();
    let entry = json!({ "type": "AsymmetricX509Cert", "usage": "Verify", "key": certificate });
    let change = json!({ "keyCredentials": [entry] });
    assert_eq!(admin.patch(&path, change).await.status, 204);
    let held = admin.get(&path).await.body["keyCredentials"].clone();
    assert_eq!(held[0]["key"], Value::Null);
    assert!(held[0]["endDateTime"].is_string());
    let nonsense = json!({ "keyCredentials": [{ "key": "nonsense" }] });
    refused(
        &admin.patch(&path, nonsense).await,
        400,
        "Request_BadRequest",
    );

    let now = cloud.control.now().as_second();
    let proof = |issuer: &str| {
        let claims = json!({
            "aud": "00000002-0000-0000-c000-000000000000",
            "iss": issuer,
            "nbf": now,
            "exp": now + 600,
        });
        key.sign(&claims)
    };
    let (second, _) = crate::certificate::new();
    let add = format!("{path}/addKey");
    let body = |proof: String| json!({ "keyCredential": { "key": second }, "passwordCredential": null, "proof": proof });
    let unproved = admin.post(&add, body(proof("somebody else"))).await;
    refused(&unproved, 401, "Authentication_MissingOrMalformed");
    let added = admin.post(&add, body(proof(id(&set.application)))).await;
    assert_eq!(added.status, 200, "{}", added.text);
    let remove = format!("{path}/removeKey");
    let body = json!({ "keyId": added.body["keyId"], "proof": proof(id(&set.application)) });
    assert_eq!(admin.post(&remove, body.clone()).await.status, 204);
    refused(&admin.post(&remove, body).await, 400, "Request_BadRequest");
}
