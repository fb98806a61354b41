//! Events, and who is told.

use model::Role;

use crate::site::Site;

#[tokio::test]
async fn a_webhook_is_added_and_its_secret_shown_once() {
    let site = Site::start().await;
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    tab.press("Settings").await;
    tab.press("latest events and webhooks").await;
    tab.fill("Address", "http://example.com/hook").await;
    tab.choose("connection.needs_admin").await;
    tab.press("Add the webhook").await;
    tab.sees("https").await;
    let kept = tab.evaluate("document.getElementById('url').value").await;
    assert_eq!(kept, "http://example.com/hook");
    tab.fill("Address", "https://example.com/hook").await;
    tab.press("Add the webhook").await;
    tab.sees("it is shown only this time").await;
    assert!(tab.text().await.contains("whsec_"));
    tab.open("/settings/events").await;
    let later = tab.text().await;
    assert!(!later.contains("whsec_") && later.contains("https://example.com/hook"));
    tab.sees("connection.needs_admin").await;
    tab.press("Remove the webhook").await;
    tab.sees("No more events are sent there").await;
    tab.is_clean().await;
}

#[tokio::test]
async fn what_happened_is_listed_newest_first() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let tab = site.tab().await;
    site.enter(&tab, Role::Auditor).await;
    tab.open("/settings/events").await;
    tab.sees("connection.created").await;
    tab.press("everyone").await;
    tab.reads("everyone").await;
    tab.is_clean().await;
}
