//! Who is let in, and what they may do.

use http::Method;
use jiff::SignedDuration;
use sandbox_business_central::Application;
use sandbox_odata::service::Caller;
use serde_json::json;

use crate::scene::{CLIENT, Scene, TENANT};

const REJECTED: (u16, &str) = (401, "Authentication_InvalidCredentials");

#[test]
fn an_application_that_is_not_registered_is_rejected() {
    let mut scene = Scene::bare();
    assert_eq!(scene.get("companies").refusal(), REJECTED);
    scene.register(&["D365 BUS FULL ACCESS"]);
    assert_eq!(scene.get("companies").status, 200);
    assert!(scene.cloud.unregister_application(None, CLIENT));
    assert_eq!(scene.get("companies").refusal(), REJECTED);
}

#[test]
fn a_card_that_is_disabled_or_a_token_without_roles_is_rejected() {
    let mut scene = Scene::new();
    scene.caller.roles.clear();
    assert_eq!(scene.get("companies").refusal(), REJECTED);
    scene.caller.roles.push("API.ReadWrite.All".to_owned());
    let card = Application {
        client_id: CLIENT.to_owned(),
        description: String::new(),
        is_enabled: false,
        permission_sets: vec!["D365 BUS FULL ACCESS".to_owned()],
    };
    scene.cloud.register_application(Some("production"), &card);
    assert_eq!(scene.get("companies").refusal(), REJECTED);
    let environments = scene
        .ask(&Method::GET, "/environments/v1.2", &[], b"")
        .good();
    assert_eq!(environments["value"].as_array().unwrap().len(), 1);
}

#[test]
fn permission_sets_bound_what_an_application_does() {
    let mut scene = Scene::new();
    scene.register(&["D365 READ"]);
    assert_eq!(scene.get("/customers").status, 200);
    let refused = scene.post("/customers", &json!({ "displayName": "A" }));
    assert_eq!(refused.refusal(), (403, "Authorization_RequestDenied"));
    assert!(refused.message().starts_with(
        "Sorry, the current permissions prevented the action. (TableData customers Insert"
    ));
    scene.register(&["D365 AUTOMATION"]);
    assert_eq!(scene.get("companies").status, 200);
    assert_eq!(scene.get("subscriptions").status, 200);
    assert_eq!(scene.get("/customers").refusal().0, 403);
    scene.register(&["SOMETHING ELSE"]);
    assert_eq!(scene.get("companies").status, 200);
    assert_eq!(scene.get("/customers").refusal().0, 403);
}

#[test]
fn a_person_needs_a_scope_and_a_licence() {
    let mut scene = Scene::new();
    scene.caller = Caller {
        tenant_id: TENANT.to_owned(),
        object_id: "ana".to_owned(),
        scopes: vec!["Financials.ReadWrite.All".to_owned()],
        ..Caller::default()
    };
    assert_eq!(scene.get("/customers").status, 200);
    scene.cloud.license("ana", false);
    assert_eq!(scene.get("/customers").refusal(), REJECTED);
    scene.cloud.license("ana", true);
    scene.caller.scopes = vec!["User.Read".to_owned()];
    assert_eq!(scene.get("/customers").refusal(), REJECTED);
}

#[test]
fn another_tenant_is_rejected() {
    let mut scene = Scene::new();
    let other = "c0a7050f-0000-4000-8000-000000000009";
    let path = format!("/v2.0/{other}/Production/api/v2.0/companies");
    assert_eq!(scene.ask(&Method::GET, &path, &[], b"").refusal(), REJECTED);
    scene.caller.tenant_id = other.to_owned();
    assert_eq!(scene.get("companies").refusal(), REJECTED);
}

#[test]
fn limits_hold_when_they_are_switched_on() {
    let mut scene = Scene::new();
    scene.cloud.keep_limits(true);
    for _ in 0..6_000 {
        assert_eq!(scene.get("companies").status, 200);
    }
    let refused = scene.get("companies");
    assert_eq!(refused.refusal(), (429, "Application_TooManyRequests"));
    scene.advance(SignedDuration::from_secs(301));
    assert_eq!(scene.get("companies").status, 200);
}

#[test]
fn what_is_saved_is_what_is_loaded() {
    let mut scene = Scene::new();
    scene
        .post("/customers", &json!({ "displayName": "Kept" }))
        .good();
    let saved = serde_json::to_string(&scene.cloud).unwrap();
    scene.cloud = serde_json::from_str(&saved).unwrap();
    assert_eq!(
        scene.list("/customers?$filter=displayName eq 'Kept'").len(),
        1
    );
    assert_eq!(serde_json::to_string(&scene.cloud).unwrap(), saved);
}
