//! What befalls whoever holds the lease on a renewal, with processes that are really killed and stopped, and a database that is
//! really gone. Time is not waited for where the database can be told that it has passed.

use std::time::Duration;

use reqwest::Method;
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep};

use crate::api::{Api, operation_path};
use crate::browser::Browser;
use crate::database::Database;
use crate::environment;
use crate::process::Signal;
use crate::server::Server;
use crate::wire::Wire;
use crate::world::{AS_USER, World, connect_user, key};

const REPLICAS: usize = 3;
/// A change holds on every server after so long.
const A_SECOND: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_mins(1);
const PAUSE: Duration = Duration::from_millis(20);
/// How long the database is gone; `TEST_OUTAGE_SECS` says otherwise.
const OUTAGE_SECS: u64 = 30;
/// Less than a lease runs.
const SHORT_OUTAGE: Duration = Duration::from_secs(4);
/// More than a lease runs.
const LEASE_OVER: &str =
    "UPDATE access_tokens SET lease_until = lease_until - 21000000 WHERE lease_until IS NOT NULL";
const A_MINUTE_BACK: &str =
    "UPDATE access_tokens SET lease_until = lease_until + 60000000 WHERE lease_until IS NOT NULL";
const NO_TOKEN: &str = "UPDATE access_tokens SET sealed = NULL, expires_at = NULL, renew_at = NULL, version = version + 1";
const VERSION: &str = "SELECT max(version) FROM access_tokens";
const GENERATION: &str = "SELECT max(generation) FROM refresh_tokens";

/// Servers on one database, and a connection whose token is over.
struct Scene {
    world: World,
    servers: Vec<Server>,
    key: String,
}

impl Scene {
    async fn new(database_url: &str) -> Self {
        let world = World::new().await;
        let mut servers = Vec::new();
        for number in 0..REPLICAS {
            let setup = world.setup(
                &format!("replica-{number}"),
                Some(database_url.to_owned()),
                "info",
            );
            servers.push(setup.start().await);
        }
        let (_, key) = key(&servers[0], "callers").await;
        let api = servers[0].with_key(&key);
        let (_, registration) = world.application(&servers[0], &api).await;
        connect_user(&api, &registration, &mut Browser::new()).await;
        Self {
            world,
            servers,
            key,
        }
    }

    fn api(&self, replica: usize) -> Api {
        self.servers[replica].with_key(&self.key)
    }

    /// No server has a token that it would use, and none was asked for since.
    async fn expire(&self, database: &Database) {
        database.change(NO_TOKEN).await;
        // A change of the connection sends every server from its memory to the row.
        let path = format!("/connections/{AS_USER}");
        self.api(0)
            .expect(Method::PATCH, &path, &json!({ "policy": {} }))
            .await;
        sleep(A_SECOND).await;
        self.world.portal.forget_requests().await;
    }

    /// Entra takes `slow` for the first request; a caller of the first server waits for it.
    async fn holding(&self, slow: Duration) -> JoinHandle<u16> {
        self.world.portal.slow_tokens(slow, 1).await;
        let caller = calling(self.api(0));
        let since = Instant::now();
        while self.world.portal.token_requests().await == 0 {
            assert!(since.elapsed() < PATIENCE, "nobody asks for a token");
            sleep(PAUSE).await;
        }
        caller
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own caller, which is waited for"
)]
fn calling(api: Api) -> JoinHandle<u16> {
    tokio::spawn(async move { read(&api).await })
}

/// The status of a small read; zero when there was none.
async fn read(api: &Api) -> u16 {
    let path = operation_path(AS_USER, "outlook.messages.list");
    let input = json!({ "top": 1, "select": ["id"] });
    match api.send(Method::POST, &path, &input, None).await {
        Ok(reply) => reply.status,
        Err(_) => 0,
    }
}

