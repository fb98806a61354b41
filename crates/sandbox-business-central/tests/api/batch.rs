//! Several requests in one.

use http::Method;
use serde_json::{Value, json};

use crate::scene::Scene;

fn batch(scene: &mut Scene, headers: &[(&str, &str)], requests: &Value) -> Value {
    let path = scene.path("$batch");
    let body = json!({ "requests": requests }).to_string();
    scene
        .ask(&Method::POST, &path, headers, body.as_bytes())
        .good()
}

fn requests(scene: &Scene) -> Value {
    let set = format!("companies({})/customers", scene.company);
    json!([
        { "id": "1", "method": "POST", "url": set, "headers": { "Content-Type": "application/json" }, "body": { "displayName": "First" } },
        { "id": "2", "method": "POST", "url": format!("/{set}"), "body": { "city": "nameless" } },
        { "id": "3", "method": "GET", "url": format!("{set}?$top=1") },
    ])
}

fn statuses(answer: &Value) -> Vec<i64> {
    let responses = answer["responses"].as_array().unwrap();
    responses
        .iter()
        .map(|it| it["status"].as_i64().unwrap())
        .collect()
}

#[test]
fn a_batch_stops_at_its_first_failure_and_keeps_what_was_done() {
    let mut scene = Scene::new();
    let requests = requests(&scene);
    let answer = batch(&mut scene, &[], &requests);
    assert_eq!(statuses(&answer), [201, 400]);
    assert_eq!(answer["responses"][0]["body"]["displayName"], "First");
    assert_eq!(
        answer["responses"][1]["body"]["error"]["code"],
        "Application_DialogException"
    );
    assert_eq!(
        scene
            .list("/customers?$filter=displayName eq 'First'")
            .len(),
        1
    );
}

#[test]
fn a_batch_goes_on_when_it_is_asked_to() {
    let mut scene = Scene::new();
    let requests = requests(&scene);
    let answer = batch(
        &mut scene,
        &[("prefer", "odata.continue-on-error")],
        &requests,
    );
    assert_eq!(statuses(&answer), [201, 400, 200]);
    assert_eq!(
        answer["responses"][2]["body"]["value"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_snapshot_is_all_or_nothing() {
    let mut scene = Scene::new();
    let requests = requests(&scene);
    batch(&mut scene, &[("isolation", "snapshot")], &requests);
    assert_eq!(
        scene
            .list("/customers?$filter=displayName eq 'First'")
            .len(),
        0
    );
}

#[test]
fn batches_that_are_too_long_or_nested_are_refused() {
    let mut scene = Scene::new();
    let part = json!({ "id": "1", "method": "GET", "url": "companies" });
    let path = scene.path("$batch");
    let many = json!({ "requests": vec![part; 101] }).to_string();
    assert_eq!(
        scene
            .ask(&Method::POST, &path, &[], many.as_bytes())
            .refusal(),
        (400, "BadRequest")
    );
    assert_eq!(
        scene.ask(&Method::POST, &path, &[], b"[]").refusal(),
        (400, "BadRequest")
    );
    let nested = json!([{ "id": "1", "method": "POST", "url": "$batch", "body": {} }]);
    assert_eq!(statuses(&batch(&mut scene, &[], &nested)), [400]);
}
