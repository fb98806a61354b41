//! What holds for every page: who may open it, what a browser may do with it, and that it can be used without a mouse, a
//! script or good eyes.

use model::Role;

use crate::browser::Page;
use crate::site::Site;

/// Address, and the least role that opens it; an auditor is the least.
pub(crate) const PAGES: [(&str, Role); 14] = [
    ("/integrations", Role::Auditor),
    ("/integrations/outlook", Role::Auditor),
    ("/integrations/crm", Role::Auditor),
    ("/integrations/outlook/connect/oauth", Role::Member),
    (
        "/integrations/outlook/connect/service-principal",
        Role::Admin,
    ),
    (
        "/integrations/businesscentral/connect/service-principal",
        Role::Admin,
    ),
    ("/connections", Role::Auditor),
    ("/connections/everyone", Role::Auditor),
    ("/connections/everyone/rotate", Role::Admin),
    ("/connections/everyone/permissions", Role::Auditor),
    ("/activity", Role::Auditor),
    (
        "/activity?action=connection.&since=2020-01-31",
        Role::Auditor,
    ),
    ("/settings", Role::Auditor),
    ("/set-up", Role::Admin),
];

/// Style, script and handlers are in files; headings, labels and landmarks are in place.
fn is_well_made(page: &Page) {
    let address = &page.url;
    assert_eq!(
        page.count("style, [style], script:not([src])"),
        0,
        "{address}: inline style or script"
    );
    let handlers = page.html.contains(" onclick=")
        || page.html.contains(" onsubmit=")
        || page.html.contains("javascript:");
    assert!(!handlers, "{address}: a handler in an attribute");
    let policy = page.header("content-security-policy");
    assert!(
        policy.contains("default-src 'none'") && policy.contains("script-src 'self'"),
        "{address}: {policy}"
    );
    assert!(!policy.contains("unsafe"), "{address}: {policy}");
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-store"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(page.header(name), value, "{address}: {name}");
    }
    assert_eq!(
        page.attribute("html", "lang").as_deref(),
        Some("en"),
        "{address}"
    );
    assert!(page.text("title").ends_with("· Consentry"), "{address}");
    assert_eq!(page.count("h1"), 1, "{address}: one heading of the page");
    assert_eq!(page.count("main#content"), 1, "{address}");
    assert_eq!(
        page.attribute("a.skip", "href").as_deref(),
        Some("#content"),
        "{address}"
    );
    assert!(
        page.attribute("meta[name=viewport]", "content").is_some(),
        "{address}"
    );
    has_labels(page);
    has_distinct_ids(page);
}

fn has_labels(page: &Page) {
    let labelled: Vec<String> = page.attributes("label", "for");
    let fields =
        "input:not([type=hidden]):not([type=checkbox]):not([type=radio]):not([aria-label]), select";
    for id in page.attributes(fields, "id") {
        assert!(labelled.contains(&id), "{}: no label for `{id}`", page.url);
    }
    assert_eq!(
        page.count(fields),
        page.attributes(fields, "id").len(),
        "{}: a field without an id",
        page.url
    );
    let choices = "input[type=checkbox], input[type=radio]";
    assert_eq!(
        page.count(choices),
        page.count("label > input[type=checkbox], label > input[type=radio]"),
        "{}",
        page.url
    );
}

fn has_distinct_ids(page: &Page) {
    let mut ids = page.attributes("[id]", "id");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count, "{}: an id occurs twice", page.url);
}

#[tokio::test]
async fn every_page_opens_for_the_right_role_and_for_no_other() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    for role in Role::ALL {
        let mut browser = site.signed_in(role).await;
        for (address, needed) in PAGES {
            // Who builds nothing does not see the application's connection.
            let is_hidden = role == Role::Member && address.starts_with("/connections/everyone");
            let page = browser.open(address).await;
            is_well_made(&page);
            let code = page.text(".error-facts code");
            match (is_hidden, role >= needed) {
                (true, _) => assert!(
                    [403, 404].contains(&page.status),
                    "{role} {address}: {}",
                    page.status
                ),
                (false, true) => assert_eq!(
                    (page.status, code.as_str()),
                    (200, ""),
                    "{role} {address}: {}",
                    page.html
                ),
                (false, false) => assert_eq!(
                    (page.status, code.as_str()),
                    (403, "role_required"),
                    "{role} {address}"
                ),
            }
        }
    }
}

