//! The master key exchanged under way, where each server has a keyring file of its own: it wraps only what every server can open.

use std::fs;
use std::path::Path;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::api::{Api, operation_path};
use crate::database::Database;
use crate::server::Server;
use crate::world::{AS_APPLICATION, BEN, World, connect_application, key};

const NEW: &str = "second:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n";
/// Made while one server lacks the new key.
const MEANWHILE: &str = "made-meanwhile";
/// Between two calls of a caller: the mailbox has limits of its own.
const PAUSE: Duration = Duration::from_millis(100);
const REWRAP: &str = "/master-key/rewrap";
const WRAPPED_BY_NEW: &str = "SELECT count(*) FROM data_keys WHERE master_key_id = 'second'";
const WRAPPED_BY_OLD: &str = "SELECT count(*) FROM data_keys WHERE master_key_id = 'test'";

async fn reads(api: &Api, connection: &str) -> u16 {
    let path = operation_path(connection, "outlook.messages.list");
    let input = json!({ "mailbox": BEN, "top": 1, "select": ["id"] });
    match api.send(Method::POST, &path, &input, None).await {
        Ok(reply) => reply.status,
        Err(_) => 0,
    }
}

/// Calls until told to stop; each answer that was not good.
async fn call(api: Api, mut stop: watch::Receiver<bool>) -> Vec<u16> {
    let mut failed = Vec::new();
    while !*stop.borrow_and_update() {
        let status = reads(&api, AS_APPLICATION).await;
        if status != 200 {
            failed.push(status);
        }
        sleep(PAUSE).await;
    }
    failed
}

/// One more connection of the same application.
async fn connect_meanwhile(api: &Api, registration: &str) {
    let new = json!({
        "name": MEANWHILE, "service": "outlook", "method": "service_principal", "app_registration_id": registration,
    });
    let made = api.post("/connections", &new).await;
    assert_eq!(made["test"]["ok"], true, "{made}");
}

async fn current(server: &Server) -> Value {
    server.owner().get("/master-key").await["current"].clone()
}

fn put_first(key: &str, keyring: &Path) {
    let before = fs::read_to_string(keyring).unwrap();
    fs::write(keyring, format!("{key}{before}")).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_master_key_waits_for_the_server_that_lacks_it_and_no_call_fails_meanwhile() {
    let Some(database) = Database::new().await else {
        return;
    };
    let world = World::new().await;
    let setups = ["one", "other"]
        .map(|name| world.setup(&format!("replica-{name}"), Some(database.url()), "info"));
    let keyrings = setups.each_ref().map(crate::server::Setup::own_keyring);
    let [one, other] = [setups[0].start().await, setups[1].start().await];
    let (_, key) = key(&one, "callers").await;
    let apis = [one.with_key(&key), other.with_key(&key)];
    let (_, registration) = world.application(&one, &apis[0]).await;
    connect_application(&apis[0], &registration).await;
    let (stop, until) = watch::channel(false);
    let mut callers = JoinSet::new();
    for api in apis.clone() {
        callers.spawn(call(api, until.clone()));
    }

    // One server has it.
    put_first(NEW, &keyrings[0]);
    let refused = one
        .owner()
        .send(Method::POST, REWRAP, &Value::Null, None)
        .await;
    let refused = refused.unwrap();
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(refused.code(), "master_key_not_everywhere");
    assert!(refused.body.to_string().contains("the same keyring"));
    connect_meanwhile(&apis[0], &registration).await;
    assert_eq!(reads(&apis[1], MEANWHILE).await, 200);
    assert_eq!(database.number(WRAPPED_BY_NEW).await, 0);
    assert_eq!(
        [current(&one).await, current(&other).await],
        ["test", "test"]
    );

    // The other one gets it, and the exchange is asked for again.
    put_first(NEW, &keyrings[1]);
    let done = one.owner().post(REWRAP, &Value::Null).await;
    assert!(done["rewrapped"].as_u64() >= Some(3), "{done}");
    assert_eq!(done["current"], "second");
    assert_eq!(done["removable"], json!(["test"]));
    assert_eq!(database.number(WRAPPED_BY_OLD).await, 0);
    assert_eq!(
        [current(&one).await, current(&other).await],
        ["second", "second"]
    );

    // The old one goes, and a server that starts without it opens everything.
    for keyring in &keyrings {
        fs::write(keyring, NEW).unwrap();
    }
    for server in [&one, &other] {
        server.owner().post(REWRAP, &Value::Null).await;
    }
    stop.send(true).unwrap();
    let failed = callers.join_all().await.concat();
    assert_eq!(failed, [] as [u16; 0], "no call fails meanwhile");
    let back = other.kill().await.start().await;
    for connection in [AS_APPLICATION, MEANWHILE] {
        assert_eq!(reads(&back.with_key(&key), connection).await, 200);
    }
    drop((one, back));
    database.remove().await;
}

/// As when servers are edited one after the other, and one of them is restarted before its turn.
#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_master_key_is_not_asked_for_again_after_a_start_that_still_had_it() {
    let Some(database) = Database::new().await else {
        return;
    };
    let world = World::new().await;
    let names = ["one", "other"];
    let setups = names.map(|name| world.setup(name, Some(database.url()), "info"));
    let keyrings = setups.each_ref().map(crate::server::Setup::own_keyring);
    for keyring in &keyrings {
        put_first(NEW, keyring);
    }
    let [one, other] = [setups[0].start().await, setups[1].start().await];
    let (_, key) = key(&one, "callers").await;
    let api = one.with_key(&key);
    let (_, registration) = world.application(&one, &api).await;
    connect_application(&api, &registration).await;
    let done = one.owner().post(REWRAP, &Value::Null).await;
    assert_eq!(done["removable"], json!(["test"]), "{done}");

    // One server lets the old key go; the other one is killed, and starts with it once more.
    fs::write(&keyrings[0], NEW).unwrap();
    let one = one.kill().await.start().await;
    let other = other.kill().await.start().await;
    let done = one.owner().post(REWRAP, &Value::Null).await;
    assert_eq!(done["current"], "second", "it reads its keyring anew");
    assert_eq!(reads(&one.with_key(&key), AS_APPLICATION).await, 200);
    // Then that one as well, and whichever starts now starts without the old key.
    fs::write(&keyrings[1], NEW).unwrap();
    let other = other.kill().await.start().await;
    let one = one.kill().await.start().await;
    for server in [&one, &other] {
        assert_eq!(current(server).await, "second");
        assert_eq!(reads(&server.with_key(&key), AS_APPLICATION).await, 200);
    }
    drop((one, other));
    database.remove().await;
}
