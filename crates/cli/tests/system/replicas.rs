//! Several servers on one database are one product.

use std::process::Command;
use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::task::JoinSet;
use tokio::time::sleep;

use crate::api::{Api, operation_path};
use crate::database::Database;
use crate::server::Server;
use crate::world::{AS_APPLICATION, BEN, MAILBOXES, World, connect_application, key};

const REPLICAS: usize = 3;
const CALLERS: usize = 1000;
/// Files that may be open: a socket for each caller here, and for each call at the sandbox.
const OPEN_FILES: usize = 8192;
/// Entra as slow as it is at times, so that all callers come while the one request is under way.
const SLOW: Duration = Duration::from_secs(1);
/// What a token lives that is to be over soon.
const SECONDS: u32 = 2;
const AN_HOUR: u32 = 3600;

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_with_an_expired_token_cost_one_request_for_a_token() {
    let Some(database) = Database::new().await else {
        return;
    };
    allow_many_open_files();
    let world = World::new().await;
    let servers = replicas(&world, &database).await;
    let apis = apis(&servers).await;
    let (_, registration) = world.application(&servers[0], &apis[0]).await;
    world.portal.set_access_token_lifetime(SECONDS).await;
    connect_application(&apis[0], &registration).await;
    for api in &apis {
        read(api).await;
    }
    // The servers go by the clock of the machine, which nobody can move.
    sleep(Duration::from_secs(SECONDS.into())).await;

    world.portal.set_access_token_lifetime(AN_HOUR).await;
    world.portal.slow_tokens(SLOW, 1).await;
    world.portal.forget_requests().await;
    read_at_once(&apis).await;
    assert_eq!(
        world.portal.token_requests().await,
        1,
        "when the servers know that it is over"
    );

    world
        .portal
        .advance(Duration::from_secs(2 * u64::from(AN_HOUR)))
        .await;
    world.portal.slow_tokens(SLOW, 1).await;
    world.portal.forget_requests().await;
    read_at_once(&apis).await;
    assert_eq!(
        world.portal.token_requests().await,
        1,
        "when only Microsoft knows"
    );
    drop(servers);
    database.remove().await;
}

/// Servers on one database, started at once.
pub(crate) async fn replicas(world: &World, database: &Database) -> Vec<Server> {
    // The first one makes the workspace.
    let mut servers = vec![
        world
            .setup("replica-0", Some(database.url()), "info")
            .start()
            .await,
    ];
    for number in 1..REPLICAS {
        let setup = world.setup(&format!("replica-{number}"), Some(database.url()), "info");
        servers.push(setup.start().await);
    }
    servers
}

/// A client of each, all with one key.
async fn apis(servers: &[Server]) -> Vec<Api> {
    let (_, key) = key(&servers[0], "callers").await;
    servers.iter().map(|server| server.with_key(&key)).collect()
}

async fn read(api: &Api) {
    let input = json!({ "mailbox": BEN, "top": 1 });
    api.run(AS_APPLICATION, "outlook.messages.list", &input)
        .await;
}

async fn read_at_once(apis: &[Api]) {
    let mut callers = JoinSet::new();
    for (number, api) in apis.iter().cycle().take(CALLERS).enumerate() {
        let api = api.clone();
        let mailbox = format!("{}@contoso.com", MAILBOXES[number % MAILBOXES.len()]);
        callers.spawn(async move {
            let path = operation_path(AS_APPLICATION, "outlook.messages.list");
            let input = json!({ "mailbox": mailbox, "top": 1, "select": ["id"] });
            api.send(Method::POST, &path, &input, None).await.unwrap()
        });
    }
    let replies = callers.join_all().await;
    assert_eq!(replies.len(), CALLERS);
    let refused = replies.iter().find(|reply| reply.status != 200);
    assert!(
        refused.is_none(),
        "{:?}",
        refused.map(|reply| (reply.status, &reply.body))
    );
}

/// Raises the limit of this process, which those that it starts inherit.
fn allow_many_open_files() {
    let raised = Command::new("prlimit")
        .arg(format!("--pid={}", std::process::id()))
        .arg(format!("--nofile={OPEN_FILES}:"))
        .status();
    if !raised.is_ok_and(|status| status.success()) {
        eprintln!("the limit of open files stays as it is");
    }
}
