//! Setting up without the portal: the plan, the administrator's sign-in in another window, and what came of it.

use model::{ConnectionState, Role};

use super::Tab;
use crate::site::{ANA, PASSWORD, Site};

const ADMIN: &str = "admin@contoso.com";

/// Goes to the plan for Outlook.
async fn at_the_plan(site: &Site, users: bool) -> Tab {
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.press("Set up without the portal").await;
    tab.fill("Name", "contoso").await;
    tab.choose("Outlook").await;
    if users {
        tab.choose("For users, each with an account of their own")
            .await;
        tab.choose("Consent for every user").await;
    }
    tab.press("Show the plan").await;
    tab.reads("What will be done").await;
    tab.sees("Mail.Send").await;
    tab
}

/// Enters the code that the page shows, as the administrator, in a window of their own.
async fn sign_in(site: &Site, tab: &Tab) {
    tab.reads("Sign in at Microsoft").await;
    let read =
        |what: &str| format!("document.querySelector('section[aria-labelledby=sign-in] {what}");
    let code = tab.evaluate(&read(".copy code').textContent")).await;
    let page = tab.evaluate(&read("a').href")).await;
    let other = site.tab().await;
    other.open(page.as_str().unwrap()).await;
    other.fill("Code", code.as_str().unwrap()).await;
    other.press("Next").await;
    other.fill("Email", ADMIN).await;
    other.fill("Password", PASSWORD).await;
    other.press("Sign in").await;
    other.reads("You have signed in").await;
}

#[tokio::test]
async fn an_application_is_set_up_by_one_sign_in_while_its_page_is_open() {
    let site = Site::start().await;
    let tab = at_the_plan(&site, false).await;
    assert_eq!(site.registrations().await, 0, "a plan does nothing");
    tab.press("Sign in and do this").await;
    sign_in(&site, &tab).await;
    tab.sees("Done").await;
    tab.sees("Active").await;
    assert_eq!(
        site.connections().await,
        [("contoso".to_owned(), ConnectionState::Active)]
    );
    tab.press("contoso").await;
    tab.sees("Service principal").await;
    tab.is_clean().await;
}

#[tokio::test]
async fn an_application_without_any_secret_is_set_up_by_one_sign_in() {
    let site = Site::start().await;
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.press("Set up without the portal").await;
    tab.fill("Name", "contoso").await;
    tab.choose("Outlook").await;
    tab.choose("No secret at all").await;
    tab.press("Show the plan").await;
    tab.sees("federated").await;
    tab.press("Sign in and do this").await;
    sign_in(&site, &tab).await;
    tab.sees("Done").await;
    tab.press("contoso").await;
    tab.sees("Federated credential").await;
    assert!(!tab.text().await.contains("Client secret"));
    tab.press("Test").await;
    tab.sees("Passed").await;
    tab.is_clean().await;
}

#[tokio::test]
async fn the_form_of_a_user_leads_to_the_set_up_for_users() {
    let site = Site::start().await;
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.press("Outlook").await;
    tab.press("Connect as a user").await;
    tab.press("without the portal").await;
    tab.reads("Set up without the portal").await;
    let chosen = "[...document.querySelectorAll('input:checked')].map((one) => one.value)";
    let chosen = tab.evaluate(chosen).await;
    assert_eq!(chosen, serde_json::json!(["outlook", "oauth", "secret"]));
    tab.is_clean().await;
}

#[tokio::test]
async fn users_get_a_link_which_goes_once_it_was_used_and_what_was_stopped_is_begun_again() {
    let site = Site::start().await;
    let tab = at_the_plan(&site, true).await;
    tab.press("Sign in and do this").await;
    tab.reads("Sign in at Microsoft").await;
    tab.press("Stop here").await;
    tab.reads("Set up without the portal").await;

    let tab = at_the_plan(&site, true).await;
    tab.press("Sign in and do this").await;
    sign_in(&site, &tab).await;
    tab.sees("Done").await;
    tab.press("Connect it here").await;
    tab.press("Continue to Microsoft").await;
    tab.fill("Email", ANA).await;
    tab.fill("Password", PASSWORD).await;
    tab.press("Sign in").await;
    tab.reads("Is this you?").await;
    tab.press("Confirm and connect").await;
    tab.reads("Connected").await;
    assert_eq!(
        site.connections().await,
        [("contoso".to_owned(), ConnectionState::Active)]
    );
    tab.open("/set-up").await;
    tab.press("contoso").await;
    tab.reads("Set up contoso").await;
    tab.sees("Active").await;
    let said = tab.text().await;
    assert!(
        !said.contains("Connect it here"),
        "the link was used: {said}"
    );
    tab.is_clean().await;
}
