//! Refresh tokens.

use std::time::Duration;

use crate::cloud::{Cloud, claims};

const DAY: Duration = Duration::from_hours(24);

#[tokio::test]
async fn every_refresh_brings_a_new_refresh_token_and_the_old_one_lives_on() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let first = cloud.refresh(&tokens["refresh_token"], &[]).await;
    assert_eq!(first.status, 200);
    assert_ne!(first.body["refresh_token"], tokens["refresh_token"]);
    assert_ne!(first.body["access_token"], tokens["access_token"]);
    let second = cloud.refresh(&tokens["refresh_token"], &[]).await;
    assert_eq!(second.status, 200);
    assert_eq!(
        cloud
            .refresh(&first.body["refresh_token"], &[])
            .await
            .status,
        200
    );
    assert_eq!(claims(&second.body["id_token"]).get("nonce"), None);
}

#[tokio::test]
async fn a_stricter_server_takes_each_refresh_token_once() {
    let cloud = Cloud::start().await;
    cloud.control.single_use_refresh_tokens(true);
    let tokens = cloud.tokens_for(&cloud.member).await;
    let first = cloud.refresh(&tokens["refresh_token"], &[]).await;
    assert_eq!(first.status, 200);
    let again = cloud.refresh(&tokens["refresh_token"], &[]).await;
    again.assert_refused(400, "invalid_grant", 70000);
    assert_eq!(
        cloud
            .refresh(&first.body["refresh_token"], &[])
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn ninety_days_of_rest_end_a_refresh_token_and_use_prolongs_it() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud.control.advance(89 * DAY);
    let renewed = cloud.refresh(&tokens["refresh_token"], &[]).await.body;
    cloud.control.advance(2 * DAY);
    let old = cloud.refresh(&tokens["refresh_token"], &[]).await;
    old.assert_refused(400, "invalid_grant", 700_082);
    assert_eq!(
        cloud.refresh(&renewed["refresh_token"], &[]).await.status,
        200
    );
}

#[tokio::test]
async fn what_happens_to_the_user_happens_to_their_refresh_tokens() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud.control.disable_user(&cloud.member).unwrap();
    let disabled = cloud.refresh(&tokens["refresh_token"], &[]).await;
    disabled.assert_refused(400, "invalid_grant", 50057);
    cloud.control.enable_user(&cloud.member).unwrap();

    cloud.control.revoke_sessions(&cloud.member).unwrap();
    let revoked = cloud.refresh(&tokens["refresh_token"], &[]).await;
    revoked.assert_refused(400, "invalid_grant", 50173);
    assert_eq!(revoked.body["suberror"], "bad_token");

    let fresh = cloud.tokens_for(&cloud.member).await;
    assert_eq!(
        cloud.refresh(&fresh["refresh_token"], &[]).await.status,
        200
    );
}

#[tokio::test]
async fn consent_taken_back_shows_at_the_next_refresh() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud
        .control
        .remove_consent(&cloud.client_id, None)
        .unwrap();
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 65001);
    assert_eq!(refused.body["suberror"], "consent_required");
}

#[tokio::test]
async fn the_applications_proof_is_checked_before_the_refresh_token() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    cloud.control.advance(91 * DAY);
    cloud.control.expire_secrets(&cloud.client_id).unwrap();
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(401, "invalid_client", 7_000_222);
    cloud.control.delete_application(&cloud.client_id).unwrap();
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(400, "unauthorized_client", 700_016);
}

#[tokio::test]
async fn a_refresh_may_ask_for_what_is_granted_and_for_nothing_else() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let token = &tokens["refresh_token"];
    let default = ("scope", "https://graph.microsoft.com/.default");
    let answer = cloud.refresh(token, &[default]).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body["refresh_token"].is_string());
    let beyond = cloud.refresh(token, &[("scope", "Mail.Send")]).await;
    beyond.assert_refused(400, "invalid_grant", 65001);
    let nonsense = cloud.refresh(&"nonsense".into(), &[]).await;
    nonsense.assert_refused(400, "invalid_grant", 9_002_313);
}

#[tokio::test]
async fn the_lifetime_of_access_tokens_can_be_set() {
    let cloud = Cloud::start().await;
    cloud.control.set_access_token_lifetime(Some(120));
    let tokens = cloud.tokens_for(&cloud.member).await;
    assert_eq!(tokens["expires_in"], 120);
    cloud.control.set_access_token_lifetime(Some(90_000));
    let long = cloud.refresh(&tokens["refresh_token"], &[]).await.body;
    assert_eq!(long["refresh_in"], 45_000);
}

#[tokio::test]
async fn a_refresh_token_of_somebody_who_was_deleted_says_so() {
    let cloud = Cloud::start().await;
    let tokens = cloud.tokens_for(&cloud.member).await;
    let issued = cloud
        .control
        .issue_access_token(&cloud.client_id, None, &["User.ReadWrite.All"]);
    let url = cloud.url(&format!("/v1.0/users/{}", cloud.member));
    let deleted = cloud
        .http
        .delete(url)
        .bearer_auth(issued.unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(deleted.status().as_u16(), 204);
    let refused = cloud.refresh(&tokens["refresh_token"], &[]).await;
    refused.assert_refused(400, "invalid_grant", 500_341);
}
