//! Begun at one replica, asked at another.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::{PREFIX, enter};
use crate::api::Api;
use crate::database::Database;
use crate::world::{World, key};

/// Longer than any attempt takes.
const ROUNDS: usize = 100;

async fn sign_in(begun: &Value) {
    let text = |name: &str| begun[name].as_str().unwrap();
    enter(text("verification_uri"), text("user_code")).await;
}

/// One round, when it is time.
async fn next(api: &Api, before: &Value) -> Value {
    let wait = before["next_in_secs"].as_u64().unwrap_or_default();
    tokio::time::sleep(Duration::from_secs(wait)).await;
    let path = format!("/bootstraps/{}/next", before["id"].as_str().unwrap());
    api.post(&path, &json!({})).await
}

#[tokio::test(flavor = "multi_thread")]
async fn another_replica_tells_how_far_it_is_and_goes_on_after_a_sign_in_of_its_own() {
    let Some(database) = Database::new().await else {
        return;
    };
    let world = World::new().await;
    let mut servers = Vec::new();
    for name in ["one", "two"] {
        let setup = world.setup(name, Some(database.url()), "info");
        servers.push(setup.start().await);
    }
    let (_, secret) = key(&servers[0], "set-up").await;
    let (one, two) = (servers[0].with_key(&secret), servers[1].with_key(&secret));
    let wanted = json!({
        "name": PREFIX, "cloud": "sandbox", "connections": [{ "service": "outlook", "name": "mail" }],
    });
    let begun = one.post("/bootstraps", &wanted).await;
    sign_in(&begun).await;
    let mut at_one = begun.clone();
    while at_one["client_id"].is_null() {
        at_one = next(&one, &at_one).await;
    }

    let path = format!("/bootstraps/{}", begun["id"].as_str().unwrap());
    let seen = two.get(&path).await;
    assert_eq!(seen["state"], "needs_sign_in", "{seen}");
    assert_eq!(
        (&seen["steps"], &seen["client_id"]),
        (&at_one["steps"], &at_one["client_id"])
    );
    let refused = two
        .send(Method::POST, &format!("{path}/next"), &json!({}), None)
        .await
        .unwrap();
    assert_eq!(
        (refused.status, refused.code()),
        (409, "set_up_needs_sign_in")
    );
    assert!(refused.body["next_step"].is_string(), "{}", refused.body);

    let mut at_two = two.post(&format!("{path}/sign-in"), &json!({})).await;
    sign_in(&at_two).await;
    let left = next(&one, &at_one).await;
    assert_eq!(left["failure"]["code"], "set_up_taken_over", "{left}");
    for _ in 0..ROUNDS {
        if at_two["next_in_secs"].is_null() {
            break;
        }
        at_two = next(&two, &at_two).await;
    }
    assert_eq!(at_two["state"], "done", "{at_two}");
    assert_eq!(at_two["client_id"], at_one["client_id"]);
    let seen = one.get("/connections/mail").await;
    assert_eq!(seen["state"], "active", "{seen}");
    drop(servers);
    database.remove().await;
}
