//! Setting up without the portal, in a browser without scripts: the buttons do it.

use jiff::SignedDuration;
use model::Role;

use crate::browser::{Browser, Page};
use crate::site::Site;

const FORM: &str = "/set-up";
const ADMIN: &str = "admin@contoso.com";
/// More than any attempt takes.
const ROUNDS: usize = 40;

fn fields(service: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("name", "contoso"),
        ("service", service),
        ("cloud", "sandbox"),
    ]
}

async fn planned(browser: &mut Browser, service: &'static str) -> Page {
    let page = browser.open(FORM).await;
    browser.submit(&page, FORM, &fields(service)).await
}

/// Enters the code of the page as the administrator.
async fn sign_in(site: &Site, page: &Page) {
    let code = page.text("section[aria-labelledby=sign-in] .copy code");
    let address = page
        .attribute("section[aria-labelledby=sign-in] a", "href")
        .unwrap();
    let mut browser = site.browser();
    let page = browser.open(&address).await;
    let page = browser
        .submit(&page, "/devicelogin", &[("otc", &code)])
        .await;
    let action = page.attribute("form#sign-in", "action").unwrap();
    let given = [("login", ADMIN), ("passwd", "Sandbox-1")];
    let page = browser.submit(&page, &action, &given).await;
    assert_eq!(page.count("#approved"), 1, "{}", page.html);
}

#[tokio::test]
async fn buttons_alone_lead_from_the_plan_to_a_connection() {
    let site = Site::start().await;
    let mut browser = site.signed_in(Role::Admin).await;
    let plan = planned(&mut browser, "outlook").await;
    assert_eq!(plan.text("h1"), "What will be done");
    assert!(plan.texts(".steps li li").contains(&"Mail.Send".to_owned()));
    let mut page = browser.submit(&plan, "/set-up/begin", &[]).await;
    assert_eq!(page.text(".head .badge"), "Waiting for the sign-in");
    sign_in(&site, &page).await;
    let next = format!("{}/next", page.url.path());
    for _ in 0..ROUNDS {
        if page.text(".head .badge") == "Done" {
            break;
        }
        let wait = page.attribute("form[data-after]", "data-after").unwrap();
        let wait = SignedDuration::from_secs(wait.parse().unwrap());
        site.advance(wait);
        page = browser.submit(&page, &next, &[]).await;
    }
    assert_eq!(page.text(".head .badge"), "Done", "{}", page.html);
    assert_eq!(page.texts(".steps .badge").len(), 7, "{}", page.html);
    assert!(!page.texts(".steps .badge").contains(&"To do".to_owned()));
    assert_eq!(page.count("form[data-after]"), 0);
    assert_eq!(site.connections().await.len(), 1);
    let listed = browser.open(FORM).await;
    assert_eq!(listed.text("section[aria-labelledby=known] .badge"), "Done");
}

#[tokio::test]
async fn what_does_not_fit_is_said_at_its_field_and_kept() {
    let site = Site::start().await;
    let mut browser = site.signed_in(Role::Admin).await;
    let page = planned(&mut browser, "crm").await;
    assert_eq!(page.status, 422, "{}", page.html);
    assert_eq!(page.count("#environment_url-error"), 1, "{}", page.html);
    assert_eq!(page.attribute("#name", "value").as_deref(), Some("contoso"));
    let page = browser.open(FORM).await;
    let nothing = [("name", "contoso"), ("cloud", "sandbox")];
    let page = browser.submit(&page, FORM, &nothing).await;
    assert_eq!(page.count("#services-error"), 1, "{}", page.html);
    let mut member = site.signed_in(Role::Builder).await;
    assert_eq!(member.open(FORM).await.status, 403);
    assert!(!member.open("/integrations").await.html.contains("/set-up"));
}

#[tokio::test]
async fn one_that_lapsed_is_signed_in_to_again_and_one_of_somebody_else_is_not_known() {
    let site = Site::start().await;
    let mut browser = site.signed_in(Role::Admin).await;
    let plan = planned(&mut browser, "outlook").await;
    let page = browser.submit(&plan, "/set-up/begin", &[]).await;
    let address = page.url.path().to_owned();
    site.advance(SignedDuration::from_mins(16));
    let late = browser.submit(&page, &format!("{address}/next"), &[]).await;
    assert!(
        late.text(".notice.bad").contains("new code"),
        "{}",
        late.html
    );
    let again = browser
        .submit(&late, &format!("{address}/sign-in"), &[])
        .await;
    assert_eq!(again.text(".head .badge"), "Waiting for the sign-in");
    let mut other = site.signed_in(Role::Owner).await;
    assert_eq!(other.open(&address).await.status, 404);
}
