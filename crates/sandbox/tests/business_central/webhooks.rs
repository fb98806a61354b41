//! Subscribers: asked first, told later.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, FULL};
use crate::listener::{Listener, Mood};

const SUBSCRIPTIONS: &str = "/v2.0/Production/api/v2.0/subscriptions";

async fn subscribe(cloud: &Cloud, token: &str, url: &str) -> Answer {
    let companies = cloud.get(token, "companies").await.body;
    let company = companies["value"][0]["id"].as_str().unwrap();
    let wish = json!({
        "notificationUrl": url,
        "resource": format!("/api/v2.0/companies({company})/customers"),
        "clientState": "a secret of the client's",
    });
    cloud
        .call(token, Method::POST, SUBSCRIPTIONS, Some(wish))
        .await
}

#[tokio::test]
async fn a_subscriber_is_asked_and_then_told_of_a_new_customer() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    let made = subscribe(&cloud, &token, &listener.url).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let customer = cloud.add_customer(&token, "New").await;
    cloud.control.notified().await;
    assert!(
        listener.take().is_empty(),
        "changes are collected for half a minute"
    );
    cloud.control.advance(Duration::from_secs(31));
    cloud.control.notified().await;
    let told: Vec<Value> = listener.take();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["changeType"], "created");
    assert_eq!(told[0]["clientState"], "a secret of the client's");
    let resource = told[0]["resource"].as_str().unwrap();
    let id = customer["id"].as_str().unwrap();
    assert!(
        resource.ends_with(&format!("/customers({id})")),
        "{resource}"
    );
}

#[tokio::test]
async fn an_address_that_does_not_prove_itself_is_not_subscribed() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    listener.be(Mood::Deaf);
    // Nobody listens to the discard port of this machine.
    for url in [listener.url.as_str(), "http://127.0.0.1:9/bc"] {
        let refused = subscribe(&cloud, &token, url).await;
        assert_eq!(
            (refused.status, refused.code()),
            (400, "BadRequest"),
            "{url}"
        );
    }
    assert_eq!(listener.handshakes(), 1);
    let all = cloud.get(&token, "subscriptions").await.body;
    assert_eq!(all["value"], json!([]));
}

#[tokio::test]
async fn a_subscriber_that_fails_until_it_is_given_up_is_dropped() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    assert_eq!(subscribe(&cloud, &token, &listener.url).await.status, 201);
    listener.be(Mood::Failing);
    cloud.add_customer(&token, "New").await;
    cloud.control.advance(Duration::from_secs(31));
    cloud.control.notified().await;
    let all = cloud.get(&token, "subscriptions").await.body;
    assert_eq!(all["value"].as_array().unwrap().len(), 1);
    for _ in 0..5 {
        cloud.control.advance(Duration::from_hours(1));
        cloud.control.notified().await;
    }
    let token = cloud.token().await;
    let all = cloud.get(&token, "subscriptions").await.body;
    assert_eq!(all["value"], json!([]));
}
