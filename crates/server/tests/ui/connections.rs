//! The page of a connection, and what its buttons do.

use std::collections::BTreeSet;

use model::{ConnectionState, Outcome, Role};

use crate::browser::{Browser, Page};
use crate::site::Site;

async fn press(browser: &mut Browser, page: &Page, button: &str) -> Page {
    let actions = page.attributes("form", "action");
    let action = actions
        .iter()
        .find(|action| action.ends_with(button))
        .unwrap();
    browser.submit(page, action, &[]).await
}

#[tokio::test]
async fn a_connection_is_tested_disabled_and_enabled() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    assert_eq!(page.text(".head .badge"), "Active");
    let tested = press(&mut admin, &page, "/test").await;
    assert!(
        tested.text("[role=status]").contains("Passed"),
        "{}",
        tested.html
    );
    let disabled = press(&mut admin, &tested, "/disable").await;
    assert_eq!(
        disabled.text(".head .badge"),
        "Disabled",
        "{}",
        disabled.html
    );
    let enabled = press(&mut admin, &disabled, "/enable").await;
    assert_eq!(enabled.text(".head .badge"), "Active", "{}", enabled.html);
    for action in ["connection.test", "connection.disable", "connection.enable"] {
        assert!(site.logged(action, Outcome::Ok, "").await, "{action}");
    }
}

#[tokio::test]
async fn an_expired_secret_is_diagnosed_and_rotated() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let control = site.sandbox.control();
    let client_id = control
        .applications()
        .into_iter()
        .find(|app| app.display_name == "Contoso automation")
        .unwrap()
        .client_id;
    control.expire_secrets(&client_id).unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    let failed = press(&mut admin, &page, "/test").await;
    let diagnosis = failed.text(".diagnosis");
    for part in [
        "AADSTS7000222",
        "administrator of the Microsoft tenant",
        "Token refresh failed",
        "Trace id",
    ] {
        assert!(diagnosis.contains(part), "{part}: {diagnosis}");
    }
    assert_eq!(
        failed.text(".head .badge"),
        "Needs administrator",
        "{}",
        failed.html
    );

    let form = failed.url.join("rotate").unwrap().to_string();
    let page = admin.open(&form).await;
    let path = page.url.path().to_owned();
    let wrong = admin
        .submit(&page, &path, &[("client_secret", "Abc8Q~not-the-secret")])
        .await;
    assert_eq!(wrong.status, 422, "{}", wrong.html);
    assert!(
        wrong.text(".diagnosis").contains("AADSTS7000215"),
        "{}",
        wrong.html
    );

    let secret = control
        .add_secret(&client_id, "new", std::time::Duration::from_hours(1))
        .unwrap();
    let rotated = admin
        .submit(&page, &path, &[("client_secret", &secret.secret_text)])
        .await;
    assert_eq!(rotated.status, 200, "{}", rotated.html);
    assert_eq!(rotated.text(".head .badge"), "Active", "{}", rotated.html);
    assert!(!rotated.html.contains(&secret.secret_text));
}

#[tokio::test]
async fn a_policy_is_what_is_ticked() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    let action = page.action_of("/policy");
    let saved = admin.submit(&page, &action, &[("kind", "read")]).await;
    assert_eq!(
        saved.attributes("input[name=kind][checked]", "value"),
        ["read"],
        "{}",
        saved.html
    );
    assert!(saved.text(".notice").contains("policy is saved"));
}

