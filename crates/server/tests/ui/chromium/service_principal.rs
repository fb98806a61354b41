//! Connecting as an application, with each proof; a proof that ends, and the one that follows it.

use std::time::Duration;

use jiff::SignedDuration;
use model::{ConnectionState, Role};

use super::Tab;
use crate::site::Site;
use crate::support::Registered;

const FORM: &str = "/integrations/outlook/connect/service-principal";

async fn fill_in(tab: &Tab, app: &Registered) {
    tab.fill("Name of the connection", "everyone").await;
    tab.fill("Directory (tenant) ID", &app.tenant_id).await;
    tab.fill("Application (client) ID", &app.client_id).await;
}

#[tokio::test]
async fn a_client_secret_connects_and_is_tested_at_once() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.press("Outlook").await;
    tab.press("Connect as an application").await;
    fill_in(&tab, &app).await;
    tab.fill("Client secret", "Abc8Q~not-the-secret").await;
    tab.press("Connect and test").await;
    tab.sees("AADSTS7000215").await;
    tab.sees("Nothing was stored").await;
    let kept = tab
        .evaluate("document.getElementById('client_id').value")
        .await;
    assert_eq!(kept, app.client_id, "what was typed is kept");
    let secret = tab
        .evaluate("document.getElementById('client_secret').value")
        .await;
    assert_eq!(secret, "", "secrets are not");
    tab.fill("Client secret", &app.secret).await;
    tab.press("Connect and test").await;
    tab.sees("Connected, and tested").await;
    assert_eq!(
        site.connections().await,
        [("everyone".to_owned(), ConnectionState::Active)]
    );
    tab.is_clean().await;
}

#[tokio::test]
async fn a_secret_that_expired_is_diagnosed_then_rotated_on_the_page() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.open(FORM).await;
    fill_in(&tab, &app).await;
    tab.fill("Client secret", &app.secret).await;
    tab.press("Connect and test").await;
    tab.sees("Connected, and tested").await;

    site.sandbox.control().advance(Duration::from_hours(48));
    site.advance(SignedDuration::from_hours(48));
    site.enter(&tab, Role::Admin).await;
    tab.press("Connections").await;
    tab.press("everyone").await;
    tab.press("Test").await;
    tab.sees("AADSTS7000222").await;
    tab.sees("an administrator of the Microsoft tenant").await;
    tab.sees("Needs administrator").await;
    assert_eq!(
        site.connections().await,
        [("everyone".to_owned(), ConnectionState::NeedsAdmin)]
    );

    tab.press("Rotate").await;
    tab.fill("Client secret", "Abc8Q~not-the-secret").await;
    tab.press("Try and replace").await;
    tab.sees("Nothing was changed").await;
    let fresh = site.fresh_secret(&app);
    tab.fill("Client secret", &fresh).await;
    tab.press("Try and replace").await;
    tab.sees("The new proof works and is in use").await;
    tab.press("Test").await;
    tab.sees("Passed").await;
    assert_eq!(
        site.connections().await,
        [("everyone".to_owned(), ConnectionState::Active)]
    );
    assert!(!tab.text().await.contains(&fresh));
    tab.is_clean().await;
}
