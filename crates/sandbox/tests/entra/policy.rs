//! Conditional access and continuous access evaluation.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Response;
use sandbox::{ConditionalAccess, Location};
use serde_json::{Value, json};

use crate::cloud::{Cloud, claims};

const CAPABLE: &str = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
const STEP_UP: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

async fn me(cloud: &Cloud, token: &Value) -> Response {
    let request = cloud.http.get(cloud.url("/v1.0/me"));
    let request = request.bearer_auth(token.as_str().unwrap());
    request.send().await.unwrap()
}

#[tokio::test]
async fn a_second_factor_demanded_later_sends_old_grants_back_to_the_pages() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud.control.set_conditional_access(ConditionalAccess::Mfa);
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 50076);
    assert_eq!(refused.body["suberror"], "basic_action");
    assert!(refused.body["claims"].is_string());

    let strong = cloud.tokens_for(&cloud.member).await;
    let access = claims(&strong["access_token"]);
    assert_eq!(access["amr"], json!(["pwd", "mfa"]));
    assert_eq!(
        cloud.refresh(&strong["refresh_token"], &[]).await.status,
        200
    );
}

#[tokio::test]
async fn a_silent_sign_in_that_is_too_weak_needs_interaction() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.decide(&page, "accept").await;
    let silent = cloud.authorize_url(&[("prompt", "none")]);
    assert!(browser.open(&silent).await.find_answer("code").is_some());
    cloud.control.set_conditional_access(ConditionalAccess::Mfa);
    let weak = browser.open(&silent).await;
    assert_eq!(weak.answer("error"), "interaction_required");
    assert!(weak.answer("error_description").starts_with("AADSTS50076"));
}

#[tokio::test]
async fn whom_the_policy_blocks_is_sent_back_with_access_denied() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud
        .control
        .set_conditional_access(ConditionalAccess::Block);
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 53003);
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.answer("error"), "access_denied");
    assert!(page.answer("error_description").starts_with("AADSTS53003"));
    // Applications on their own are none of this policy's business.
    assert_eq!(cloud.app_only(&[]).await.status, 200);
}

#[tokio::test]
async fn an_authentication_context_asks_for_more_where_the_request_names_it() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let claimed = [("claims", STEP_UP)];
    let refused = cloud.refresh(&tokens["refresh_token"], &claimed).await;
    refused.assert_refused(400, "invalid_grant", 50076);
    assert!(refused.body["claims"].as_str().unwrap().contains("c1"));

    let url = cloud.authorize_url(&claimed);
    let page = cloud.browser().sign_in(&url, &cloud.member).await;
    let answer = cloud.redeem(&page.answer("code"), &claimed).await;
    assert_eq!(claims(&answer.body["access_token"])["acrs"], json!(["c1"]));
    let nonsense = cloud.refresh(&tokens["refresh_token"], &[("claims", "{")]);
    nonsense
        .await
        .assert_refused(400, "invalid_request", 9_002_313);
}

