//! The databases that a promise is tried on.

use std::path::PathBuf;

use model::{SystemRandom, random_token};
use store::Store;
use tempfile::TempDir;

use crate::world::World;

/// A schema of its own on the server that `TEST_DATABASE_URL` names, gone when closed.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    /// `None`, said aloud, when there is no server to try.
    pub(crate) async fn new() -> Option<Self> {
        let server = server()?;
        let name = format!("test_{}", &random_token(&SystemRandom)[..16]);
        let schema = Self { server, name };
        schema.run("CREATE SCHEMA").await;
        Some(schema)
    }

    pub(crate) fn url(&self) -> String {
        let separator = if self.server.contains('?') { '&' } else { '?' };
        format!(
            "{}{separator}options[search_path]={}",
            self.server, self.name
        )
    }

    /// The same for whoever is to run by a clock of the schema's own, which [`step_clock`](Self::step_clock) sets.
    pub(crate) fn url_with_clock(&self) -> String {
        format!("{},pg_catalog", self.url())
    }

    /// Sets the clock so many seconds off the server's.
    pub(crate) async fn step_clock(&self, seconds: i64) {
        let clock = format!(
            "CREATE OR REPLACE FUNCTION {}.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS 'SELECT pg_catalog.clock_timestamp() + make_interval(secs => {seconds})'",
            self.name
        );
        self.execute(&clock).await;
    }

    pub(crate) async fn close(self) {
        self.run("DROP SCHEMA").await;
    }

    async fn run(&self, verb: &str) {
        let suffix = if verb.starts_with("DROP") {
            " CASCADE"
        } else {
            ""
        };
        self.execute(&format!("{verb} {}{suffix}", self.name)).await;
    }

    async fn execute(&self, statement: &str) {
        use sqlx::{Connection, Executor, PgConnection};
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        connection.execute(statement).await.unwrap();
        connection.close().await.unwrap();
    }
}

/// The server that may be used. `None`, said aloud, when there is none.
#[expect(
    clippy::disallowed_methods,
    reason = "whoever runs the tests says which server they may use"
)]
pub(crate) fn server() -> Option<String> {
    let server = std::env::var("TEST_DATABASE_URL").ok();
    if server.is_none() {
        eprintln!("`TEST_DATABASE_URL` is not set: PostgreSQL is left out");
    }
    server
}

/// A SQLite file in a folder that is gone when dropped.
pub(crate) fn file() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("consentry.db");
    (folder, file)
}

/// Tries a promise on each database, one after the other, each fresh.
#[expect(clippy::future_not_send, reason = "a test awaits it where it stands")]
pub(crate) async fn on_every_database(promise: impl AsyncFn(World)) {
    eprintln!("on SQLite in memory");
    promise(World::new(Store::in_memory().await.unwrap())).await;
    on_shared_databases(promise).await;
}

/// Only on those where several transactions are open at a time.
pub(crate) async fn on_shared_databases(promise: impl AsyncFn(World)) {
    eprintln!("on a SQLite file");
    let (_folder, file) = file();
    let store = Store::open(&file).await.unwrap();
    promise(World::new(store.clone())).await;
    store.close().await;

    if let Some(schema) = Schema::new().await {
        eprintln!("on PostgreSQL");
        let store = Store::connect(&schema.url()).await.unwrap();
        promise(World::new(store.clone())).await;
        store.close().await;
        schema.close().await;
    }
}
