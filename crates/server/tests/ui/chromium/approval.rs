//! What only an administrator of Microsoft's tenant may grant, and what is asked for later.

use model::{ConnectionState, Role};
use sandbox::UserConsentPolicy;

use super::Tab;
use crate::site::{ANA, PASSWORD, Site};

const ADMINISTRATOR: &str = "admin@contoso.com";

async fn sign_in_at_microsoft(tab: &Tab, person: &str) {
    tab.fill("Email", person).await;
    tab.fill("Password", PASSWORD).await;
    tab.press("Sign in").await;
}

/// Ana's connect link followed to Microsoft.
async fn leave(site: &Site, tab: &Tab) {
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    tab.open(&link).await;
    tab.press("Continue to Microsoft").await;
    sign_in_at_microsoft(tab, ANA).await;
}

#[tokio::test]
async fn a_user_who_may_not_consent_hands_a_link_over_and_goes_on() {
    let site = Site::start().await;
    let control = site.sandbox.control();
    control.set_user_consent_policy(UserConsentPolicy::Disabled);
    let ana = site.tab().await;
    leave(&site, &ana).await;
    ana.press("Return to the application without granting consent")
        .await;
    ana.reads("An administrator has to approve").await;
    ana.sees("AADSTS90094").await;
    let link = ana
        .evaluate("document.querySelector('.copy code').textContent")
        .await;
    let link = link.as_str().unwrap();
    assert!(link.contains("/v2.0/adminconsent?"), "{link}");

    let here = site.tab().await;
    site.enter(&here, Role::Admin).await;
    here.press("Connections").await;
    here.reads("Waiting for an administrator of the Microsoft tenant")
        .await;
    here.is_clean().await;

    let administrator = site.tab().await;
    administrator.open(link).await;
    sign_in_at_microsoft(&administrator, ADMINISTRATOR).await;
    administrator.press("Cancel").await;
    administrator.reads("Nothing was approved").await;
    ana.press("Look again").await;
    ana.sees("The administrator did not consent").await;
    administrator.open(link).await;
    administrator.press("Accept").await;
    administrator.reads("Approved").await;
    administrator.is_clean().await;

    ana.press("Look again").await;
    ana.reads("An administrator approved").await;
    ana.press("Go on").await;
    ana.press("Continue to Microsoft").await;
    ana.reads("Is this you?").await;
    ana.press("Confirm and connect").await;
    ana.reads("Connected").await;
    ana.is_clean().await;
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Active)]
    );
}

#[tokio::test]
async fn a_connection_asks_for_more_and_stays_the_same() {
    let site = Site::start().await;
    let tab = site.tab().await;
    leave(&site, &tab).await;
    tab.press("Accept").await;
    tab.press("Confirm and connect").await;
    tab.reads("Connected").await;
    site.enter(&tab, Role::Admin).await;
    tab.open("/connections/ana").await;
    let before = tab.text().await;
    assert!(!before.contains("Calendars.ReadWrite"), "{before}");
    tab.press("Add permissions").await;
    tab.press("Make the connect link").await;
    tab.sees("Name one that the connection does not ask for yet")
        .await;
    tab.choose("Calendars.ReadWrite").await;
    tab.press("Make the connect link").await;
    tab.press("Continue").await;
    tab.press("Continue to Microsoft").await;
    tab.press("Accept").await;
    tab.reads("Is this you?").await;
    tab.press("Confirm and connect").await;
    tab.press("Open the connection").await;
    tab.sees("Calendars.ReadWrite Granted").await;
    tab.sees("Mail.Read Granted").await;
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Active)]
    );
    tab.is_clean().await;
}

#[tokio::test]
async fn an_application_without_consent_hands_the_link_over_too() {
    let site = Site::start().await;
    let app = site.unconsented();
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.open("/integrations/outlook/connect/service-principal")
        .await;
    tab.fill("Name of the connection", "everyone").await;
    tab.fill("Directory (tenant) ID", &app.tenant_id).await;
    tab.fill("Application (client) ID", &app.client_id).await;
    tab.fill("Client secret", &app.secret).await;
    tab.press("Connect and test").await;
    tab.sees("not all permissions are granted").await;
    tab.press("Ask an administrator").await;
    tab.sees("hand it over").await;
    let link = tab
        .evaluate("document.querySelector('[aria-labelledby=approval] .copy code').textContent")
        .await;
    let administrator = site.tab().await;
    administrator.open(link.as_str().unwrap()).await;
    sign_in_at_microsoft(&administrator, ADMINISTRATOR).await;
    administrator.press("Accept").await;
    administrator.reads("Approved").await;
    tab.press("Test").await;
    tab.sees("Passed").await;
    tab.is_clean().await;
}
