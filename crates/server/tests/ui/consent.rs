//! Connecting Outlook as a user, from the form to a connection that is in use.

use model::{ConnectionState, Outcome, Role};

use crate::site::{ANA, Site};

#[tokio::test]
async fn outlook_is_connected_through_the_pages_alone() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut owner = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut owner, &app, "ana").await;
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Pending)]
    );

    let mut browser = site.browser();
    let confirm = site.consent(&mut browser, &link).await;
    assert!(confirm.text(".person").contains(ANA), "{}", confirm.html);
    assert!(
        confirm
            .texts(".ticks li")
            .iter()
            .any(|line| line.contains("Mail.Send")),
        "{}",
        confirm.html
    );
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Pending)],
        "nothing is used before it is confirmed"
    );

    let done = browser.submit(&confirm, "/connect/confirm", &[]).await;
    assert_eq!(
        (done.status, done.text("h1").as_str()),
        (200, "Connected"),
        "{}",
        done.html
    );
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Active)]
    );
    for action in [
        "connection.create",
        "connection.consent",
        "connection.confirm",
    ] {
        assert!(site.logged(action, Outcome::Ok, "").await, "{action}");
    }
}

#[tokio::test]
async fn the_page_behind_the_link_says_who_asks_for_what() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    let page = site.browser().open(&link).await;
    assert_eq!(page.status, 200);
    let text = page.text("main");
    for part in [
        "Outlook",
        "The admin",
        "ana",
        "Mail.Read",
        "Sending mail",
        "Continue to Microsoft",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(page.text("footer").contains("works once, until"));
}

#[tokio::test]
async fn only_the_browser_that_leaves_gets_a_cookie_that_scripts_cannot_read() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    let mut browser = site.browser();
    browser.stops_at = Some(site.sandbox.url().to_owned());
    let left = site.leave(&mut browser, &link).await;
    assert_eq!(left.status, 303);
    let cookie = left.header("set-cookie");
    for part in [
        "consentry_attempt=",
        "HttpOnly",
        "SameSite=Lax",
        "Path=/",
        "Max-Age=600",
    ] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
    let question = left.location();
    let parameter = |name: &str| {
        question
            .query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    };
    assert_eq!(parameter("code_challenge_method").as_deref(), Some("S256"));
    assert_eq!(parameter("redirect_uri"), Some(site.url("/oauth/callback")));
    assert!(parameter("nonce").is_some() && parameter("state").is_some());
}

#[tokio::test]
async fn whoever_says_that_it_is_not_them_connects_nothing() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    let mut browser = site.browser();
    let confirm = site.consent(&mut browser, &link).await;
    let thrown_away = browser.submit(&confirm, "/connect/cancel", &[]).await;
    assert_eq!(
        (thrown_away.status, thrown_away.text("h1").as_str()),
        (200, "Nothing was connected")
    );
    assert!(browser.cookie("consentry_attempt").is_none());
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Pending)]
    );
    assert!(site.logged("connection.cancel", Outcome::Ok, "").await);
}

#[tokio::test]
async fn a_reconnect_names_the_account_and_keeps_the_connection() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    let mut browser = site.browser();
    let confirm = site.consent(&mut browser, &link).await;
    browser.submit(&confirm, "/connect/confirm", &[]).await;

    let detail = admin.open("/connections/ana").await;
    let action = detail.action_of("/reconnect");
    let again = admin.submit(&detail, &action, &[]).await;
    assert_eq!(again.status, 200, "{}", again.html);
    let link = again.attribute("main a.button", "href").unwrap();
    let welcome = site.browser().open(&link).await;
    assert!(welcome.text(".notice").contains(ANA), "{}", welcome.html);
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Active)]
    );
}
