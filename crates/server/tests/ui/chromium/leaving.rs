//! Removing a connection, with or without the consent that it stands on.

use model::Role;

use super::Tab;
use crate::site::{ANA, PASSWORD, Site};

/// Ana's connection, made in this tab.
async fn connect(site: &Site, tab: &Tab) {
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    site.enter(tab, Role::Admin).await;
    tab.open(&link).await;
    tab.press("Continue to Microsoft").await;
    tab.fill("Email", ANA).await;
    tab.fill("Password", PASSWORD).await;
    tab.press("Sign in").await;
    tab.press("Accept").await;
    tab.press("Confirm and connect").await;
    tab.reads("Connected").await;
}

#[tokio::test]
async fn what_goes_and_what_stays_is_read_before_and_a_refused_consent_removes_nothing() {
    let site = Site::start().await;
    let tab = site.tab().await;
    connect(&site, &tab).await;
    tab.open("/connections/ana/delete").await;
    tab.reads("Delete ana?").await;
    tab.reads("What goes with it").await;
    tab.reads("What stays at Microsoft").await;
    tab.sees("Whatever calls through this connection fails")
        .await;
    tab.sees("The user's consent").await;
    tab.is_clean().await;

    // The application may not take consent back.
    tab.choose("Take the consent of").await;
    tab.press("Delete the connection").await;
    tab.sees("may not take consent back").await;
    tab.sees("DelegatedPermissionGrant.ReadWrite.All").await;
    tab.sees("Nothing was removed").await;
    assert_eq!(site.connections().await.len(), 1);
    tab.is_clean().await;

    // Without the consent it goes.
    tab.choose("Take the consent of").await;
    tab.press("Delete the connection").await;
    tab.reads("Connections").await;
    assert!(site.connections().await.is_empty());
}
