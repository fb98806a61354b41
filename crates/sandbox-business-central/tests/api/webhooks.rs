//! Subscriptions and what they are told.

use http::Method;
use jiff::SignedDuration;
use sandbox_business_central::Answer;
use serde_json::{Value, json};

use crate::scene::{Said, Scene, text};

fn wish(scene: &Scene, set: &str) -> Value {
    json!({
        "notificationUrl": "https://listener.example.com/bc?x=1",
        "resource": format!("/api/v2.0/companies({})/{set}", scene.company),
        "clientState": "secret",
    })
}

/// Subscribes with an address that proves itself, or does not.
fn subscribe(scene: &mut Scene, set: &str, is_good: bool) -> Said {
    let (path, body) = (scene.path("subscriptions"), wish(scene, set).to_string());
    match scene.send(&Method::POST, &path, &[], body.as_bytes()) {
        Answer::Done(response) => Said::of(response),
        Answer::Handshake(handshake) => {
            let wanted = format!("&validationToken={}", handshake.token);
            assert!(handshake.url.ends_with(&wanted), "{}", handshake.url);
            Said::of(scene.cloud.shaken(handshake, is_good))
        }
    }
}

#[test]
fn an_address_proves_itself_and_is_told_after_half_a_minute() {
    let mut scene = Scene::new();
    let refused = subscribe(&mut scene, "customers", false);
    assert_eq!(refused.refusal(), (400, "BadRequest"));
    assert!(scene.list("subscriptions").is_empty());
    let made = subscribe(&mut scene, "customers", true);
    assert_eq!(made.status, 201);
    let made = made.good();

    let customer = scene
        .post("/customers", &json!({ "displayName": "New" }))
        .good();
    let id = text(&customer, "id");
    scene
        .patch(&format!("/customers({id})"), &json!({ "city": "Bergen" }))
        .good();
    scene
        .post("/vendors", &json!({ "displayName": "Of no interest" }))
        .good();
    assert!(scene.cloud.due_notifications(scene.now).is_empty());
    scene.advance(SignedDuration::from_secs(31));
    let told = scene.cloud.due_notifications(scene.now);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].url, made["notificationUrl"]);
    let lines = told[0].body["value"].as_array().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["changeType"], "created");
    assert_eq!(lines[0]["clientState"], "secret");
    assert_eq!(lines[0]["subscriptionId"], made["subscriptionId"]);
    let resource = format!("api/v2.0/companies({})/customers({id})", scene.company);
    assert_eq!(lines[0]["resource"], resource);
    assert!(scene.cloud.due_notifications(scene.now).is_empty());
}

#[test]
fn a_line_is_told_as_a_change_of_its_invoice() {
    let mut scene = Scene::new();
    let draft = scene.draft("salesInvoices", "10000", &[("1900-S", 1)]);
    subscribe(&mut scene, "salesInvoices", true).good();
    let id = text(&draft, "id");
    let line = json!({ "lineType": "Item", "lineObjectNumber": "1908-S", "quantity": 1 });
    scene
        .post(&format!("/salesInvoices({id})/salesInvoiceLines"), &line)
        .good();
    scene.advance(SignedDuration::from_secs(31));
    let told = scene.cloud.due_notifications(scene.now);
    assert_eq!(told[0].body["value"][0]["changeType"], "updated");
}

#[test]
fn many_changes_are_told_as_one() {
    let mut scene = Scene::new();
    subscribe(&mut scene, "customers", true).good();
    for number in 0..1_001 {
        scene
            .post("/customers", &json!({ "displayName": number.to_string() }))
            .good();
    }
    scene.advance(SignedDuration::from_secs(31));
    let told = scene.cloud.due_notifications(scene.now);
    let lines = told[0].body["value"].as_array().unwrap();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["changeType"], "collection");
}

#[test]
fn a_subscription_ends_after_three_days_unless_it_is_renewed() {
    let mut scene = Scene::new();
    let made = subscribe(&mut scene, "items", true).good();
    let path = scene.path(&format!(
        "subscriptions('{}')",
        text(&made, "subscriptionId")
    ));
    scene.advance(SignedDuration::from_hours(60));
    let body = wish(&scene, "items").to_string();
    let tag = text(&made, "@odata.etag");
    let renewed = match scene.send(
        &Method::PATCH,
        &path,
        &[("if-match", &tag)],
        body.as_bytes(),
    ) {
        Answer::Handshake(handshake) => Said::of(scene.cloud.shaken(handshake, true)),
        Answer::Done(response) => Said::of(response),
    };
    assert_eq!(renewed.status, 200);
    assert!(text(&renewed.good(), "expirationDateTime") > text(&made, "expirationDateTime"));
    scene.advance(SignedDuration::from_hours(71));
    assert_eq!(scene.list("subscriptions").len(), 1);
    scene.advance(SignedDuration::from_hours(2));
    assert_eq!(scene.list("subscriptions").len(), 0);
}

#[test]
fn subscriptions_are_refused_that_make_no_sense() {
    let mut scene = Scene::new();
    subscribe(&mut scene, "vendors", true).good();
    let twice = subscribe(&mut scene, "vendors", true);
    assert_eq!(twice.refusal(), (400, "Internal_EntityWithSameKeyExists"));
    let unknown = subscribe(&mut scene, "salesInvoiceLines", true);
    assert_eq!(unknown.refusal(), (400, "BadRequest"));
    let empty = scene.post("subscriptions", &json!({ "resource": "x" }));
    assert_eq!(
        empty.refusal(),
        (400, "BadRequest_RequiredParamNotProvided")
    );
    let id = text(&scene.first("subscriptions"), "subscriptionId");
    assert_eq!(scene.delete(&format!("subscriptions('{id}')")).status, 204);
    assert!(scene.list("subscriptions").is_empty());
}

#[test]
fn the_resources_are_listed_that_can_be_subscribed_to() {
    let mut scene = Scene::new();
    let path = format!(
        "/v2.0/Production/api/microsoft/runtime/beta/companies({})/webhookSupportedResources",
        scene.company
    );
    let body = scene.ask(&Method::GET, &path, &[], b"").good();
    let all = body["value"].as_array().unwrap();
    assert_eq!(all.len(), 22);
    assert!(
        all.iter()
            .any(|it| it["resource"].as_str().unwrap().ends_with("/salesInvoices"))
    );
}
