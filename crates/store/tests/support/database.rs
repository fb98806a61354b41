//! The database that a run of the tests is about: SQLite in memory, or, where `TEST_STORE` says `postgres`, one of the test's own on
//! the PostgreSQL server that `TEST_DATABASE_URL` names. `cargo xtask test` runs the suites that take theirs from here on both.
//!
//! On PostgreSQL it is a copy of a template, which the first test on a server brings up to date for all of them.

use std::fs;
use std::path::Path;

use model::{SystemRandom, random_token, sha256};
use sqlx::{Connection, Executor, PgConnection};
use store::Store;
use url::Url;

/// Tests that start together make the template once: the number is nobody else's.
const TURN: &str = "SELECT pg_advisory_lock(4170265)";

/// One on a PostgreSQL server; it stays there until it is removed.
pub(crate) struct Database {
    server: Url,
    name: String,
}

/// A database that nobody else uses, and what to remove in the end.
pub(crate) async fn fresh() -> (Store, Option<Database>) {
    match variable("TEST_STORE").as_deref() {
        None | Some("sqlite") => (Store::in_memory().await.unwrap(), None),
        Some("postgres") => {
            let database = Database::new().await;
            let store = Store::connect(database.url().as_str()).await.unwrap();
            (store, Some(database))
        }
        Some(other) => panic!("`TEST_STORE` is `{other}`, and neither `sqlite` nor `postgres`"),
    }
}

impl Database {
    pub(crate) async fn new() -> Self {
        let server = variable("TEST_DATABASE_URL").expect("`TEST_DATABASE_URL` names a server");
        let server: Url = server.parse().unwrap();
        let mut connection = PgConnection::connect(server.as_str()).await.unwrap();
        let template = template(&server, &mut connection).await;
        let name = format!("test_{}", &random_token(&SystemRandom)[..16]);
        // The data are nobody's: a copy of files costs less than a copy by the log.
        let copy = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
        connection.execute(copy.as_str()).await.unwrap();
        connection.close().await.unwrap();
        Self { server, name }
    }

    pub(crate) fn url(&self) -> Url {
        at(&self.server, &self.name)
    }

    /// Removes it, and whoever is still connected with it. That two transactions waited for each other is a fault even where both
    /// were done in the end: somebody takes locks in an order of their own.
    pub(crate) async fn remove(self) {
        let met = self.deadlocks().await;
        self.drop().await;
        assert_eq!(met, 0, "transactions waited for each other");
    }

    /// Whether a transaction waits for what another one holds.
    pub(crate) async fn has_waiter(&self) -> bool {
        let mut connection = PgConnection::connect(self.server.as_str()).await.unwrap();
        let find = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'";
        let find = sqlx::query_scalar(find).bind(&self.name);
        let waits = find.fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        waits
    }

    /// Counted once those who met have disconnected.
    async fn deadlocks(&self) -> i64 {
        let mut connection = PgConnection::connect(self.server.as_str()).await.unwrap();
        let count = "SELECT deadlocks FROM pg_stat_database WHERE datname = $1";
        let count = sqlx::query_scalar(count).bind(&self.name);
        let met = count.fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        met
    }

    async fn drop(self) {
        let mut connection = PgConnection::connect(self.server.as_str()).await.unwrap();
        let drop = format!("DROP DATABASE {} WITH (FORCE)", self.name);
        connection.execute(drop.as_str()).await.unwrap();
        connection.close().await.unwrap();
    }
}

/// The name of the migrated database that others are copied from.
async fn template(server: &Url, connection: &mut PgConnection) -> String {
    let name = format!("template_{}", migrations());
    if is_there(connection, &name).await {
        return name;
    }
    connection.execute(TURN).await.unwrap();
    if !is_there(connection, &name).await {
        let unfinished = format!("unfinished_{name}");
        let drop = format!("DROP DATABASE IF EXISTS {unfinished}");
        connection.execute(drop.as_str()).await.unwrap();
        let create = format!("CREATE DATABASE {unfinished}");
        connection.execute(create.as_str()).await.unwrap();
        let store = Store::connect(at(server, &unfinished).as_str()).await;
        store.unwrap().close().await;
        let rename = format!("ALTER DATABASE {unfinished} RENAME TO {name}");
        connection.execute(rename.as_str()).await.unwrap();
    }
    name
}

async fn is_there(connection: &mut PgConnection, name: &str) -> bool {
    let find = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    let found = connection.fetch_optional(find.as_str()).await.unwrap();
    found.is_some()
}

fn at(server: &Url, database: &str) -> Url {
    let mut url = server.clone();
    url.set_path(database);
    url
}

/// What tells one state of the schema from another.
fn migrations() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/migrations/postgres");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let all: Vec<u8> = files
        .iter()
        .flat_map(|file| fs::read(file).unwrap())
        .collect();
    let [a, b, c, d, ..] = sha256(&all);
    format!("{:08x}", u32::from_be_bytes([a, b, c, d]))
}

#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says on which database"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
