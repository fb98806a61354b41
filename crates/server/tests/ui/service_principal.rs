//! Connecting Outlook as an application: guided, tried at once, and explained when it fails.

use model::{ConnectionState, Outcome, Role};

use crate::browser::Page;
use crate::site::Site;
use crate::support::Registered;

const FORM: &str = "/integrations/outlook/connect/service-principal";

async fn send(site: &Site, app: &Registered) -> Page {
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open(FORM).await;
    let fields = [
        ("name", "everyone"),
        ("tenant_id", app.tenant_id.as_str()),
        ("client_id", app.client_id.as_str()),
        ("client_secret", app.secret.as_str()),
    ];
    admin.submit(&page, FORM, &fields).await
}

/// That the form came back filled, without the secret, with a diagnosis of that code, and that nothing was stored.
async fn is_refused(site: &Site, app: &Registered, code: &str) {
    let page = send(site, app).await;
    assert_eq!(page.status, 422, "{}", page.html);
    let diagnosis = page.text(".diagnosis");
    for part in [code, "Who has to act", "What to do", "Connection failed"] {
        assert!(diagnosis.contains(part), "{part}: {diagnosis}");
    }
    assert_eq!(
        page.attribute("#client_id", "value").as_deref(),
        Some(app.client_id.as_str())
    );
    assert_eq!(
        page.attribute("#tenant_id", "value").as_deref(),
        Some(app.tenant_id.as_str())
    );
    assert_eq!(
        page.attribute("#client_secret", "value").as_deref(),
        Some("")
    );
    assert!(
        !page.html.contains(&app.secret),
        "a secret is never shown again"
    );
    assert!(site.connections().await.is_empty());
    assert_eq!(site.registrations().await, 0);
    assert!(
        site.logged("connection.create", Outcome::Failed, code)
            .await
    );
}

#[tokio::test]
async fn outlook_is_connected_and_tested_at_once() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let page = send(&site, &app).await;
    assert_eq!(
        (page.status, page.text("h1").as_str()),
        (200, "everyone"),
        "{}",
        page.html
    );
    assert!(page.text(".notice").contains("Connected"), "{}", page.html);
    assert_eq!(page.text(".head .badge"), "Active");
    assert_eq!(
        page.texts(".permissions .badge.good").len(),
        3,
        "{}",
        page.html
    );
    assert_eq!(
        site.connections().await,
        [("everyone".to_owned(), ConnectionState::Active)]
    );
    assert!(!page.html.contains(&app.secret));
}

#[tokio::test]
async fn a_wrong_tenant_is_explained_and_nothing_is_stored() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let wrong = Registered {
        tenant_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        ..app
    };
    is_refused(&site, &wrong, "AADSTS90002").await;
}

#[tokio::test]
async fn an_unknown_client_is_explained_and_nothing_is_stored() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let wrong = Registered {
        client_id: "11111111-2222-3333-4444-555555555555".to_owned(),
        ..app
    };
    is_refused(&site, &wrong, "AADSTS700016").await;
}

#[tokio::test]
async fn a_wrong_secret_is_explained_and_nothing_is_stored() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let wrong = Registered {
        secret: "Abc8Q~not-the-secret".to_owned(),
        ..app
    };
    is_refused(&site, &wrong, "AADSTS7000215").await;
}

#[tokio::test]
async fn a_secret_id_is_recognised_before_anything_is_sent() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    let wrong = Registered {
        secret: app.client_id.clone(),
        ..app
    };
    let page = send(&site, &wrong).await;
    assert_eq!(page.status, 422);
    assert!(
        page.text("#client_secret-error").contains("Secret ID"),
        "{}",
        page.html
    );
    assert_eq!(
        page.attribute("#client_secret", "aria-invalid").as_deref(),
        Some("true")
    );
}

#[tokio::test]
async fn a_name_that_is_taken_is_said_and_nothing_more_is_stored() {
    let site = Site::start().await;
    let app = site.application().unwrap();
    send(&site, &app).await;
    let mut admin = site.signed_in(Role::Admin).await;
    let form = admin.open(FORM).await;
    let registered = form
        .attribute("input[name=app_registration_id]", "value")
        .unwrap();
    let page = admin
        .submit(
            &form,
            FORM,
            &[("name", "everyone"), ("app_registration_id", &registered)],
        )
        .await;
    assert_eq!(page.status, 409, "{}", page.html);
    assert!(
        page.text(".notice.bad").contains("name_taken"),
        "{}",
        page.html
    );
    assert_eq!(site.connections().await.len(), 1);
}

#[tokio::test]
async fn an_application_without_consent_is_connected_and_told_what_it_lacks() {
    let site = Site::start().await;
    let app = site.unconsented();
    let page = send(&site, &app).await;
    assert_eq!(
        (page.status, page.text("h1").as_str()),
        (200, "everyone"),
        "{}",
        page.html
    );
    assert!(
        page.text(".notice.warn")
            .contains("not all permissions are granted"),
        "{}",
        page.html
    );
    assert!(
        page.text("main")
            .contains("An administrator grants it in Microsoft Entra")
    );
    assert_eq!(
        page.texts(".permissions .badge.bad"),
        ["Missing", "Missing", "Missing"]
    );
}
