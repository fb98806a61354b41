//! An installation is backed up while it runs, and comes back elsewhere, on either database.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::api::{Api, operation_path};
use crate::browser::Browser;
use crate::database::Database;
use crate::server::{Server, Setup};
use crate::world::{
    AS_APPLICATION, AS_USER, BEN, World, connect_application, connect_user, key, message,
};

const MASTER_KEY: &str = "kept:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";
/// Who write while the backup is made.
const WRITERS: usize = 3;
const PAUSE: Duration = Duration::from_millis(20);
const PATIENCE: Duration = Duration::from_mins(1);
const LIST: &str = "outlook.messages.list";

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_moves_by_backup_from_sqlite() {
    moves(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_moves_by_backup_from_postgresql() {
    moves(true).await;
}

/// To both.
async fn moves(from_postgresql: bool) {
    let Some((source, target)) = databases().await else {
        return;
    };
    let world = World::new().await;
    let setup = setup(
        &world,
        "first",
        from_postgresql.then(|| source.url()).as_deref(),
    );
    let server = setup.start().await;
    let (_, secret) = key(&server, "test").await;
    let api = server.with_key(&secret);
    let (_, registration) = world.application(&server, &api).await;
    connect_application(&api, &registration).await;
    connect_user(&api, &registration, &mut Browser::new()).await;

    let (backup, list) = (setup.data.join("backup"), setup.data.join("deletions"));
    let data = text(&setup.data);
    let (stop, until) = watch::channel(false);
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        writers.spawn(write(api.clone(), number, until.clone()));
    }
    until_there_are(&world, WRITERS).await;
    let sent = drafts(&world).await;
    consentry(&["backup", text(&backup), "--data", data]);
    until_there_are(&world, sent + WRITERS).await;
    stop.send(true).unwrap();
    writers.join_all().await;
    api.expect(
        Method::DELETE,
        &format!("/connections/{AS_USER}"),
        &Value::Null,
    )
    .await;
    consentry(&["backup", "--deletions", text(&list), "--data", data]);
    assert_eq!(
        fs::metadata(&backup).unwrap().permissions().mode() & 0o077,
        0
    );
    assert!(
        !fs::read_to_string(&backup)
            .unwrap()
            .contains(MASTER_KEY.trim())
    );
    let (url, address) = (server.url.clone(), server.kill().await);
    drop(address);

    for (name, database) in [("second", None), ("third", Some(target.url()))] {
        let setup = self::setup(&world, name, database.as_deref());
        let mut restore = vec![
            "restore",
            text(&backup),
            "--deletions",
            text(&list),
            "--data",
            text(&setup.data),
        ];
        if let Some(database) = &database {
            restore.extend(["--database-url", database]);
        }
        let restored = consentry(&restore);
        assert_eq!(restored["removed_again"], 1, "{restored}");
        assert_eq!(restored["master_key"], true);
        let server = setup.start().await;
        assert_ne!(server.url, url);
        works(&server, &secret).await;
    }
    source.remove().await;
    target.remove().await;
}

/// Drafts with keys, one after the other.
async fn write(api: Api, writer: usize, until: watch::Receiver<bool>) {
    let path = operation_path(AS_APPLICATION, "outlook.drafts.create");
    let mut number = 0;
    while !*until.borrow() {
        let key = format!("writer-{writer}-{number}");
        let mut draft = message(&key);
        draft["mailbox"] = json!(BEN);
        let reply = api.send(Method::POST, &path, &draft, Some(&key)).await;
        let reply = reply.unwrap();
        assert_eq!(reply.status, 201, "{}", reply.body);
        number += 1;
    }
}

/// Drafts that the sandbox was asked to make.
async fn drafts(world: &World) -> usize {
    let path = "requests?method=POST&path_contains=/messages";
    let asked = world.portal.control(Method::GET, path, &Value::Null);
    asked.await.as_array().unwrap().len()
}

async fn until_there_are(world: &World, many: usize) {
    let since = Instant::now();
    while drafts(world).await < many {
        assert!(since.elapsed() < PATIENCE, "nothing is written");
        sleep(PAUSE).await;
    }
}

/// The key of before reaches Microsoft through the connection of before, what was removed is not there, and the log is whole.
async fn works(server: &Server, secret: &str) {
    let api: Api = server.with_key(secret);
    let input = json!({ "mailbox": BEN, "top": 1 });
    let page = api.run(AS_APPLICATION, LIST, &input).await;
    assert_eq!(page["value"].as_array().unwrap().len(), 1);
    let gone = api
        .send(
            Method::GET,
            &format!("/connections/{AS_USER}"),
            &Value::Null,
            None,
        )
        .await
        .unwrap();
    assert_eq!(gone.status, 404);
    // The list of deletions was taken after the backup, and the log is one of before.
    let taken = api.get("/activity?action=backup.take").await;
    assert_eq!(taken["items"].as_array().unwrap().len(), 1);
    let made = api.get("/activity?action=connection.create").await;
    assert_eq!(made["items"].as_array().unwrap().len(), 2);
    // Of what went on meanwhile the backup holds one moment: whole chains, and what a key was taken for.
    let log = server.owner().get("/activity/verification").await;
    assert_eq!(log["faults"], json!([]), "{log}");
    let meanwhile = api.get("/activity?action=outlook.drafts.create").await;
    assert!(!meanwhile["items"].as_array().unwrap().is_empty());
}

async fn databases() -> Option<(Database, Database)> {
    Some((Database::new().await?, Database::new().await?))
}

/// With a master key that is kept apart from every database.
fn setup(world: &World, name: &str, database_url: Option<&str>) -> Setup {
    let setup = world.setup(name, database_url.map(str::to_owned), "info");
    let path = if database_url.is_some() {
        setup.data.parent().unwrap().join("shared.key")
    } else {
        setup.data.join("master.key")
    };
    fs::write(&path, MASTER_KEY).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    setup
}

fn consentry(arguments: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_consentry"))
        .arg("--json")
        .args(arguments)
        .env_clear()
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
