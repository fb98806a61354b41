//! Connecting as a user: Microsoft's sign-in and consent in between.

use model::{ConnectionState, Role};

use super::Tab;
use crate::site::{ANA, PASSWORD, Site};
use crate::support::Registered;

/// Fills in the form for a connection `ana` and follows its link to Microsoft.
async fn leave(site: &Site, tab: &Tab, app: &Registered) {
    site.enter(tab, Role::Admin).await;
    tab.press("Outlook").await;
    tab.press("Connect as a user").await;
    tab.fill("Name of the connection", "ana").await;
    tab.choose("Mail.Send").await;
    tab.fill("Name of the registration", "Contoso").await;
    tab.fill("Directory (tenant) ID", &app.tenant_id).await;
    tab.fill("Application (client) ID", &app.client_id).await;
    tab.fill("Client secret", &app.secret).await;
    tab.press("Make the connect link").await;
    tab.reads("The connect link is ready").await;
    tab.press("Continue").await;
    tab.sees("asks you to connect your account").await;
    tab.press("Continue to Microsoft").await;
    tab.fill("Email", ANA).await;
    tab.fill("Password", PASSWORD).await;
    tab.press("Sign in").await;
}

#[tokio::test]
async fn outlook_is_connected_by_clicking_and_typing() {
    let site = Site::start().await;
    let app = site.unconsented();
    let tab = site.tab().await;
    leave(&site, &tab, &app).await;
    tab.press("Accept").await;
    tab.reads("Is this you?").await;
    tab.sees(ANA).await;
    tab.press("Confirm and connect").await;
    tab.reads("Connected").await;
    tab.press("Open the connection").await;
    tab.reads("ana").await;
    tab.sees("Active").await;
    tab.sees("Mail.Read").await;
    let said = tab.text().await;
    assert!(!said.contains("Mail.Send Granted"), "not chosen: {said}");
    assert_eq!(
        site.connections().await,
        [("ana".to_owned(), ConnectionState::Active)]
    );
    tab.is_clean().await;
}

#[tokio::test]
async fn consent_that_is_refused_is_explained_and_can_be_asked_for_again() {
    let site = Site::start().await;
    let app = site.unconsented();
    let tab = site.tab().await;
    leave(&site, &tab, &app).await;
    tab.press("Cancel").await;
    tab.sees("AADSTS65004").await;
    tab.sees("Who has to act").await;
    tab.sees("What to do").await;
    tab.is_clean().await;
    tab.open("/connections/ana").await;
    tab.sees("Waiting for consent").await;
    tab.press("New connect link").await;
    tab.press("Continue").await;
    tab.press("Continue to Microsoft").await;
    tab.press("Accept").await;
    tab.press("Confirm and connect").await;
    tab.reads("Connected").await;
    tab.is_clean().await;
}
