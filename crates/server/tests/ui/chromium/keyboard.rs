//! Without a mouse.

use model::{ConnectionState, Role};

use super::Tab;
use crate::site::Site;

/// More than any page has places to stop at.
const STOPS: usize = 120;

/// Goes on with the Tab key until the focus is on what has this id, or says this.
async fn reach(tab: &Tab, wanted: &str) {
    for _ in 0..STOPS {
        let focused = tab
            .evaluate(
                "[document.activeElement.id, (document.activeElement.innerText ?? '').trim()]",
            )
            .await;
        if focused[0] == wanted || focused[1] == wanted {
            let is_visible = tab
                .evaluate("document.activeElement.matches(':focus-visible')")
                .await;
            assert_eq!(is_visible, true, "where the focus is on `{wanted}` shows");
            return;
        }
        tab.tab_key().await;
    }
    panic!(
        "the Tab key never comes to `{wanted}` on {}",
        tab.path().await
    );
}

#[tokio::test]
async fn an_application_is_connected_by_keyboard_alone() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let tab = site.tab().await;
    site.enter(&tab, Role::Admin).await;
    reach(&tab, "Outlook").await;
    tab.enter_key().await;
    tab.reads("Which one?").await;
    reach(&tab, "Connect as an application").await;
    tab.enter_key().await;
    tab.reads("Connect Outlook as an application").await;
    for (field, text) in [
        ("name", "everyone"),
        ("tenant_id", &app.tenant_id),
        ("client_id", &app.client_id),
        ("client_secret", &app.secret),
    ] {
        reach(&tab, field).await;
        tab.type_text(text).await;
    }
    reach(&tab, "Connect and test").await;
    tab.tab_key_back().await;
    reach(&tab, "Connect and test").await;
    tab.space_key().await;
    tab.sees("Connected, and tested").await;
    assert_eq!(
        site.connections().await,
        [("everyone".to_owned(), ConnectionState::Active)]
    );
    tab.is_clean().await;
}