#[tokio::test]
async fn tokens_are_ticked_without_limits_and_nothing_that_was_typed_is_lost_beside_one() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    assert!(page.html.contains("cannot be taken back"));
    let ticked = "input[name=tokens][checked]";
    assert!(page.attributes(ticked, "value").is_empty());
    let action = page
        .attributes("form", "action")
        .into_iter()
        .find(|action| action.ends_with("/policy"))
        .unwrap();
    let every = ["read", "write", "delete", "action"].map(|kind| ("kind", kind));
    let mut fields = every.to_vec();
    fields.push(("tokens", "yes"));
    let saved = admin.submit(&page, &action, &fields).await;
    assert_eq!(saved.attributes(ticked, "value"), ["yes"], "{}", saved.html);
    assert!(saved.text(".notice").contains("policy is saved"));
    let mailbox = "support@contoso.com";
    let both = [("kind", "read"), ("tokens", "yes"), ("mailboxes", mailbox)];
    let refused = admin.submit(&saved, &action, &both).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    let error = refused.text("#tokens-error");
    assert!(
        error.contains("kinds") && error.contains("mailboxes"),
        "{error}"
    );
    assert_eq!(refused.attributes(ticked, "value"), ["yes"]);
    let kinds = refused.attributes("input[name=kind][checked]", "value");
    assert_eq!(kinds, ["read"]);
    assert_eq!(refused.text("textarea[name=mailboxes]").trim(), mailbox);
    let off = [("kind", "read"), ("tokens", "no"), ("mailboxes", mailbox)];
    let saved = admin.submit(&refused, &action, &off).await;
    assert!(
        saved.attributes(ticked, "value").is_empty(),
        "{}",
        saved.html
    );
}

#[tokio::test]
async fn allowed_tables_and_companies_are_listed_one_to_a_line_where_they_fit() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    for (service, place, list, typed, shown, wrong) in [
        (
            "crm",
            ("environment_url", site.sandbox.url()),
            "tables",
            "Contact\r\n\r\n account ",
            "account\ncontact",
            "accounts(1)",
        ),
        (
            "businesscentral",
            ("environment", "Production"),
            "companies",
            "CRONUS USA, Inc.\r\n",
            "CRONUS USA, Inc.",
            "a name that is longer than any company's is",
        ),
    ] {
        let form = format!("/integrations/{service}/connect/service-principal");
        let page = admin.open(&form).await;
        let fields = [
            ("name", service),
            ("tenant_id", app.tenant_id.as_str()),
            ("client_id", app.client_id.as_str()),
            ("client_secret", app.secret.as_str()),
            place,
        ];
        admin.submit(&page, &form, &fields).await;
        let page = admin.open(&format!("/connections/{service}")).await;
        assert!(!page.html.contains("name=\"sites\""), "{service}");
        let action = page.action_of("/policy");
        let saved = admin
            .submit(&page, &action, &[("kind", "read"), (list, typed)])
            .await;
        assert!(
            saved.text(".notice").contains("policy is saved"),
            "{}",
            saved.html
        );
        let area = format!("textarea[name={list}]");
        assert!(saved.html.contains(shown), "{}", saved.html);
        let refused = admin
            .submit(&saved, &action, &[("kind", "read"), (list, wrong)])
            .await;
        assert!(!refused.text(&format!("#{list}-error")).is_empty());
        assert_eq!(refused.text(&area).trim(), wrong);
    }
}

#[tokio::test]
async fn allowed_sites_are_listed_one_to_a_line_and_shown_again() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    let action = page.action_of("/policy");
    let (hr, projects) = (
        "https://contoso.sharepoint.com/sites/hr",
        "https://contoso.sharepoint.com/sites/projects",
    );
    let lines = format!("{projects}\r\n\r\n {hr}/ ");
    let fields = [
        ("kind", "read"),
        ("sites", lines.as_str()),
        ("sites_selected", "yes"),
    ];
    let saved = admin.submit(&page, &action, &fields).await;
    assert!(
        saved.text(".notice").contains("policy is saved"),
        "{}",
        saved.html
    );
    let listed = format!("{hr}\n{projects}");
    assert!(saved.html.contains(&listed), "{}", saved.html);
    assert_eq!(
        saved.attributes("input[name=sites_selected][checked]", "value"),
        ["yes"]
    );
    let fields = [
        ("kind", "read"),
        ("sites", "contoso.sharepoint.com/sites/hr"),
    ];
    let refused = admin.submit(&saved, &action, &fields).await;
    assert!(
        refused.text("#sites-error").contains("https://"),
        "{}",
        refused.html
    );
    let typed = refused.text("textarea[name=sites]");
    assert_eq!(typed.trim(), "contoso.sharepoint.com/sites/hr");
}