#[tokio::test]
async fn nobody_sees_a_page_of_the_console_without_signing_in() {
    let site = Site::start().await;
    for (address, _) in PAGES {
        let page = site.browser().open(address).await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/sign-in"),
            "{address}"
        );
        is_well_made(&page);
        let program = site
            .browser()
            .open_with(address, &[("accept", "application/json")])
            .await;
        assert_eq!(
            (program.status, program.header("content-type")),
            (401, "application/problem+json"),
            "{address}"
        );
    }
}

#[tokio::test]
async fn public_pages_are_as_well_made() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    let link = site.connect_link(&mut admin, &app, "ana").await;
    let mut browser = site.browser();
    let welcome = browser.open(&link).await;
    is_well_made(&welcome);
    assert!(
        !welcome
            .header("content-security-policy")
            .contains("form-action"),
        "its form leads to Microsoft"
    );
    let confirm = site.consent(&mut browser, &link).await;
    is_well_made(&confirm);
    assert!(
        confirm
            .header("content-security-policy")
            .contains("form-action 'self'")
    );
    is_well_made(&browser.submit(&confirm, "/connect/confirm", &[]).await);
    is_well_made(&browser.open(&link).await);
    is_well_made(&browser.open("/no/such/page").await);
}

#[tokio::test]
async fn what_pages_are_dressed_in_is_kept_for_good() {
    let site = Site::start().await;
    let mut browser = site.browser();
    let page = browser.open("/sign-in").await;
    let style = page.attribute("link[rel=stylesheet]", "href").unwrap();
    let script = page.attribute("script", "src").unwrap();
    let icon = page.attribute("link[rel=icon]", "href").unwrap();
    for (address, kind) in [
        (style, "text/css"),
        (script, "text/javascript"),
        (icon, "image/svg+xml"),
    ] {
        let file = browser.open(&address).await;
        assert_eq!(file.status, 200, "{address}");
        assert!(file.header("content-type").starts_with(kind), "{address}");
        assert!(
            file.header("cache-control").contains("immutable"),
            "{address}"
        );
    }
    assert_eq!(browser.open("/assets/app.0000.css").await.status, 404);
}

#[tokio::test]
async fn dynamics_says_why_there_is_no_oauth_and_what_to_do_instead() {
    let site = Site::start().await;
    let mut admin = site.signed_in(Role::Admin).await;
    for service in ["crm", "fieldservice", "businesscentral"] {
        let page = admin.open(&format!("/integrations/{service}")).await;
        let card = page.text("article.off");
        assert!(
            card.contains("service principal only") && card.contains("Instead"),
            "{service}: {card}"
        );
        assert_eq!(page.count("a[href$='/connect/oauth']"), 0, "{service}");
        let form = admin
            .open(&format!("/integrations/{service}/connect/oauth"))
            .await;
        assert_eq!(
            (form.status, form.text(".error-facts code").as_str()),
            (422, "unsupported_method"),
            "{}",
            form.html
        );
    }
}

#[tokio::test]
async fn help_to_choose_is_beside_the_two_ways() {
    let site = Site::start().await;
    let mut member = site.signed_in(Role::Member).await;
    let page = member.open("/integrations/outlook").await;
    let table = page.text("table.compare");
    for aspect in ["Acts as", "Set up by", "Tokens", "Best for"] {
        assert!(table.contains(aspect), "{aspect}");
    }
    assert_eq!(page.count("a[href$='/connect/oauth']"), 1);
    assert_eq!(
        page.count("a[href$='/connect/service-principal']"),
        0,
        "a member is told who can"
    );
    assert!(
        page.text("main")
            .contains("An administrator of this workspace can set this up")
    );
}

#[tokio::test]
async fn while_the_database_is_away_a_page_says_so_and_what_to_do() {
    let site = Site::start().await;
    let mut owner = site.signed_in(Role::Owner).await;
    site.server.context().store.close().await;
    for (address, _) in PAGES {
        let page = owner.open(address).await;
        let code = page.text(".error-facts code");
        assert_eq!(
            (page.status, code.as_str()),
            (503, "database_unavailable"),
            "{address}: {}",
            page.html
        );
        assert_eq!(page.text("h1"), "The database does not answer", "{address}");
        assert_eq!(page.header("retry-after"), "2", "{address}");
        is_well_made(&page);
    }
    // What asks nothing of it is there.
    let sign_in = site.browser().open("/sign-in").await;
    assert_eq!(sign_in.status, 200);
}