#[tokio::test]
async fn a_capable_client_gets_a_long_token_that_ends_when_sessions_are_revoked() {
    let cloud = Cloud::start().await;
    let old = cloud.tokens_for(&cloud.member).await;
    let capable = [
        ("claims", CAPABLE),
        ("scope", "User.Read offline_access Mail.Read"),
    ];
    cloud.control.grant_admin_consent(&cloud.client_id).unwrap();
    let tokens = cloud.refresh(&old["refresh_token"], &capable).await.body;
    let lifetime = tokens["expires_in"].as_u64().unwrap();
    assert!((72_000..=100_800).contains(&lifetime));
    assert_eq!(tokens["refresh_in"], lifetime / 2);
    let token = &tokens["access_token"];
    assert_eq!(claims(token)["xms_cc"], json!(["cp1"]));
    assert_eq!(me(&cloud, token).await.status().as_u16(), 200);

    cloud.control.revoke_sessions(&cloud.member).unwrap();
    let refused = me(&cloud, token).await;
    assert_eq!(refused.status().as_u16(), 401);
    let header = refused.headers()["www-authenticate"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        header.contains(r#"error="insufficient_claims""#),
        "{header}"
    );
    let encoded = header
        .split("claims=\"")
        .nth(1)
        .unwrap()
        .trim_end_matches('"');
    let challenge: Value = serde_json::from_slice(&STANDARD.decode(encoded).unwrap()).unwrap();
    assert_eq!(challenge["access_token"]["nbf"]["essential"], true);
    // The client sends the challenge back; its refresh token is revoked too, so that it has to ask the person.
    let stale = cloud.refresh(&tokens["refresh_token"], &capable).await;
    stale.assert_refused(400, "invalid_grant", 50173);

    let fresh = cloud.tokens_for(&cloud.member).await;
    let fresh = cloud.refresh(&fresh["refresh_token"], &capable).await.body;
    assert_eq!(
        me(&cloud, &fresh["access_token"]).await.status().as_u16(),
        200
    );
}

#[tokio::test]
async fn a_client_without_the_capability_keeps_its_short_token_until_it_expires() {
    let cloud = Cloud::start().await;
    cloud.control.grant_admin_consent(&cloud.client_id).unwrap();
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud.control.revoke_sessions(&cloud.member).unwrap();
    let token = &tokens["access_token"];
    assert_eq!(me(&cloud, token).await.status().as_u16(), 200);
    cloud.control.advance(Duration::from_hours(2));
    assert_eq!(me(&cloud, token).await.status().as_u16(), 401);
}

#[tokio::test]
async fn a_disabled_application_loses_its_long_token_too() {
    let cloud = Cloud::start().await;
    let token = cloud.app_only(&[("claims", CAPABLE)]).await.body;
    assert_eq!(token["expires_in"], 86_399);
    let users = async || {
        let request = cloud.http.get(cloud.url("/v1.0/users"));
        let request = request.bearer_auth(token["access_token"].as_str().unwrap());
        request.send().await.unwrap().status().as_u16()
    };
    assert_eq!(users().await, 403);
    cloud.control.disable_application(&cloud.client_id).unwrap();
    assert_eq!(users().await, 401);
}

impl Cloud {
    /// Tokens of a client that answers challenges.
    async fn capable(&self) -> Value {
        self.control.grant_admin_consent(&self.client_id).unwrap();
        let old = self.tokens_for(&self.member).await;
        let claimed = [("claims", CAPABLE)];
        self.refresh(&old["refresh_token"], &claimed).await.body
    }
}

async fn challenged(cloud: &Cloud, token: &Value) -> String {
    let refused = me(cloud, token).await;
    assert_eq!(refused.status().as_u16(), 401);
    let header = &refused.headers()["www-authenticate"];
    assert!(header.to_str().unwrap().contains("insufficient_claims"));
    let body: Value = refused.json().await.unwrap();
    body["error"]["message"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_new_password_ends_the_access_token_and_not_what_a_confidential_client_refreshes_with() {
    let cloud = Cloud::start().await;
    let tokens = cloud.capable().await;
    cloud
        .control
        .change_password(&cloud.member, "Another-1")
        .unwrap();
    let told = challenged(&cloud, &tokens["access_token"]).await;
    assert!(told.ends_with("TokenIssuedBeforeRevocationTimestamp"));
    let claimed = [("claims", CAPABLE)];
    let fresh = cloud.refresh(&tokens["refresh_token"], &claimed).await.body;
    let status = me(&cloud, &fresh["access_token"]).await.status();
    assert_eq!(status.as_u16(), 200);
}

#[tokio::test]
async fn an_address_that_only_the_api_refuses_is_challenged_again_and_again() {
    let cloud = Cloud::start().await;
    let tokens = cloud.capable().await;
    cloud.control.set_location(Location::Split);
    let told = challenged(&cloud, &tokens["access_token"]).await;
    assert!(told.ends_with("LocationConditionEvaluationSatisfied"));
    let claimed = [("claims", CAPABLE)];
    let fresh = cloud.refresh(&tokens["refresh_token"], &claimed).await.body;
    challenged(&cloud, &fresh["access_token"]).await;
    cloud.control.set_location(Location::Named);
    let status = me(&cloud, &fresh["access_token"]).await.status();
    assert_eq!(status.as_u16(), 200);
    // Entra sees it too: no token at all, for people and for applications.
    cloud.control.set_location(Location::Elsewhere);
    let refused = cloud.refresh(&tokens["refresh_token"], &claimed).await;
    refused.assert_refused(400, "invalid_grant", 53003);
    let refused = cloud.app_only(&[]).await;
    refused.assert_refused(400, "invalid_grant", 53003);
}

#[tokio::test]
async fn a_policy_for_workload_identities_keeps_applications_out_and_lets_people_in() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud.control.block_applications(true);
    let refused = cloud.app_only(&[]).await;
    refused.assert_refused(400, "invalid_grant", 53003);
    let refreshed = cloud.refresh(&tokens["refresh_token"], &[]).await;
    assert_eq!(refreshed.status, 200);
}