#[tokio::test]
async fn a_connection_is_deleted_after_a_page_that_says_what_that_means() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    let ask = page.attribute("a.danger-quiet", "href").unwrap();
    let question = admin.open(&ask).await;
    let told = question.text("main");
    assert!(told.contains("cannot be undone"));
    assert!(
        told.contains("An administrator takes the permissions back"),
        "{told}"
    );
    // An application has no consent of a user's to take back.
    assert!(!question.html.contains("revoke_consent"));
    assert_eq!(site.connections().await.len(), 1, "asking removes nothing");
    let gone = admin.submit(&question, &ask, &[]).await;
    assert_eq!(gone.url.path(), "/connections", "{}", gone.html);
    assert!(site.connections().await.is_empty());
    assert!(site.logged("connection.delete", Outcome::Ok, "").await);
}

#[tokio::test]
async fn a_stranger_to_a_connection_does_not_find_it() {
    let site = Site::start().await;
    let app = site.unconsented();
    let mut admin = site.signed_in(Role::Admin).await;
    site.connect_link(&mut admin, &app, "private").await;
    let mut member = site.signed_in(Role::Member).await;
    let page = member.open("/connections/private").await;
    assert_eq!(
        (page.status, page.text(".error-facts code").as_str()),
        (404, "connection_not_found"),
        "{}",
        page.html
    );
    assert!(!member.open("/connections").await.html.contains("private"));
    assert_eq!(
        site.connections().await,
        [("private".to_owned(), ConnectionState::Pending)]
    );
}

#[tokio::test]
async fn mailboxes_are_listed_one_to_a_line_and_stay_until_they_are_cleared() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let address = "/connections/everyone";
    let page = admin.open(address).await;
    let action = page.action_of("/policy");
    let wrong = [("mailboxes", "support@contoso.com\nsales")];
    let refused = admin.submit(&page, &action, &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    let told = refused.text("#mailboxes-error");
    assert!(told.contains("sales"), "{told}");
    assert!(refused.text("#mailboxes").contains("sales"));
    let listed = [(
        "mailboxes",
        "Support@contoso.com\r\n\r\nana.reis@contoso.com",
    )];
    admin.submit(&page, &action, &listed).await;
    let shown = admin.open(address).await.text("#mailboxes");
    let shown: Vec<_> = shown.split_whitespace().collect();
    assert_eq!(shown, ["ana.reis@contoso.com", "support@contoso.com"]);
    let page = admin.open(address).await;
    admin.submit(&page, &action, &[]).await;
    let kept = admin.open(address).await;
    assert!(kept.text("#mailboxes").contains("support@contoso.com"));
    admin.submit(&kept, &action, &[("mailboxes", "")]).await;
    assert_eq!(admin.open(address).await.text("#mailboxes").trim(), "");
}

#[tokio::test]
async fn where_no_mailbox_is_allowed_a_form_allows_none() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let store = &site.server.context().store;
    let mut tx = store.write().await.unwrap();
    let workspace = tx.workspaces().await.unwrap().remove(0).id;
    let found = tx.connection_by_name(workspace, "everyone").await;
    let mut connection = found.unwrap().unwrap();
    connection.policy.mailboxes = Some(BTreeSet::new());
    assert!(tx.update_connection(&connection).await.unwrap());
    tx.commit().await.unwrap();

    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/connections/everyone").await;
    let action = page.action_of("/policy");
    let fields = [("kind", "read"), ("mailboxes", "")];
    let saved = admin.submit(&page, &action, &fields).await;
    assert!(saved.text(".notice").contains("policy is saved"));
    let mut tx = store.read().await.unwrap();
    let found = tx.connection_by_name(workspace, "everyone").await;
    let policy = found.unwrap().unwrap().policy;
    assert_eq!(policy.mailboxes, Some(BTreeSet::new()));
    assert_eq!(policy.kinds.map(|kinds| kinds.len()), Some(1));
}
