//! Every bad way through consent: a page with the right status, a stable code and the next step; a line in the log; and
//! nothing else changed.

use jiff::SignedDuration;
use model::{ConnectionState, Outcome, Role};

use crate::browser::{Browser, Page};
use crate::site::{PASSWORD, Site};

/// A site, a pending connection `ana`, and its link.
struct Start {
    site: Site,
    link: String,
    browser: Browser,
}

impl Start {
    async fn new() -> Self {
        let site = Site::start().await;
        let app = site.unconsented();
        Self::with(site, &app).await
    }

    async fn with(site: Site, app: &crate::support::Registered) -> Self {
        let mut admin = site.signed_in(Role::Admin).await;
        let link = site.connect_link(&mut admin, app, "ana").await;
        let browser = site.browser();
        Self {
            site,
            link,
            browser,
        }
    }

    /// The callback's address that Microsoft sends the browser to, not followed yet.
    async fn answer(&mut self) -> String {
        let page = self.site.leave(&mut self.browser, &self.link).await;
        let page = self
            .site
            .sign_in_at_microsoft(&mut self.browser, &page, crate::site::ANA)
            .await;
        self.browser.stops_at = Some(self.site.url("/oauth/callback"));
        let page = self.site.decide(&mut self.browser, &page, "accept").await;
        self.browser.stops_at = None;
        page.location().to_string()
    }

    async fn nothing_is_connected(&self) {
        assert_eq!(
            self.site.connections().await,
            [("ana".to_owned(), ConnectionState::Pending)]
        );
    }
}

/// That the page tells status, code, and what to do.
fn explains(page: &Page, status: u16, code: &str) {
    assert_eq!(page.status, status, "{}", page.html);
    assert!(page.header("content-type").starts_with("text/html"));
    assert_eq!(page.text(".error-facts code"), code, "{}", page.html);
    assert!(page.text("main").contains("What to do"), "{}", page.html);
    assert!(!page.header("x-request-id").is_empty());
    assert!(page.html.contains(page.header("x-request-id")));
}

#[tokio::test]
async fn consent_refused_by_the_user_is_explained() {
    let mut start = Start::new().await;
    let page = start.site.leave(&mut start.browser, &start.link).await;
    let page = start
        .site
        .sign_in_at_microsoft(&mut start.browser, &page, crate::site::ANA)
        .await;
    let page = start.site.decide(&mut start.browser, &page, "cancel").await;
    explains(&page, 403, "consent_refused");
    assert!(
        page.text(".diagnosis").contains("Who has to act"),
        "{}",
        page.html
    );
    assert!(
        start
            .site
            .logged("connection.consent", Outcome::Failed, "AADSTS65004")
            .await
    );
    start.nothing_is_connected().await;
}

#[tokio::test]
async fn a_redirect_that_does_not_match_ends_at_microsoft() {
    let site = Site::start().await;
    let app = site.application_at("https://consentry.example/oauth/callback");
    let mut start = Start::with(site, &app).await;
    let page = start.site.leave(&mut start.browser, &start.link).await;
    assert!(page.html.contains("AADSTS50011"), "{}", page.html);
    assert!(
        page.url.as_str().starts_with(start.site.sandbox.url()),
        "Microsoft sends nobody to an address it does not know"
    );
    start.nothing_is_connected().await;
}

#[tokio::test]
async fn a_replayed_code_is_refused() {
    let mut start = Start::new().await;
    let answer = start.answer().await;
    let first = start.browser.open(&answer).await;
    assert_eq!((first.status, first.url.path()), (200, "/connect/confirm"));
    let again = start.browser.open(&answer).await;
    explains(&again, 410, "attempt_used");
    assert!(
        start
            .site
            .logged("connection.consent", Outcome::Failed, "attempt_used")
            .await
    );
    start.nothing_is_connected().await;
    let confirm = start.browser.open("/connect/confirm").await;
    let done = start
        .browser
        .submit(&confirm, "/connect/confirm", &[])
        .await;
    assert_eq!(done.status, 200, "the first answer is still good");
}

#[tokio::test]
async fn a_tampered_state_is_refused() {
    let mut start = Start::new().await;
    let answer = start.answer().await;
    let mut tampered: url::Url = answer.parse().unwrap();
    let pairs: Vec<(String, String)> = tampered
        .query_pairs()
        .map(|(name, value)| {
            let value = if name == "state" {
                value.chars().rev().collect()
            } else {
                value.into_owned()
            };
            (name.into_owned(), value)
        })
        .collect();
    tampered.query_pairs_mut().clear().extend_pairs(pairs);
    let page = start.browser.open(tampered.as_str()).await;
    explains(&page, 400, "state_mismatch");
    assert!(
        start
            .site
            .logged("connection.consent", Outcome::Denied, "state_mismatch")
            .await
    );
    start.nothing_is_connected().await;
}

