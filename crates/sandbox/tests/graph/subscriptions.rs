//! Subscriptions: made after a handshake, renewed, listed, ended, and refused.

use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Cloud};
use crate::listener::{Listener, Mood};

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], code, "{}", answer.text);
}

pub(crate) fn inbox(url: &str) -> Value {
    json!({
        "changeType": "created,updated,deleted",
        "notificationUrl": url,
        "resource": "me/mailFolders('inbox')/messages",
        "expirationDateTime": "2026-10-03T12:00:00Z",
        "clientState": "a secret of the client's",
    })
}

#[tokio::test]
async fn a_subscription_is_made_after_a_handshake_renewed_listed_and_ended() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(ANA, &["Mail.Read"]);
    let made = ana.post("/subscriptions", inbox(&listener.url)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(listener.handshakes(), 1);
    assert_eq!(made.body["clientState"], "a secret of the client's");
    assert_eq!(made.body["latestSupportedTlsVersion"], "v1_2");
    let path = format!("/subscriptions/{}", made.id());
    let found = ana.get(&path).await.body;
    assert_eq!(found["clientState"], Value::Null);
    assert_eq!(found["changeType"], "created,updated,deleted");
    let later = json!({ "expirationDateTime": "2026-10-05T12:00:00Z" });
    let renewed = ana.patch(&path, later).await;
    assert_eq!(
        renewed.body["expirationDateTime"], "2026-10-05T12:00:00Z",
        "{}",
        renewed.text
    );
    assert_eq!(ana.get("/subscriptions").await.values().len(), 1);
    assert_eq!(
        ana.post(&format!("{path}/reauthorize"), json!({}))
            .await
            .status,
        204
    );
    // Somebody else with the same application does not see it, nor does the application itself.
    assert!(
        cloud
            .user(BEN, &["Mail.Read"])
            .get("/subscriptions")
            .await
            .values()
            .is_empty()
    );
    refused(
        &cloud.application(&["Mail.Read"]).get(&path).await,
        404,
        "ResourceNotFound",
    );
    assert_eq!(ana.delete(&path).await.status, 204);
    refused(&ana.get(&path).await, 404, "ResourceNotFound");
}

#[tokio::test]
async fn both_addresses_have_to_agree() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let (deaf, ana) = (Listener::start().await, cloud.user(ANA, &["Mail.Read"]));
    deaf.be(Mood::Deaf);
    let mut new = inbox(&listener.url);
    new["lifecycleNotificationUrl"] = json!(deaf.url);
    refused(
        &ana.post("/subscriptions", new.clone()).await,
        400,
        "ValidationError",
    );
    new["lifecycleNotificationUrl"] = json!(listener.url);
    assert_eq!(ana.post("/subscriptions", new).await.status, 201);
    assert_eq!(listener.handshakes(), 3);
    for nowhere in [
        "http://127.0.0.1:1/hook",
        "https://example.com/hook",
        "http://example.com/hook",
        "hook",
    ] {
        refused(
            &ana.post("/subscriptions", inbox(nowhere)).await,
            400,
            "ValidationError",
        );
    }
    assert_eq!(ana.get("/subscriptions").await.values().len(), 1);
}

#[tokio::test]
async fn a_batch_shakes_hands_too() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(ANA, &["Mail.Read"]);
    let request = json!({
        "id": "1", "method": "POST", "url": "/subscriptions",
        "headers": { "Content-Type": "application/json" }, "body": inbox(&listener.url),
    });
    let answer = ana.post("/$batch", json!({ "requests": [request] })).await;
    assert_eq!(
        answer.body["responses"][0]["status"], 201,
        "{}",
        answer.text
    );
    assert_eq!(listener.handshakes(), 1);
}

#[tokio::test]
async fn what_cannot_be_watched_or_not_so_long_is_refused() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(
        ANA,
        &[
            "Mail.Read",
            "Files.ReadWrite.All",
            "Chat.Read",
            "User.Read.All",
        ],
    );
    let invalid = "ValidationError";
    for (name, value) in [
        ("resource", json!("me/nonsense")),
        ("changeType", json!("touched")),
        ("expirationDateTime", json!("2026-09-30T12:00:00Z")),
        ("expirationDateTime", json!("2026-10-20T12:00:00Z")),
        ("clientState", json!("x".repeat(129))),
        ("latestSupportedTlsVersion", json!("v9")),
        ("includeResourceData", json!(true)),
        ("notificationUrl", Value::Null),
    ] {
        let mut new = inbox(&listener.url);
        new[name] = value;
        refused(&ana.post("/subscriptions", new).await, 400, invalid);
    }
    let mut drive = inbox(&listener.url);
    drive["resource"] = json!("me/drive/root");
    refused(
        &ana.post("/subscriptions", drive.clone()).await,
        400,
        invalid,
    );
    drive["changeType"] = json!("updated");
    drive["expirationDateTime"] = json!("2026-10-29T12:00:00Z");
    assert_eq!(ana.post("/subscriptions", drive).await.status, 201);
    let mut chats = inbox(&listener.url);
    chats["resource"] = json!("me/chats/getAllMessages");
    refused(
        &ana.post("/subscriptions", chats.clone()).await,
        400,
        invalid,
    );
    chats["lifecycleNotificationUrl"] = json!(listener.url);
    assert_eq!(ana.post("/subscriptions", chats).await.status, 201);
    let mut unknown = inbox(&listener.url);
    unknown["nonsense"] = json!(1);
    refused(
        &ana.post("/subscriptions", unknown).await,
        400,
        "RequestBodyRead",
    );
    // Three quarters of an hour is the least.
    let mut short = inbox(&listener.url);
    short["expirationDateTime"] = json!("2026-10-01T12:05:00Z");
    let short = ana.post("/subscriptions", short).await;
    assert_eq!(
        short.body["expirationDateTime"], "2026-10-01T12:45:00Z",
        "{}",
        short.text
    );
}

#[tokio::test]
async fn watching_takes_the_right_to_read() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let without = cloud.user(ANA, &["User.Read"]);
    refused(
        &without.post("/subscriptions", inbox(&listener.url)).await,
        403,
        "ExtensionError",
    );
    let mut other = inbox(&listener.url);
    other["resource"] = json!(format!("users/{BEN}/messages"));
    let ana = cloud.user(ANA, &["Mail.Read"]);
    refused(
        &ana.post("/subscriptions", other.clone()).await,
        403,
        "ExtensionError",
    );
    let application = cloud.application(&["Mail.Read"]);
    assert_eq!(application.post("/subscriptions", other).await.status, 201);
    let me = application
        .post("/subscriptions", inbox(&listener.url))
        .await;
    refused(&me, 400, "BadRequest");
    let mut everyone = inbox(&listener.url);
    everyone["resource"] = json!("/users");
    refused(
        &ana.post("/subscriptions", everyone.clone()).await,
        403,
        "ExtensionError",
    );
    let reader = cloud.application(&["User.Read.All"]);
    assert_eq!(reader.post("/subscriptions", everyone).await.status, 201);
    assert_eq!(listener.handshakes(), 2);
}
