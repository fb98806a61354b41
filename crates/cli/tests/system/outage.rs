//! PostgreSQL itself is stopped and started again under a server that others work through: they are told to come back, nothing is
//! sent that was not announced, and everything that was begun has an end.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{Connection, Executor, PgConnection, Row};
use tokio::process::Command;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::api::{Api, Reply, operation_path};
use crate::portal::{Application, Portal};
use crate::postgres;
use crate::world::{AS_APPLICATION, BEN, World, connect_application, key, message};

const WRITERS: usize = 4;
const READERS: usize = 2;
/// Before the database is stopped, and after it came back.
const WRITES: usize = 8;
const PAUSE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_mins(2);
/// A trace that was not found by then will not be for minutes.
const MOST_LOOKS: u32 = 50;
const DRAFTS: &str = "outlook.drafts.create";
const INTENTS: &str =
    "SELECT count(*) FROM activities WHERE action = 'outlook.drafts.create' AND phase = 'intent'";

/// How a key ended, and how often its caller was told that the database is away.
#[derive(Clone)]
struct Written {
    key: String,
    is_done: bool,
    times_away: usize,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_stopped_is_told_as_such_and_nothing_is_lost_or_sent_unannounced() {
    let Some(mut postgres) = postgres::start_if_installed().unwrap() else {
        eprintln!("PostgreSQL is not installed: stopping it is left out");
        return;
    };
    let world = World::new().await;
    let setup = world.setup("server", Some(postgres.url()), "info");
    let server = setup.start().await;
    let (_, key) = key(&server, "callers").await;
    let api = server.with_key(&key);
    let (application, registration) = world.application(&server, &api).await;
    connect_application(&api, &registration).await;

    let (stop, until) = watch::channel(false);
    let mut writers = JoinSet::new();
    for number in 0..WRITERS {
        writers.spawn(write(api.clone(), number, until.clone()));
    }
    let mut readers = JoinSet::new();
    for _ in 0..READERS {
        readers.spawn(read(api.clone(), until.clone()));
    }
    let portal = &world.portal;
    until_there_are(portal, WRITES).await;

    postgres.stop();
    is_told(&server.url, &api, &key).await;
    postgres.start_again().unwrap();
    until_ready(&server.url).await;
    let there = sent(portal).await;
    until_there_are(portal, there + WRITES).await;
    stop.send(true).unwrap();
    let written = writers.join_all().await.concat();
    let times_away: usize = readers.join_all().await.into_iter().sum();

    let intents = number(&postgres.url(), INTENTS).await;
    let there = sent(portal).await;
    let told = written.iter().filter(|one| one.times_away > 0).count();
    eprintln!(
        "{} keys, {told} of them told that the database is away, {} done; {intents} intents, {there} requests; reads were told {times_away} times",
        written.len(),
        written.iter().filter(|one| one.is_done).count(),
    );
    assert!(told > 0, "nobody wrote while it was away");
    assert!(there <= usize::try_from(intents).unwrap());
    each_is_there_once(portal, &application, &written).await;
    let log = server.owner().get("/activity/verification").await;
    assert_eq!(log["faults"], json!([]), "{log}");
    let report = api
        .post(&format!("/connections/{AS_APPLICATION}/test"), &json!({}))
        .await;
    assert_eq!(report["ok"], true, "{report}");
    drop(server);
}

/// Drafts, one after the other, each until it has an end.
async fn write(api: Api, writer: usize, until: watch::Receiver<bool>) -> Vec<Written> {
    let mut written = Vec::new();
    while !*until.borrow() {
        let key = format!("writer-{writer}-{}", written.len());
        written.push(write_one(&api, key).await);
        sleep(PAUSE).await;
    }
    written
}

async fn write_one(api: &Api, key: String) -> Written {
    let path = operation_path(AS_APPLICATION, DRAFTS);
    let mut draft = message(&key);
    draft["mailbox"] = json!(BEN);
    let mut written = Written {
        key,
        is_done: false,
        times_away: 0,
    };
    let mut looks = 0;
    loop {
        let reply = api.send(Method::POST, &path, &draft, Some(&written.key));
        let reply = reply.await.unwrap();
        match (reply.status, reply.code()) {
            (201, _) => {
                written.is_done = true;
                return written;
            }
            // Repeated, it is looked for, and found once that can be recorded.
            (409, "uncertain") if looks < MOST_LOOKS => looks += 1,
            (409, "uncertain") => return written,
            (409, "idempotency_in_progress") => {}
            _ => {
                is_away(&reply);
                written.times_away += 1;
            }
        }
        sleep(PAUSE).await;
    }
}

/// How often it was told that the database is away.
async fn read(api: Api, until: watch::Receiver<bool>) -> usize {
    let path = operation_path(AS_APPLICATION, "outlook.messages.list");
    let input = json!({ "mailbox": BEN, "top": 1, "select": ["id"] });
    let mut times = 0;
    while !*until.borrow() {
        let reply = api.send(Method::POST, &path, &input, None).await.unwrap();
        if reply.status != 200 {
            is_away(&reply);
            times += 1;
        }
        sleep(PAUSE).await;
    }
    times
}

fn is_away(reply: &Reply) {
    let told = (reply.status, reply.code());
    assert_eq!(told, (503, "database_unavailable"), "{}", reply.body);
    assert!(reply.headers.contains_key("retry-after"));
    assert!(reply.body["next_step"].is_string(), "{}", reply.body);
}

/// To probes, to callers and on the command line.
async fn is_told(url: &str, api: &Api, key: &str) {
    let (alive, ready) = (probe(url, "healthz").await, probe(url, "readyz").await);
    assert_eq!((alive, ready), (200, 503));
    let reply = api.send(Method::GET, "/connections", &Value::Null, None);
    is_away(&reply.await.unwrap());
    let outcome = Command::new(env!("CARGO_BIN_EXE_consentry"))
        .args(["connections", "list"])
        .env_clear()
        .env("CONSENTRY_URL", url)
        .env("CONSENTRY_API_KEY", key)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8(outcome.stderr).unwrap();
    assert_eq!(outcome.status.code(), Some(6), "{said}");
    let mut lines = said.lines();
    assert_eq!(
        lines.next(),
        Some("error: the database does not answer, or takes no changes (database_unavailable)")
    );
    let hint = lines.next().unwrap();
    assert!(hint.starts_with("hint: try again in a moment"), "{hint}");
    assert_eq!(lines.next(), None);
}

async fn probe(url: &str, path: &str) -> u16 {
    let http = reqwest::Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .build()
        .unwrap();
    let asked = http.get(format!("{url}/{path}")).send().await;
    asked.unwrap().status().as_u16()
}

async fn until_ready(url: &str) {
    let since = Instant::now();
    while probe(url, "readyz").await != 200 {
        assert!(since.elapsed() < PATIENCE, "it does not become ready");
        sleep(PAUSE).await;
    }
}

/// Drafts that the sandbox was asked to make.
async fn sent(portal: &Portal) -> usize {
    let path = "requests?method=POST&path_contains=/messages";
    let asked = portal.control(Method::GET, path, &Value::Null).await;
    asked.as_array().unwrap().len()
}

async fn until_there_are(portal: &Portal, many: usize) {
    let since = Instant::now();
    while sent(portal).await < many {
        assert!(since.elapsed() < PATIENCE, "nothing is written");
        sleep(PAUSE).await;
    }
}

/// What was answered as done happened once; what is uncertain, at most once.
async fn each_is_there_once(portal: &Portal, application: &Application, written: &[Written]) {
    let token = portal.token(application).await;
    let path = format!("/users/{BEN}/mailFolders/drafts/messages?$select=subject&$top=500");
    let drafts = portal.items(&token, &path).await;
    for one in written {
        let times = drafts.iter().filter(|draft| draft["subject"] == *one.key);
        let times = times.count();
        if one.is_done {
            assert_eq!(times, 1, "`{}` was answered as done", one.key);
        } else {
            assert!(times <= 1, "`{}` happened {times} times", one.key);
        }
    }
}

async fn number(url: &str, query: &'static str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.fetch_one(query).await.unwrap().get(0)
}