#[tokio::test]
async fn an_answer_in_another_browser_is_refused() {
    let mut start = Start::new().await;
    let answer = start.answer().await;
    let page = start.site.browser().open(&answer).await;
    explains(&page, 403, "wrong_browser");
    assert!(
        start
            .site
            .logged("connection.consent", Outcome::Failed, "wrong_browser")
            .await
    );
    start.nothing_is_connected().await;
    let own = start.browser.open(&answer).await;
    assert_eq!(
        own.url.path(),
        "/connect/confirm",
        "the browser that left can still go on"
    );
}

#[tokio::test]
async fn an_expired_link_is_refused() {
    let mut start = Start::new().await;
    start.site.advance(SignedDuration::from_mins(11));
    let page = start.browser.open(&start.link).await;
    explains(&page, 410, "attempt_expired");
    assert!(
        start
            .site
            .logged("connection.consent", Outcome::Denied, "attempt_expired")
            .await
    );
    start.nothing_is_connected().await;
}

#[tokio::test]
async fn an_unknown_link_is_refused() {
    let site = Site::start().await;
    let page = site.browser().open("/connect/0000").await;
    explains(&page, 404, "attempt_unknown");
    let program = site
        .browser()
        .open_with("/connect/0000", &[("accept", "application/json")])
        .await;
    assert_eq!(
        (program.status, program.header("content-type")),
        (404, "application/problem+json")
    );
    assert!(
        program.html.contains(r#""code":"attempt_unknown""#),
        "{}",
        program.html
    );
}

#[tokio::test]
async fn another_account_cannot_take_over_a_connection() {
    let mut start = Start::new().await;
    let confirm = start.site.consent(&mut start.browser, &start.link).await;
    start
        .browser
        .submit(&confirm, "/connect/confirm", &[])
        .await;
    let mut admin = start.site.signed_in(Role::Admin).await;
    let detail = admin.open("/connections/ana").await;
    let action = detail.action_of("/reconnect");
    let again = admin.submit(&detail, &action, &[]).await;
    let link = again.attribute("main a.button", "href").unwrap();

    let mut other = start.site.browser();
    let page = start.site.leave(&mut other, &link).await;
    let page = start
        .site
        .sign_in_at_microsoft(&mut other, &page, "ben.okafor@contoso.com")
        .await;
    let page = start.site.decide(&mut other, &page, "accept").await;
    explains(&page, 409, "account_mismatch");
    assert!(
        start
            .site
            .logged("connection.consent", Outcome::Failed, "account_mismatch")
            .await
    );
    assert_eq!(
        start.site.connections().await,
        [("ana".to_owned(), ConnectionState::Active)]
    );
}

#[tokio::test]
async fn a_page_of_another_site_cannot_start_or_confirm() {
    let mut start = Start::new().await;
    let foreign = [
        ("sec-fetch-site", "cross-site"),
        ("origin", "https://evil.example"),
    ];
    let page = start
        .browser
        .post(&format!("{}/start", start.link), &[], &foreign)
        .await;
    assert_eq!(page.status, 403, "{}", page.html);
    assert_eq!(page.text(".error-facts code"), "foreign_origin");

    start.site.consent(&mut start.browser, &start.link).await;
    let page = start.browser.post("/connect/confirm", &[], &foreign).await;
    assert_eq!(page.status, 403);
    let page = start
        .browser
        .post(
            "/connect/confirm",
            &[("token".to_owned(), "guess".to_owned())],
            &[],
        )
        .await;
    assert_eq!(
        (page.status, page.text(".error-facts code").as_str()),
        (403, "csrf_refused"),
        "{}",
        page.html
    );
    start.nothing_is_connected().await;
}

#[tokio::test]
async fn no_password_or_code_is_on_any_page_of_ours() {
    let mut start = Start::new().await;
    let answer = start.answer().await;
    let code = url::Url::parse(&answer)
        .unwrap()
        .query_pairs()
        .find(|(name, _)| name == "code")
        .unwrap()
        .1
        .into_owned();
    let page = start.browser.open(&answer).await;
    assert!(!page.html.contains(&code) && !page.html.contains(PASSWORD));
    assert!(
        page.url.query().is_none(),
        "the code leaves the address bar at once"
    );
}
