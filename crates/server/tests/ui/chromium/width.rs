//! On a phone.

use model::Role;

use crate::every_page::PAGES;
use crate::site::Site;

/// The narrowest phones in use.
const PHONE: (u32, u32) = (360, 740);

/// What sticks out to the right, if anything does.
const STICKS_OUT: &str = "(() => {
  if (document.documentElement.scrollWidth <= innerWidth) return null;
  const wide = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > innerWidth + 1);
  return wide.slice(0, 5).map((one) => one.outerHTML.slice(0, 200)).join('\\n');
})()";

#[tokio::test]
async fn no_page_is_wider_than_a_phone_and_none_complains() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let tab = site.tab().await;
    tab.resize(PHONE.0, PHONE.1).await;
    site.enter(&tab, Role::Owner).await;
    let addresses = PAGES.map(|(address, _)| address);
    for address in addresses.into_iter().chain(["/settings/events"]) {
        tab.open(address).await;
        let wide = tab.evaluate(STICKS_OUT).await;
        assert!(wide.is_null(), "{address}: {wide}");
    }
    tab.is_clean().await;
}
