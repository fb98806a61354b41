//! Keys and app registrations.

use model::{Outcome, Role};

use crate::site::Site;

#[tokio::test]
async fn a_key_is_shown_once_and_works_until_it_is_revoked() {
    let site = Site::start().await;
    let mut builder = site.signed_in(Role::Builder).await;
    let page = builder.open("/settings").await;
    let made = builder
        .submit(
            &page,
            "/settings/keys",
            &[("key_name", "nightly"), ("key_role", "builder")],
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.html);
    let secret = made.text(".notice .copy code");
    assert!(secret.starts_with("csk_"), "{}", made.html);
    let client = site.anonymous.with_key(&secret);
    client.get("/me").await.unwrap().expect(200).unwrap();

    let later = builder.open("/settings").await;
    assert!(later.text("table").contains("nightly") && !later.html.contains(&secret));
    let revokes = later.attributes("form[action$='/revoke']", "action");
    let names = later.attributes("form[action$='/revoke'] button", "aria-label");
    let index = names
        .iter()
        .position(|name| name.contains("nightly"))
        .unwrap();
    let after = builder.submit(&later, &revokes[index], &[]).await;
    assert_eq!(after.status, 200, "{}", after.html);
    client
        .get("/me")
        .await
        .unwrap()
        .problem(401, "unauthenticated")
        .unwrap();
}

#[tokio::test]
async fn a_key_cannot_do_more_than_its_owner() {
    let site = Site::start().await;
    let mut builder = site.signed_in(Role::Builder).await;
    let page = builder.open("/settings").await;
    assert!(
        !page
            .attributes("#key_role option", "value")
            .contains(&"owner".to_owned())
    );
    let refused = builder
        .submit(
            &page,
            "/settings/keys",
            &[("key_name", "big"), ("key_role", "owner")],
        )
        .await;
    assert_eq!(refused.status, 422, "{}", refused.html);
}

#[tokio::test]
async fn a_registration_that_is_in_use_stays() {
    let site = Site::start().await;
    site.service_principal("everyone").await.unwrap();
    let mut admin = site.signed_in(Role::Admin).await;
    let settings = admin.open("/settings").await;
    let ask = settings
        .attribute("a[href^='/settings/app-registrations/']", "href")
        .unwrap();
    let page = admin.open(&ask).await;
    let refused = admin.submit(&page, &ask, &[]).await;
    assert_eq!(refused.status, 422, "{}", refused.html);
    assert!(
        refused.text("[role=alert]").contains("everyone"),
        "{}",
        refused.html
    );
    assert_eq!(site.registrations().await, 1);
}

#[tokio::test]
async fn a_new_member_signs_in_with_the_link_that_is_shown() {
    let site = Site::start().await;
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open("/settings").await;
    assert!(
        !page
            .attributes("#member_role option", "value")
            .contains(&"owner".to_owned())
    );
    let fields = [
        ("member_name", "Nia"),
        ("member_email", "nia@contoso.com"),
        ("member_role", "builder"),
    ];
    let made = admin.submit(&page, "/settings/members", &fields).await;
    assert_eq!(made.status, 200, "{}", made.html);
    let link = made.text(".notice .copy code");
    let secret = link.split_once('#').unwrap().1;
    let mut nia = site.browser();
    let page = nia.open("/sign-in").await;
    let home = nia
        .submit(&page, "/sign-in/link", &[("secret", secret)])
        .await;
    assert!(home.text(".account-who").contains("Nia"), "{}", home.html);
    assert!(site.logged("member.create", Outcome::Ok, "").await);

    let again = admin.submit(&made, "/settings/members", &fields).await;
    assert_eq!(again.status, 409, "{}", again.html);
    assert_eq!(
        again.attribute("#member_name", "value").as_deref(),
        Some("Nia")
    );
}

#[tokio::test]
async fn whoever_asks_for_more_than_their_role_is_noted() {
    let site = Site::start().await;
    let mut member = site.signed_in(Role::Member).await;
    let refused = member
        .open("/integrations/outlook/connect/service-principal")
        .await;
    assert_eq!(refused.status, 403);
    assert!(
        site.logged("request.refuse", Outcome::Denied, "role_required")
            .await
    );
}

#[tokio::test]
async fn an_application_goes_over_to_a_certificate_by_a_button() {
    let site = Site::start().await;
    let control = site.sandbox.control();
    let application = control
        .register_application(sandbox::NewApplication {
            display_name: "rolls its keys".to_owned(),
            application: vec!["Application.ReadWrite.All".to_owned()],
            admin_consent: true,
            ..sandbox::NewApplication::default()
        })
        .unwrap();
    let day = std::time::Duration::from_hours(24);
    let secret = control
        .add_secret(&application.client_id, "first", day)
        .unwrap();
    let body = serde_json::json!({
        "name": "rolling", "cloud": "sandbox", "tenant_id": application.tenant_id,
        "client_id": application.client_id, "client_secret": secret.secret_text,
    });
    let made = site.admin.post("/app-registrations", body).await.unwrap();
    let id = made.expect(201).unwrap()["id"].clone();
    let address = format!("/settings/app-registrations/{}", id.as_str().unwrap());
    let mut admin = site.signed_in(Role::Admin).await;
    let page = admin.open(&address).await;
    assert!(!page.text("#proofs ~ *").contains("Certificate"));
    let action = format!("{address}/rotate");
    let done = admin
        .submit(&page, &action, &[("kind", "certificate")])
        .await;
    assert_eq!(done.status, 200, "{}", done.html);
    assert!(
        done.text("[role=status]")
            .contains("The new proof works and is in use"),
        "{}",
        done.html
    );
    assert!(done.html.contains("Replaced"), "{}", done.html);
    assert!(
        site.logged("app_registration.rotate", Outcome::Ok, "")
            .await
    );
}