async fn until_it_reads(api: &Api) {
    let since = Instant::now();
    loop {
        let status = read(api).await;
        if status == 200 {
            return;
        }
        assert!(since.elapsed() < PATIENCE, "it still answers {status}");
        sleep(PAUSE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_is_killed_costs_one_more_request_once_its_lease_is_over() {
    let Some(database) = Database::new().await else {
        return;
    };
    let mut scene = Scene::new(&database.url()).await;
    scene.expire(&database).await;
    let version = database.number(VERSION).await;
    let generation = database.number(GENERATION).await;
    let holder = scene.holding(Duration::from_mins(1)).await;
    let mut waiting = JoinSet::new();
    for replica in 1..REPLICAS {
        let api = scene.api(replica);
        waiting.spawn(async move { until_it_reads(&api).await });
    }
    let setup = scene.servers.remove(0).kill().await;
    assert_ne!(holder.await.unwrap(), 200);
    assert_eq!(
        scene.world.portal.token_requests().await,
        1,
        "the lease keeps the others from asking"
    );
    database.change(LEASE_OVER).await;
    waiting.join_all().await;
    assert_eq!(scene.world.portal.token_requests().await, 2);
    assert_eq!(database.number(VERSION).await, version + 1);
    assert_eq!(database.number(GENERATION).await, generation + 1);
    // Who was killed comes back and uses what there is.
    let back = setup.start().await;
    until_it_reads(&back.with_key(&scene.key)).await;
    assert_eq!(scene.world.portal.token_requests().await, 2);
    drop((back, scene));
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_holder_that_stands_still_for_longer_than_its_lease_comes_back_and_stores_nothing() {
    let Some(database) = Database::new().await else {
        return;
    };
    let scene = Scene::new(&database.url()).await;
    scene.expire(&database).await;
    let version = database.number(VERSION).await;
    let generation = database.number(GENERATION).await;
    let holder = scene.holding(Duration::from_secs(1)).await;
    scene.servers[0].process.signal(Signal::Stop).await;
    database.change(LEASE_OVER).await;
    for replica in 1..REPLICAS {
        until_it_reads(&scene.api(replica)).await;
    }
    assert_eq!(scene.world.portal.token_requests().await, 2);
    scene.servers[0].process.signal(Signal::Continue).await;
    assert_eq!(holder.await.unwrap(), 200, "it uses what the other stored");
    assert_eq!(scene.world.portal.token_requests().await, 2);
    assert_eq!(database.number(VERSION).await, version + 1);
    assert_eq!(database.number(GENERATION).await, generation + 1);

    // The database's clock steps back by a minute: the lease seems to run longer, and its holder is done all the same.
    scene.expire(&database).await;
    let holder = scene.holding(Duration::from_secs(1)).await;
    database.change(A_MINUTE_BACK).await;
    for replica in 1..REPLICAS {
        until_it_reads(&scene.api(replica)).await;
    }
    assert_eq!(holder.await.unwrap(), 200);
    assert_eq!(scene.world.portal.token_requests().await, 1);
    drop(scene);
    database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_gone_while_entra_answers_loses_no_token_and_all_recovers() {
    let outage = Duration::from_secs(environment::number("TEST_OUTAGE_SECS", OUTAGE_SECS));
    // A second one only where the lease was over before the first result was stored.
    if let Some(asked) = gone_for(outage).await {
        assert!((1..=2).contains(&asked), "{asked} requests");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_back_within_a_lease_gets_the_answer_that_waited_for_it() {
    if let Some(asked) = gone_for(SHORT_OUTAGE).await {
        assert_eq!(asked, 1, "what Entra answered meanwhile is stored");
    }
}

/// The database is gone while Entra answers the holder; how often Entra was asked until every server has a token.
async fn gone_for(outage: Duration) -> Option<usize> {
    let database = Database::new().await?;
    let wire = Wire::to(&database.url()).await;
    let scene = Scene::new(&wire.url).await;
    scene.expire(&database).await;
    let version = database.number(VERSION).await;
    let generation = database.number(GENERATION).await;
    let holder = scene.holding(Duration::from_secs(1)).await;
    wire.cut();
    sleep(outage).await;
    wire.mend();
    let mended = Instant::now();
    for replica in 0..REPLICAS {
        until_it_reads(&scene.api(replica)).await;
    }
    let recovered = mended.elapsed();
    let held = holder.await.unwrap();
    let asked = scene.world.portal.token_requests().await;
    eprintln!(
        "the database was gone for {} s: {REPLICAS} servers read again {} ms after it came back, Entra was asked {asked} \
         times, and the caller that held the lease got {held}",
        outage.as_secs(),
        recovered.as_millis()
    );
    assert_eq!(database.number(VERSION).await, version + 1);
    assert_eq!(database.number(GENERATION).await, generation + 1);
    drop(scene);
    database.remove().await;
    Some(asked)
}

/// The clock of the database itself steps, for all that runs by it: leases, heartbeats, jobs.
#[tokio::test(flavor = "multi_thread")]
async fn the_databases_clock_steps_by_a_minute_either_way_and_all_goes_on() {
    let Some(database) = Database::new().await else {
        return;
    };
    database.with_a_clock_of_its_own().await;
    let scene = Scene::new(&database.url()).await;
    for (step, most) in [(60, 2), (-60, 1)] {
        scene.expire(&database).await;
        let version = database.number(VERSION).await;
        let generation = database.number(GENERATION).await;
        let holder = scene.holding(Duration::from_secs(2)).await;
        database.step_clock(step).await;
        for replica in 1..REPLICAS {
            until_it_reads(&scene.api(replica)).await;
        }
        assert_eq!(holder.await.unwrap(), 200, "after {step} s");
        let asked = scene.world.portal.token_requests().await;
        assert!(
            (1..=most).contains(&asked),
            "{asked} requests after {step} s"
        );
        assert_eq!(database.number(VERSION).await, version + 1);
        assert_eq!(database.number(GENERATION).await, generation + 1);
        // Whoever seemed dead for a moment has not lost what it was about to write.
        for replica in 0..REPLICAS {
            let draft = json!({ "subject": format!("after {step} s, {replica}"), "body": { "contentType": "text", "content": "x" } });
            let path = operation_path(AS_USER, "outlook.drafts.create");
            let key = format!("{step}-{replica}");
            let api = scene.api(replica);
            let made = api.send(Method::POST, &path, &draft, Some(&key)).await;
            let made = made.unwrap();
            assert_eq!(made.status, 201, "{}", made.body);
        }
    }
    drop(scene);
    database.remove().await;
}
