//! Redeeming authorization codes, and the checks that come before any grant.

use std::time::Duration;

use sandbox::NewApplication;

use crate::cloud::{Cloud, REDIRECT, VERIFIER, YEAR, answer};

#[tokio::test]
async fn a_code_is_good_once() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    assert_eq!(cloud.redeem(&code, &[]).await.status, 200);
    let again = cloud.redeem(&code, &[]).await;
    again.assert_refused(400, "invalid_grant", 54005);
}

#[tokio::test]
async fn of_many_who_redeem_a_code_at_once_one_succeeds() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    let attempts = (0..20).map(|_| cloud.redeem(&code, &[]));
    let answers = futures_util::future::join_all(attempts).await;
    let succeeded = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(succeeded, 1);
    assert_eq!(cloud.control.count("POST", "/token"), 20);
}

#[tokio::test]
async fn a_code_is_good_for_ten_minutes() {
    let cloud = Cloud::start().await;
    let (first, second) = (
        cloud.code_for(&cloud.member).await,
        cloud.code_for(&cloud.member).await,
    );
    cloud.control.advance(Duration::from_mins(10));
    assert_eq!(cloud.redeem(&first, &[]).await.status, 200);
    cloud.control.advance(Duration::from_secs(1));
    let late = cloud.redeem(&second, &[]).await;
    late.assert_refused(400, "invalid_grant", 70008);
}

#[tokio::test]
async fn a_code_is_bound_to_what_it_was_asked_with_and_survives_a_mistake() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    let wrong = "another-verifier-of-sufficient-length-0123456789";
    for (change, status, error, number) in [
        (("code_verifier", wrong), 400, "invalid_grant", 501_481),
        (("code_verifier", ""), 400, "invalid_grant", 50148),
        (("redirect_uri", ""), 400, "invalid_request", 900_144),
        (
            ("redirect_uri", "http://localhost:9/callback"),
            401,
            "invalid_client",
            500_112,
        ),
        (
            ("redirect_uri", "https://evil.example/"),
            401,
            "invalid_client",
            50011,
        ),
        (
            ("scope", "Mail.Read Mail.Send"),
            400,
            "invalid_grant",
            65001,
        ),
        (("scope", "Nonsense.Read"), 400, "invalid_scope", 70011),
        (("code", "nonsense"), 400, "invalid_grant", 9_002_313),
        (("code", ""), 400, "invalid_request", 900_144),
    ] {
        let refused = cloud.redeem(&code, &[change]).await;
        refused.assert_refused(status, error, number);
    }
    assert_eq!(cloud.redeem(&code, &[]).await.status, 200);
}

#[tokio::test]
async fn a_code_is_no_use_to_another_application() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    let other = cloud
        .control
        .register_application(NewApplication {
            display_name: "Other".to_owned(),
            redirect_uris: vec![REDIRECT.to_owned()],
            ..NewApplication::default()
        })
        .unwrap();
    let secret = cloud
        .control
        .add_secret(&other.client_id, "test", YEAR)
        .unwrap();
    let changes = [
        ("client_id", other.client_id.as_str()),
        ("client_secret", secret.secret_text.as_str()),
    ];
    let refused = cloud.redeem(&code, &changes).await;
    refused.assert_refused(400, "invalid_grant", 70000);
}

#[tokio::test]
async fn a_plain_challenge_is_compared_as_it_is_and_no_challenge_needs_no_verifier() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let plain = [
        ("code_challenge", VERIFIER),
        ("code_challenge_method", "plain"),
    ];
    let page = browser
        .sign_in(&cloud.authorize_url(&plain), &cloud.member)
        .await;
    let code = browser.decide(&page, "accept").await.answer("code");
    assert_eq!(cloud.redeem(&code, &[]).await.status, 200);

    let none = [("code_challenge", ""), ("code_challenge_method", "")];
    let code = browser
        .open(&cloud.authorize_url(&none))
        .await
        .answer("code");
    let surprising = cloud.redeem(&code, &[]).await;
    surprising.assert_refused(400, "invalid_grant", 501_481);
    assert_eq!(
        cloud.redeem(&code, &[("code_verifier", "")]).await.status,
        200
    );
}

