//! The control API over HTTP, which does what the one in process does.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{Cloud, REDIRECT};

async fn call(cloud: &Cloud, method: Method, path: &str, body: Value) -> (u16, Value) {
    let url = cloud.url(&format!("/_sandbox{path}"));
    let mut request = cloud.http.request(method, url);
    if !body.is_null() {
        request = request.json(&body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

async fn get(cloud: &Cloud, path: &str) -> Value {
    let (status, body) = call(cloud, Method::GET, path, Value::Null).await;
    assert_eq!(status, 200);
    body
}

#[tokio::test]
async fn an_application_is_registered_given_a_secret_and_used() {
    let cloud = Cloud::start().await;
    let new = json!({
        "display_name": "Scripted", "redirect_uris": [REDIRECT], "application": ["Mail.Read"], "admin_consent": true
    });
    let (status, application) = call(&cloud, Method::POST, "/applications", new).await;
    assert_eq!(status, 201);
    let client_id = application["client_id"].as_str().unwrap();
    let path = format!("/applications/{client_id}");
    let secrets = format!("{path}/secrets");
    let (status, secret) = call(&cloud, Method::POST, &secrets, Value::Null).await;
    assert_eq!(status, 201);
    let changes = [
        ("client_id", client_id),
        ("client_secret", secret["secret_text"].as_str().unwrap()),
    ];
    assert_eq!(cloud.app_only(&changes).await.status, 200);
    let expire = format!("{path}/expire-secrets");
    assert_eq!(
        call(&cloud, Method::POST, &expire, Value::Null).await.0,
        204
    );
    let refused = cloud.app_only(&changes).await;
    refused.assert_refused(401, "invalid_client", 7_000_222);
    assert_eq!(
        call(&cloud, Method::DELETE, &path, Value::Null).await.0,
        204
    );
    let listed = get(&cloud, "/applications").await;
    assert_eq!(listed.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_clock_moves_for_everyone() {
    let cloud = Cloud::start().await;
    let before = get(&cloud, "/clock").await;
    assert_eq!(before["now"], "2026-03-01T09:00:00Z");
    let (status, after) = call(
        &cloud,
        Method::POST,
        "/clock",
        json!({ "advance_secs": 3600 }),
    )
    .await;
    assert_eq!(status, 200);
    assert_eq!(after["now"], "2026-03-01T10:00:00Z");
    assert_eq!(cloud.control.now().to_string(), "2026-03-01T10:00:00Z");
}

#[tokio::test]
async fn consent_and_sessions_are_taken_back() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let revoke = format!("/users/{}/revoke", cloud.member);
    assert_eq!(
        call(&cloud, Method::POST, &revoke, Value::Null).await.0,
        204
    );
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 50173);
    let consent = format!("/applications/{}/consent", cloud.client_id);
    assert_eq!(
        call(&cloud, Method::POST, &consent, Value::Null).await.0,
        204
    );
    assert_eq!(
        call(&cloud, Method::DELETE, &consent, Value::Null).await.0,
        204
    );
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.text("h1"), "Permissions requested");
}

#[tokio::test]
async fn settings_change_one_at_a_time() {
    let cloud = Cloud::start().await;
    let change = json!({ "access_token_lifetime": 60, "user_consent": "recommended" });
    call(&cloud, Method::POST, "/settings", change).await;
    let change = json!({ "single_use_refresh_tokens": true });
    let (_, settings) = call(&cloud, Method::POST, "/settings", change).await;
    assert_eq!(
        settings,
        json!({
            "access_token_lifetime": 60,
            "single_use_refresh_tokens": true,
            "user_consent": "recommended",
            "conditional_access": "off",
            "location": "named",
            "blocks_applications": false,
            "throttling": "off",
            "notify_anywhere": false,
            "refuse_protected_apis": false,
        })
    );
    let change = json!({ "access_token_lifetime": 0 });
    let (_, settings) = call(&cloud, Method::POST, "/settings", change).await;
    assert_eq!(settings["access_token_lifetime"], Value::Null);
}

#[tokio::test]
async fn requests_are_logged_filtered_counted_and_cleared() {
    let cloud = Cloud::start().await;
    cloud.app_only(&[("client_secret", "wrong")]).await;
    cloud.browser().open(&cloud.authorize_url(&[])).await;
    get(&cloud, "/health").await;
    let all = get(&cloud, "/requests").await;
    assert_eq!(all.as_array().unwrap().len(), 2);
    let tokens = get(&cloud, "/requests?method=POST&path_contains=/token").await;
    assert_eq!(tokens[0]["status"], 401);
    assert_eq!(tokens[0]["authorization_present"], false);
    assert_eq!(cloud.control.count("POST", "/token"), 1);
    assert_eq!(cloud.control.count("", "/oauth2/"), 2);
    call(&cloud, Method::DELETE, "/requests", Value::Null).await;
    assert!(cloud.control.requests().is_empty());
}

#[tokio::test]
async fn what_is_not_implemented_answers_501_and_is_listed() {
    let cloud = Cloud::start().await;
    let url = cloud.tenant_url("/kerberos");
    let response = cloud.http.post(url).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 501);
    let body: Value = response.json().await.unwrap();
    let message = body["error"]["message"].as_str().unwrap();
    assert!(message.contains("POST") && message.contains("kerberos"));
    let wrong_method = cloud.http.delete(cloud.authorize_url(&[]));
    assert_eq!(wrong_method.send().await.unwrap().status().as_u16(), 501);
    let listed = get(&cloud, "/unimplemented").await;
    assert_eq!(listed.as_array().unwrap().len(), 2);
    assert_eq!(listed[0]["times"], 1);
}

#[tokio::test]
async fn mistakes_are_answered_with_a_code_and_a_message() {
    let cloud = Cloud::start().await;
    for (method, path, body, status, code) in [
        (
            Method::POST,
            "/users/nobody/revoke",
            Value::Null,
            404,
            "unknown_user",
        ),
        (
            Method::DELETE,
            "/applications/none",
            Value::Null,
            404,
            "unknown_application",
        ),
        (
            Method::POST,
            "/applications",
            json!({ "name": "x" }),
            400,
            "invalid_request",
        ),
        (
            Method::POST,
            "/applications",
            json!({ "delegated": ["Nonsense"] }),
            400,
            "unknown_permission",
        ),
        (Method::POST, "/clock", json!({}), 400, "invalid_request"),
    ] {
        let (answered, body) = call(&cloud, method, path, body).await;
        assert_eq!(answered, status, "{path}");
        assert_eq!(body["error"]["code"], code);
        assert!(body["error"]["message"].is_string());
    }
}

#[tokio::test]
async fn what_was_given_out_is_listed_in_clear() {
    let cloud = Cloud::start().await;
    let before = get(&cloud, "/issued").await.as_array().unwrap().len();
    let new =
        json!({ "display_name": "Scripted", "application": ["Mail.Read"], "admin_consent": true });
    let (_, application) = call(&cloud, Method::POST, "/applications", new).await;
    let client_id = application["client_id"].as_str().unwrap();
    let secrets = format!("/applications/{client_id}/secrets");
    let (_, secret) = call(&cloud, Method::POST, &secrets, Value::Null).await;
    let text = secret["secret_text"].as_str().unwrap();
    let answer = cloud
        .app_only(&[("client_id", client_id), ("client_secret", text)])
        .await;
    let listed = get(&cloud, "/issued").await;
    let expected = [
        json!({ "kind": "client_secret", "text": text }),
        json!({ "kind": "token", "text": answer.body["access_token"] }),
    ];
    assert_eq!(listed.as_array().unwrap()[before..], expected);
}
