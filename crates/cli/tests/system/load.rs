//! What proves and what seals, replaced one after the other while callers go on: no call fails.
//!
//! How many calls each replacement must outlive, says `TEST_ROTATION_CALLS`; how many are begun a second at most, `TEST_ROTATION_RATE`.
//! That 200 a second are held, on release builds, is a figure: `cargo xtask bench --rotation`.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_util::sync::CancellationToken;

use crate::api::{Api, operation_path};
use crate::database::Database;
use crate::environment;
use crate::portal::{Application, Portal};
use crate::server::Server;
use crate::world::{AS_APPLICATION, MAILBOXES, World, connect_application, key};

/// Calls that each replacement outlives.
const CALLS: u64 = 100;
/// Calls a second.
const RATE: u64 = 200;
const CALLERS: u32 = 16;
const PATIENCE: Duration = Duration::from_mins(2);
const PAUSE: Duration = Duration::from_millis(20);
/// Tokens are over after this, so that each proof is shown and each seal opened again and again.
const TOKEN_SECS: u32 = 4;
const ANOTHER_KEY: &str = "next:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=\n";

#[derive(Default)]
struct Count {
    good: AtomicU64,
    bad: AtomicU64,
    first_failure: Mutex<Option<String>>,
}

impl Count {
    async fn call(&self, api: &Api, mailbox: &str) {
        let path = operation_path(AS_APPLICATION, "outlook.messages.list");
        let input = json!({ "mailbox": mailbox, "top": 1, "select": ["id"] });
        let failure = match api.send(Method::POST, &path, &input, None).await {
            Ok(reply) if reply.status == 200 => {
                self.good.fetch_add(1, Ordering::SeqCst);
                return;
            }
            Ok(reply) => format!("{}: {}", reply.status, reply.body),
            Err(error) => error.to_string(),
        };
        self.bad.fetch_add(1, Ordering::SeqCst);
        self.first_failure.lock().unwrap().get_or_insert(failure);
    }

    fn all(&self) -> u64 {
        self.good.load(Ordering::SeqCst) + self.bad.load(Ordering::SeqCst)
    }
}

async fn call_on(
    api: Api,
    mailbox: String,
    count: Arc<Count>,
    every: Duration,
    stop: CancellationToken,
) {
    let mut turns = interval(every);
    turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while !stop.is_cancelled() {
        turns.tick().await;
        count.call(&api, &mailbox).await;
    }
}

/// Servers that share a database, and callers of all of them.
struct Scene {
    world: World,
    servers: Vec<Server>,
    api: Api,
    key: String,
    application: Application,
    registration: String,
    count: Arc<Count>,
    calls: u64,
}

impl Scene {
    async fn new(servers: Vec<Server>, world: World) -> Self {
        let (_, key) = key(&servers[0], "callers").await;
        let api = servers[0].with_key(&key);
        let (application, registration) = world.application(&servers[0], &api).await;
        connect_application(&api, &registration).await;
        world.portal.set_access_token_lifetime(TOKEN_SECS).await;
        Self {
            world,
            servers,
            api,
            key,
            application,
            registration,
            count: Arc::default(),
            calls: environment::number("TEST_ROTATION_CALLS", CALLS),
        }
    }

    fn portal(&self) -> &Portal {
        &self.world.portal
    }

    fn callers(&self, stop: &CancellationToken) -> JoinSet<()> {
        let rate = u32::try_from(environment::number("TEST_ROTATION_RATE", RATE)).unwrap();
        let every = Duration::from_secs(CALLERS.into()) / rate;
        let mut callers = JoinSet::new();
        let mailboxes = MAILBOXES.iter().cycle();
        let servers = self.servers.iter().cycle();
        for ((_, server), mailbox) in (0..CALLERS).zip(servers).zip(mailboxes) {
            let (api, mailbox) = (server.with_key(&self.key), format!("{mailbox}@contoso.com"));
            let count = Arc::clone(&self.count);
            callers.spawn(call_on(api, mailbox, count, every, stop.clone()));
        }
        callers
    }

    /// Waits until so many more calls were answered and tokens were got anew.
    async fn outlive(&self) {
        self.portal().forget_requests().await;
        let wanted = self.count.all() + self.calls;
        let since = Instant::now();
        while self.count.all() < wanted || self.portal().token_requests().await == 0 {
            assert!(
                since.elapsed() < PATIENCE,
                "calls are not answered any more"
            );
            sleep(PAUSE).await;
        }
    }

