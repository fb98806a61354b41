//! Who is let in: consent, registration, audience.

use reqwest::Method;

use crate::cloud::{AUDIENCE, Cloud, FULL};

#[tokio::test]
async fn an_application_needs_consent_and_a_card() {
    let cloud = Cloud::start().await;
    let bare = cloud.token().await;
    let refused = cloud.get(&bare, "companies").await;
    assert_eq!(
        (refused.status, refused.code()),
        (401, "Authentication_InvalidCredentials")
    );

    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let still_bare = cloud.get(&bare, "companies").await;
    assert_eq!(
        still_bare.status, 401,
        "a token keeps the roles that it was made with"
    );
    let token = cloud.token().await;
    let companies = cloud.get(&token, "companies").await;
    assert_eq!(companies.status, 200);
    assert_eq!(companies.body["value"].as_array().unwrap().len(), 3);
    let context = companies.body["@odata.context"].as_str().unwrap();
    assert!(context.starts_with(cloud.sandbox.url()), "{context}");
    assert_eq!(cloud.customers_named(&token, "Adatum Corporation").await, 1);

    assert!(
        cloud
            .control
            .unregister_from_business_central(&cloud.client_id)
    );
    assert_eq!(cloud.get(&token, "companies").await.status, 401);
}

#[tokio::test]
async fn tokens_for_others_and_no_tokens_are_rejected() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let graph = cloud
        .token_answer("https://graph.microsoft.com/.default")
        .await;
    let graph = graph.body["access_token"].as_str().unwrap().to_owned();
    for token in [graph.as_str(), "nonsense", ""] {
        let refused = cloud.get(token, "companies").await;
        assert_eq!(
            (refused.status, refused.code()),
            (401, "Authentication_InvalidCredentials")
        );
    }
    let ours = cloud.token().await;
    let me = cloud.call(&ours, Method::GET, "/v1.0/users", None).await;
    assert_eq!(me.status, 401);
}

#[tokio::test]
async fn the_resource_may_be_asked_for_with_and_without_a_slash_and_by_its_app_id() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    for resource in [
        AUDIENCE,
        &format!("{AUDIENCE}/"),
        "996def3d-b36c-4153-8607-a6fd3c01b89f",
    ] {
        let answer = cloud.token_answer(&format!("{resource}/.default")).await;
        let token = answer.body["access_token"].as_str().unwrap().to_owned();
        assert_eq!(
            cloud.get(&token, "companies").await.status,
            200,
            "{resource}"
        );
    }
    let unknown = cloud
        .token_answer("https://api.businesscentral.example/.default")
        .await;
    assert_eq!(unknown.status, 400);
}

#[tokio::test]
async fn an_expired_token_is_rejected() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    cloud.control.advance(std::time::Duration::from_hours(2));
    assert_eq!(cloud.get(&token, "companies").await.status, 401);
}