#[tokio::test]
async fn malformed_requests_and_unproven_applications_are_refused_before_any_grant() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    let nobody = "11111111-1111-4111-8111-111111111111";
    let nil = "00000000-0000-0000-0000-000000000000";
    for (change, status, error, number) in [
        (("grant_type", ""), 400, "invalid_request", 900_144),
        (
            ("grant_type", "magic"),
            400,
            "unsupported_grant_type",
            70003,
        ),
        (("client_id", ""), 400, "invalid_request", 900_144),
        (("client_id", nobody), 400, "unauthorized_client", 700_016),
        (("client_id", nil), 400, "unauthorized_client", 700_038),
        (("client_secret", ""), 401, "invalid_client", 7_000_218),
        (("client_secret", "wrong"), 401, "invalid_client", 7_000_215),
    ] {
        let refused = cloud.redeem(&code, &[change]).await;
        refused.assert_refused(status, error, number);
    }
    cloud.control.expire_secrets(&cloud.client_id).unwrap();
    let refused = cloud.redeem(&code, &[]).await;
    refused.assert_refused(401, "invalid_client", 7_000_222);
    cloud.control.disable_application(&cloud.client_id).unwrap();
    let refused = cloud.redeem(&code, &[]).await;
    refused.assert_refused(400, "unauthorized_client", 7_000_112);
}

#[tokio::test]
async fn an_error_has_a_link_only_where_the_public_page_knows_it() {
    let cloud = Cloud::start().await;
    let listed = cloud.redeem("code", &[("client_secret", "wrong")]).await;
    assert_eq!(listed.body["error_uri"], cloud.url("/error?code=7000215"));
    let unlisted = cloud.redeem("code", &[("grant_type", "magic")]).await;
    assert_eq!(unlisted.body.get("error_uri"), None);
}

#[tokio::test]
async fn a_public_client_sends_no_secret() {
    let cloud = Cloud::start().await;
    let native = cloud
        .control
        .register_application(NewApplication {
            display_name: "Native".to_owned(),
            redirect_uris: vec!["http://localhost/callback".to_owned()],
            is_public_client: true,
            ..NewApplication::default()
        })
        .unwrap();
    let client = ("client_id", native.client_id.as_str());
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[client]), &cloud.member)
        .await;
    let code = browser.decide(&page, "accept").await.answer("code");
    let refused = cloud.redeem(&code, &[client]).await;
    refused.assert_refused(401, "invalid_client", 700_025);
    let answer = cloud.redeem(&code, &[client, ("client_secret", "")]).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn only_post_is_accepted_and_a_browser_gets_a_page() {
    let cloud = Cloud::start().await;
    let response = cloud
        .http
        .get(cloud.tenant_url("/oauth2/v2.0/token"))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status().as_u16(), 400);
    assert!(response.text().await.unwrap().contains("AADSTS900561"));
}

#[tokio::test]
async fn a_grant_that_does_not_exist_is_named_in_the_refusal() {
    let cloud = Cloud::start().await;
    let form = [
        ("grant_type", "wishful_thinking"),
        ("client_id", &cloud.client_id),
        ("client_secret", &cloud.secret),
    ];
    let url = cloud.tenant_url("/oauth2/v2.0/token");
    let answer = answer(cloud.http.post(url).form(&form)).await;
    answer.assert_refused(400, "unsupported_grant_type", 70003);
}

#[tokio::test]
async fn client_info_names_the_user_when_asked_for() {
    let cloud = Cloud::start().await;
    let code = cloud.code_for(&cloud.member).await;
    let tokens = cloud.redeem(&code, &[("client_info", "1")]).await.body;
    assert!(tokens["client_info"].is_string());
    let quiet = cloud.refresh(&tokens["refresh_token"], &[]).await.body;
    assert_eq!(quiet.get("client_info"), None);
}
