//! Faults on demand.

use reqwest::Method;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::cloud::Cloud;

fn at_token(action: Action) -> Fault {
    Fault::once("POST", "/token", action)
}

async fn request(cloud: &Cloud) -> reqwest::Result<reqwest::Response> {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &cloud.client_id),
        ("client_secret", &cloud.secret),
        ("scope", ".default"),
    ];
    let url = cloud.tenant_url("/oauth2/v2.0/token");
    cloud
        .http
        .request(Method::POST, url)
        .form(&form)
        .send()
        .await
}

#[tokio::test]
async fn a_status_is_answered_as_often_as_asked_with_its_header_and_body() {
    let cloud = Cloud::start().await;
    cloud.control.inject(at_token(Action::Status {
        status: 429,
        retry_after: Some(7),
        body: None,
    }));
    let response = request(&cloud).await.unwrap();
    assert_eq!(response.status().as_u16(), 429);
    assert_eq!(response.headers()["retry-after"], "7");
    let body: Value = response.json().await.unwrap();
    assert_eq!(body["error_codes"], json!([90055]));
    assert_eq!(request(&cloud).await.unwrap().status().as_u16(), 200);
    assert!(cloud.control.faults().iter().all(|fault| fault.times == 0));
}

#[tokio::test]
async fn a_reset_closes_the_connection_and_does_nothing() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    cloud.control.inject(at_token(Action::Reset));
    assert!(request(&cloud).await.is_err());
    assert_eq!(cloud.control.requests().last().unwrap().status, None);
    assert_eq!(cloud.redeem(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn a_reset_after_loses_the_answer_of_something_that_was_done() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    cloud.control.inject(at_token(Action::ResetAfter));
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", cloud.client_id.as_str()),
        ("client_secret", cloud.secret.as_str()),
        ("code", &code),
        ("redirect_uri", crate::cloud::REDIRECT),
        ("code_verifier", crate::cloud::VERIFIER),
    ];
    let url = cloud.tenant_url("/oauth2/v2.0/token");
    assert!(cloud.http.post(url).form(&form).send().await.is_err());
    let again = cloud.redeem(&code, &[]).await;
    again.assert_refused(400, "invalid_grant", 54005);
}

#[tokio::test]
async fn a_cut_body_is_shorter_than_promised() {
    let cloud = Cloud::start().await;
    cloud.control.inject(at_token(Action::CutBody));
    let response = request(&cloud).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    assert!(response.content_length().unwrap() > 500);
    assert!(response.bytes().await.is_err());
}

#[tokio::test]
async fn a_delayed_answer_comes_in_the_end() {
    let cloud = Cloud::start().await;
    cloud.control.inject(at_token(Action::Delay(5)));
    assert_eq!(request(&cloud).await.unwrap().status().as_u16(), 200);
}

#[tokio::test]
async fn faults_come_over_http_too_and_never_hit_the_control_api() {
    let cloud = Cloud::start().await;
    let url = cloud.url("/_sandbox/faults");
    for action in [
        json!("reset"),
        json!({ "status": { "status": 503 } }),
        json!({ "delay": 1 }),
    ] {
        let fault = json!({ "times": 1, "action": action });
        let response = cloud.http.post(&url).json(&fault).send().await.unwrap();
        assert_eq!(response.status().as_u16(), 201);
    }
    assert_eq!(cloud.control.faults().len(), 3);
    assert!(request(&cloud).await.is_err());
    assert_eq!(request(&cloud).await.unwrap().status().as_u16(), 503);
    cloud.http.delete(&url).send().await.unwrap();
    assert!(cloud.control.faults().is_empty());
}
