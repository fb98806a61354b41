//! Signing in and out.

use model::{Outcome, Role};

use crate::site::Site;

#[tokio::test]
async fn a_link_signs_in_once() {
    let site = Site::start().await;
    let secret = site.link_of(site.server.owner()).await;
    let mut browser = site.browser();
    let page = browser.open("/sign-in").await;
    let home = browser
        .submit(&page, "/sign-in/link", &[("secret", &secret)])
        .await;
    assert_eq!(home.url.path(), "/integrations");
    let again = site
        .browser()
        .submit(&page, "/sign-in/link", &[("secret", &secret)])
        .await;
    assert_eq!(
        (again.status, again.text(".error-facts code").as_str()),
        (410, "sign_in_link_used"),
        "{}",
        again.html
    );
}

#[tokio::test]
async fn whoever_is_not_signed_in_comes_back_to_the_page_they_wanted() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let page = browser.open("/connections?done=policy").await;
    assert_eq!((page.status, page.url.path()), (200, "/sign-in"));
    let secret = site.link_of(site.server.owner()).await;
    let wanted = browser
        .submit(&page, "/sign-in/link", &[("secret", &secret)])
        .await;
    assert_eq!(wanted.url.path(), "/connections", "{}", wanted.html);
}

#[tokio::test]
async fn a_wrong_password_is_refused_without_saying_what_was_wrong() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let page = browser.open("/sign-in").await;
    let fields = [("email", "owner@localhost"), ("password", "not it at all")];
    let refused = browser.submit(&page, "/sign-in", &fields).await;
    assert_eq!(refused.status, 401, "{}", refused.html);
    assert!(
        refused.text("[role=alert]").contains("sign_in_refused"),
        "{}",
        refused.html
    );
    assert_eq!(
        refused.attribute("#email", "value").as_deref(),
        Some("owner@localhost")
    );
    assert!(!refused.html.contains("not it at all"));
    assert!(
        site.logged("session.refuse", Outcome::Denied, "sign_in_refused")
            .await
    );
}

#[tokio::test]
async fn a_password_is_set_and_then_signs_in_and_ends_what_is_open_elsewhere() {
    let site = Site::start().await;
    let mut member = site.signed_in(Role::Member).await;
    let mut elsewhere = site.signed_in(Role::Member).await;
    let settings = member.open("/settings").await;
    let short = member
        .submit(&settings, "/settings/password", &[("password", "short")])
        .await;
    assert_eq!(short.status, 422);
    assert!(
        short.text("#password-error").contains("12"),
        "{}",
        short.html
    );
    let set = member
        .submit(
            &short,
            "/settings/password",
            &[("password", "correct horse battery")],
        )
        .await;
    assert_eq!(set.status, 200, "{}", set.html);
    let still = member.open("/settings").await;
    assert_eq!(still.url.path(), "/settings");
    // Within a second: who was seen lately is remembered for less.
    while elsewhere.open("/settings").await.url.path() == "/settings" {}

    let mut browser = site.browser();
    let page = browser.open("/sign-in").await;
    let fields = [
        ("email", "member@contoso.com"),
        ("password", "correct horse battery"),
    ];
    let home = browser.submit(&page, "/sign-in", &fields).await;
    assert_eq!(home.url.path(), "/integrations", "{}", home.html);
}

#[tokio::test]
async fn signing_out_ends_the_session() {
    let site = Site::start().await;
    let mut member = site.signed_in(Role::Member).await;
    let page = member.open("/integrations").await;
    let out = member.submit(&page, "/sign-out", &[]).await;
    assert_eq!(out.url.path(), "/sign-in");
    let after = member.open("/integrations").await;
    assert_eq!(after.url.path(), "/sign-in");
    assert!(site.logged("session.close", Outcome::Ok, "").await);
}

#[tokio::test]
async fn a_form_without_the_sessions_token_is_refused() {
    let site = Site::start().await;
    let mut owner = site.signed_in(Role::Owner).await;
    for address in ["/sign-out", "/settings/keys", "/settings/password", FORM] {
        let page = owner
            .post(address, &[("csrf".to_owned(), "guess".to_owned())], &[])
            .await;
        assert_eq!(
            (page.status, page.text(".error-facts code").as_str()),
            (403, "csrf_refused"),
            "{address} {}",
            page.html
        );
    }
    assert_eq!(
        owner.open("/integrations").await.url.path(),
        "/integrations",
        "still signed in"
    );
}

const FORM: &str = "/integrations/outlook/connect/oauth";
