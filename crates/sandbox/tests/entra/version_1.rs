//! Version 1 of the endpoints, where a resource stands for scopes.

use crate::cloud::{Cloud, REDIRECT, VERIFIER, answer, claims};

const RESOURCE: &str = "https://graph.microsoft.com";

async fn ask(cloud: &Cloud, form: &[(&str, &str)]) -> crate::cloud::Answer {
    let mut all = vec![
        ("client_id", cloud.client_id.as_str()),
        ("client_secret", cloud.secret.as_str()),
    ];
    all.extend(form);
    answer(
        cloud
            .http
            .post(cloud.tenant_url("/oauth2/token"))
            .form(&all),
    )
    .await
}

#[tokio::test]
async fn an_application_names_the_resource_and_reads_numbers_as_text() {
    let cloud = Cloud::start().await;
    let form = [("grant_type", "client_credentials"), ("resource", RESOURCE)];
    let answer = ask(&cloud, &form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(answer.body["expires_in"], "3599");
    assert_eq!(answer.body["resource"], RESOURCE);
    let access = claims(&answer.body["access_token"]);
    assert_eq!(answer.body["expires_on"], access["exp"].to_string());
    assert_eq!(answer.body["not_before"], access["nbf"].to_string());

    let missing = ask(&cloud, &[("grant_type", "client_credentials")]).await;
    missing.assert_refused(400, "invalid_request", 900_144);
    let form = [
        ("grant_type", "client_credentials"),
        ("resource", "https://nobody.example"),
    ];
    let unknown = ask(&cloud, &form).await;
    unknown.assert_refused(400, "invalid_resource", 500_011);
}

#[tokio::test]
async fn a_person_signs_in_for_everything_granted_on_the_resource() {
    let cloud = Cloud::start().await;
    let url = cloud
        .authorize_url(&[("scope", ""), ("resource", RESOURCE)])
        .replace("/oauth2/v2.0/authorize", "/oauth2/authorize");
    let mut browser = cloud.browser();
    let page = browser.sign_in(&url, &cloud.member).await;
    let page = browser.decide(&page, "accept").await;
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &page.answer("code")),
        ("redirect_uri", REDIRECT),
        ("code_verifier", VERIFIER),
    ];
    let tokens = ask(&cloud, &form).await;
    assert_eq!(tokens.status, 200, "{}", tokens.body);
    assert_eq!(tokens.body["scope"], "openid profile User.Read Mail.Read");
    assert!(tokens.body["id_token"].is_string());
    let refresh_token = tokens.body["refresh_token"].as_str().unwrap();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", refresh_token),
    ];
    let refreshed = ask(&cloud, &form).await;
    assert_eq!(refreshed.status, 200, "{}", refreshed.body);
    assert!(refreshed.body["expires_in"].is_string());
}
