//! The endpoints at which an administrator consents for the organisation.

use crate::cloud::{Cloud, REDIRECT, claims};

#[tokio::test]
async fn an_administrator_grants_everything_configured_roles_included() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let query = format!(
        "client_id={}&redirect_uri={REDIRECT}&state=12",
        cloud.client_id
    );
    let page = browser
        .sign_in(
            &cloud.tenant_url(&format!("/adminconsent?{query}")),
            &cloud.admin,
        )
        .await;
    assert!(page.text("h1").contains("for your organization"));
    let page = browser.decide(&page, "accept").await;
    assert_eq!(page.answer("admin_consent"), "True");
    assert_eq!(page.answer("tenant"), cloud.sandbox.tenant_id());
    assert_eq!(page.answer("state"), "12");

    let token = cloud.app_only(&[]).await.body;
    assert_eq!(claims(&token["access_token"])["roles"][0], "Mail.Read");
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert!(!page.answer("code").is_empty());
}

#[tokio::test]
async fn the_second_version_grants_the_scopes_that_it_names() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let query = format!(
        "client_id={}&redirect_uri={REDIRECT}&state=12&scope=User.Read.All",
        cloud.client_id
    );
    let url = cloud.tenant_url(&format!("/v2.0/adminconsent?{query}"));
    let page = browser.sign_in(&url, &cloud.admin).await;
    let page = browser.decide(&page, "accept").await;
    assert_eq!(page.answer("scope"), "User.Read.All");
    let url = cloud.authorize_url(&[("scope", "openid User.Read.All")]);
    let mut browser = cloud.browser();
    let page = browser.sign_in(&url, &cloud.member).await;
    assert!(!page.answer("code").is_empty());
}

#[tokio::test]
async fn a_member_cannot_and_declining_is_told() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let query = format!("client_id={}&redirect_uri={REDIRECT}", cloud.client_id);
    for (path, error) in [
        ("/adminconsent?", "permission_denied"),
        ("/v2.0/adminconsent?scope=.default&", "access_denied"),
    ] {
        browser.forget_cookies();
        let url = cloud.tenant_url(&format!("{path}{query}"));
        let page = browser.sign_in(&url, &cloud.member).await;
        assert!(page.text("#error").starts_with("AADSTS90094: "));
        let page = browser.enter(&page, &cloud.admin, "Sandbox-1").await;
        let page = browser.decide(&page, "cancel").await;
        assert_eq!(page.answer("error"), error);
    }
    let token = cloud.app_only(&[]).await.body;
    assert_eq!(claims(&token["access_token"]).get("roles"), None);
}
