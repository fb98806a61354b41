//! Consent to delegated permissions.

use sandbox::{NewApplication, UserConsentPolicy};

use crate::cloud::{Cloud, REDIRECT, claims};

#[tokio::test]
async fn declining_tells_the_application_and_grants_nothing() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    let page = browser.decide(&page, "cancel").await;
    assert_eq!(page.answer("error"), "access_denied");
    assert_eq!(page.answer("error_subcode"), "cancel");
    assert!(
        page.answer("error_description")
            .starts_with("AADSTS65004: ")
    );
    let page = browser.open(&cloud.authorize_url(&[])).await;
    assert_eq!(page.location, None);
}

#[tokio::test]
async fn consent_is_asked_for_what_is_new_only() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.decide(&page, "accept").await;

    let more = cloud.authorize_url(&[("scope", "openid Mail.Read Mail.Send")]);
    let page = browser.open(&more).await;
    assert_eq!(page.location, None);
    let page = browser.decide(&page, "accept").await;
    let tokens = cloud.redeem(&page.answer("code"), &[]).await.body;
    assert_eq!(
        claims(&tokens["access_token"])["scp"],
        "openid Mail.Read Mail.Send"
    );
}

#[tokio::test]
async fn a_token_carries_everything_that_was_ever_granted() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.decide(&page, "accept").await;
    let less = cloud.authorize_url(&[("scope", "https://graph.microsoft.com/Mail.Read")]);
    let code = browser.open(&less).await.answer("code");
    let tokens = cloud.redeem(&code, &[]).await.body;
    assert_eq!(tokens["scope"], "https://graph.microsoft.com/Mail.Read");
    assert_eq!(tokens.get("refresh_token"), None);
    assert_eq!(tokens.get("id_token"), None);
}

#[tokio::test]
async fn default_asks_for_what_the_application_is_configured_with_once() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let url = cloud.authorize_url(&[("scope", "https://graph.microsoft.com/.default")]);
    let page = browser.sign_in(&url, &cloud.member).await;
    let names = page.texts("#permissions li .quiet");
    assert_eq!(names, ["User.Read", "Mail.Read"]);
    let page = browser.decide(&page, "accept").await;
    let tokens = cloud.redeem(&page.answer("code"), &[]).await.body;
    assert_eq!(
        claims(&tokens["access_token"])["scp"],
        "User.Read Mail.Read"
    );
    assert!(tokens["scope"].as_str().unwrap().ends_with("/.default"));
    assert!(!browser.open(&url).await.answer("code").is_empty());
}

#[tokio::test]
async fn permissions_for_administrators_show_a_member_that_approval_is_needed() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let url = cloud.authorize_url(&[("scope", "openid User.Read.All")]);
    let page = browser.sign_in(&url, &cloud.member).await;
    assert_eq!(page.text("h1"), "Need admin approval");
    assert!(page.html.contains("AADSTS90094"));

    // Pressing a button that the page does not have changes nothing.
    let forced = browser.decide(&page, "accept").await;
    assert_eq!(forced.text("h1"), "Need admin approval");

    let page = browser.decide(&page, "return").await;
    assert_eq!(page.answer("error"), "access_denied");
    assert_eq!(page.answer("error_subcode"), "cancel");
    assert!(
        page.answer("error_description")
            .starts_with("AADSTS90094: ")
    );
}

#[tokio::test]
async fn microsofts_recommended_policy_keeps_reading_mail_for_administrators_and_leaves_sending() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .set_user_consent_policy(UserConsentPolicy::Recommended);
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.text("h1"), "Need admin approval");
    let page = browser
        .open(&cloud.authorize_url(&[("scope", "openid Mail.Send")]))
        .await;
    assert_eq!(page.text("h1"), "Permissions requested");
    cloud
        .control
        .set_user_consent_policy(UserConsentPolicy::Disabled);
    let page = browser
        .open(&cloud.authorize_url(&[("scope", "openid Mail.Send")]))
        .await;
    assert_eq!(page.text("h1"), "Need admin approval");
}

#[tokio::test]
async fn an_administrator_may_consent_for_everybody() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.admin)
        .await;
    let choices = [("decision", "accept"), ("organization", "yes")];
    browser
        .submit(&page, "consent", &choices)
        .await
        .answer("code");

    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert!(!page.answer("code").is_empty());
}

#[tokio::test]
async fn an_administrator_who_consents_for_themselves_leaves_others_to_be_asked() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.admin)
        .await;
    browser.decide(&page, "accept").await.answer("code");
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    assert_eq!(page.text("h1"), "Permissions requested");
}

#[tokio::test]
async fn a_consent_form_from_another_browser_counts_for_nothing() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.forget_cookies();
    let refused = browser.decide(&page, "accept").await;
    assert!(refused.text("#error").starts_with("AADSTS50058: "));
    assert_eq!(refused.location, None);
}

#[tokio::test]
async fn removed_consent_is_asked_for_again() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let page = browser
        .sign_in(&cloud.authorize_url(&[]), &cloud.member)
        .await;
    browser.decide(&page, "accept").await;
    cloud
        .control
        .remove_consent(&cloud.client_id, Some(&cloud.member))
        .unwrap();
    let page = browser.open(&cloud.authorize_url(&[])).await;
    assert_eq!(page.text("h1"), "Permissions requested");
}

#[tokio::test]
async fn default_needs_an_application_that_is_configured_with_something() {
    let cloud = Cloud::start().await;
    let bare = cloud.control.register_application(NewApplication {
        redirect_uris: vec![REDIRECT.to_owned()],
        ..NewApplication::default()
    });
    let bare = bare.unwrap().client_id;
    let url = cloud.authorize_url(&[("client_id", &bare), ("scope", ".default")]);
    let page = cloud.browser().open(&url).await;
    assert!(
        page.answer("error_description")
            .starts_with("AADSTS650056: ")
    );
}

#[tokio::test]
async fn an_administrator_can_take_over_from_the_page_that_asks_for_one() {
    let cloud = Cloud::start().await;
    let mut browser = cloud.browser();
    let url = cloud.authorize_url(&[("scope", "openid User.Read.All")]);
    let page = browser.sign_in(&url, &cloud.member).await;
    let link = page.attribute("main a", "href").unwrap();
    let page = browser.open(&cloud.url(&link)).await;
    let page = browser.enter(&page, &cloud.admin, "Sandbox-1").await;
    let page = browser.decide(&page, "accept").await;
    assert!(!page.answer("code").is_empty());
}