    async fn replace_everything(&self, keyring: PathBuf) {
        self.outlive().await;
        let connection = format!("/connections/{AS_APPLICATION}");
        let app = format!("/app-registrations/{}", self.registration);
        self.replace_secret(&connection).await;
        self.replace_by_certificate(&app).await;
        self.roll_certificate(&app).await;
        for owner in [&connection, &app] {
            self.api
                .post(&format!("{owner}/data-key/rotate"), &Value::Null)
                .await;
            self.outlive().await;
        }
        self.replace_master_key(keyring).await;
    }

    async fn replace_secret(&self, connection: &str) {
        let secret = self.portal().add_secret(&self.application.client_id).await;
        let new = json!({ "client_secret": secret });
        self.api.post(&format!("{connection}/rotate"), &new).await;
        self.outlive().await;
    }

    /// Once the certificate is in use the secrets are worth nothing.
    async fn replace_by_certificate(&self, app: &str) {
        let new = json!({ "generate_certificate_days": 90 });
        let proof = self.api.post(&format!("{app}/proofs"), &new).await;
        let public = proof["details"]["certificate"].as_str().unwrap();
        let client_id = &self.application.client_id;
        self.portal().add_certificate(client_id, public).await;
        let verify = format!("{app}/proofs/{}/verify", proof["id"].as_str().unwrap());
        self.api.post(&verify, &Value::Null).await;
        self.portal().expire_secrets(client_id).await;
        self.outlive().await;
    }

    /// By the application itself. The second time, the first one is removed at Microsoft.
    async fn roll_certificate(&self, app: &str) {
        for _ in 0..2 {
            let rotate = format!("{app}/rotate");
            let proof = self.api.post(&rotate, &json!({})).await;
            assert_eq!(proof["kind"], "certificate", "{proof}");
            self.outlive().await;
        }
    }

    /// In the documented order: known everywhere, then first everywhere, then the old one goes.
    async fn replace_master_key(&self, keyring: PathBuf) {
        let old = fs::read_to_string(&keyring).unwrap();
        for (text, current) in [
            (
                format!("{old}{ANOTHER_KEY}"),
                old.split(':').next().unwrap(),
            ),
            (format!("{ANOTHER_KEY}{old}"), "next"),
        ] {
            fs::write(&keyring, text).unwrap();
            let done = self.rewrap().await;
            assert_eq!(done["current"], current, "{done}");
            if current == "next" {
                assert!(done["rewrapped"].as_u64().unwrap() >= 2, "{done}");
                assert_eq!(done["still_needed"], json!([]), "{done}");
            }
            self.outlive().await;
        }
        fs::write(&keyring, ANOTHER_KEY).unwrap();
        let done = self.rewrap().await;
        assert_eq!(done["removable"], json!([]), "{done}");
        self.outlive().await;
    }

    async fn rewrap(&self) -> Value {
        let owner = self.servers[0].owner();
        owner.post("/master-key/rewrap", &Value::Null).await
    }

    async fn run(&self, keyring: PathBuf) {
        let stop = CancellationToken::new();
        let callers = self.callers(&stop);
        let since = Instant::now();
        self.replace_everything(keyring).await;
        let seconds = since.elapsed().as_secs_f64();
        stop.cancel();
        callers.join_all().await;
        let good = self.count.good.load(Ordering::SeqCst);
        let bad = self.count.bad.load(Ordering::SeqCst);
        #[expect(clippy::cast_precision_loss, reason = "for people")]
        let rate = good as f64 / seconds;
        let servers = self.servers.len();
        eprintln!("{servers} server(s): {good} calls answered, {rate:.0} a second, {bad} failed");
        assert_eq!(bad, 0, "{:?}", self.count.first_failure.lock().unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn secret_certificate_data_keys_and_master_key_are_replaced_and_no_call_fails() {
    let world = World::new().await;
    let setup = world.setup("server", None, "info");
    let keyring = setup.data.join("master.key");
    let server = setup.start().await;
    Scene::new(vec![server], world).await.run(keyring).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_is_replaced_under_two_replicas_and_no_call_fails() {
    let Some(database) = Database::new().await else {
        return;
    };
    let world = World::new().await;
    let mut servers = Vec::new();
    let mut keyring = PathBuf::new();
    for name in ["replica-0", "replica-1"] {
        let setup = world.setup(name, Some(database.url()), "info");
        keyring = setup.data.parent().unwrap().join("shared.key");
        servers.push(setup.start().await);
    }
    let scene = Scene::new(servers, world).await;
    scene.run(keyring).await;
    drop(scene);
    database.remove().await;
}
