//! What is taken away on one replica is gone on all of them within a second.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::api::{Api, operation_path};
use crate::database::Database;
use crate::replicas::replicas;
use crate::world::{AS_APPLICATION, BEN, World, connect_application, key};

const A_SECOND: Duration = Duration::from_secs(1);

#[tokio::test(flavor = "multi_thread")]
async fn disabling_policy_and_key_changes_hold_on_every_replica_within_a_second() {
    let Some(database) = Database::new().await else {
        return;
    };
    let world = World::new().await;
    let servers = replicas(&world, &database).await;
    let (_, administration) = key(&servers[0], "administration").await;
    let (key_id, caller) = key(&servers[0], "caller").await;
    let here = servers[0].with_key(&administration);
    let there: Vec<_> = servers[1..]
        .iter()
        .map(|server| server.with_key(&caller))
        .collect();
    let (_, registration) = world.application(&servers[0], &here).await;
    connect_application(&here, &registration).await;
    let connection = format!("/connections/{AS_APPLICATION}");

    let disable = (Method::POST, format!("{connection}/disable"), Value::Null);
    assert_taken_away(&here, &there, disable, "connection_unusable").await;
    here.post(&format!("{connection}/enable"), &Value::Null)
        .await;

    let nothing = json!({ "policy": { "kinds": [] } });
    let policy = (Method::PATCH, connection.clone(), nothing);
    assert_taken_away(&here, &there, policy, "policy_denied").await;
    here.expect(Method::PATCH, &connection, &json!({ "policy": {} }))
        .await;

    let revoke = (Method::DELETE, format!("/keys/{key_id}"), Value::Null);
    assert_taken_away(&here, &there, revoke, "unauthenticated").await;
    drop(servers);
    database.remove().await;
}

/// Changes something here, after which no call that begins a second later may go through there.
async fn assert_taken_away(here: &Api, there: &[Api], change: (Method, String, Value), code: &str) {
    for api in there {
        wait_until_allowed(api).await;
    }
    let (method, path, body) = change;
    here.expect(method, &path, &body).await;
    let changed = Instant::now();
    for api in there {
        loop {
            let begun = changed.elapsed();
            let reply = read(api).await;
            if reply.0 != 200 {
                assert_eq!(reply.1, code);
                break;
            }
            assert!(
                begun < A_SECOND,
                "a call went through {begun:?} after `{path}`"
            );
        }
    }
}

async fn wait_until_allowed(api: &Api) {
    let since = Instant::now();
    while read(api).await.0 != 200 {
        assert!(since.elapsed() < 5 * A_SECOND, "it is never allowed again");
    }
}

/// Status and code of a small read.
async fn read(api: &Api) -> (u16, String) {
    let path = operation_path(AS_APPLICATION, "outlook.messages.list");
    let input = json!({ "mailbox": BEN, "top": 1, "select": ["id"] });
    let reply = api.send(Method::POST, &path, &input, None).await.unwrap();
    (reply.status, reply.code().to_owned())
}
