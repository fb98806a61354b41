//! A database of a test's own on the server that `TEST_DATABASE_URL` names.

use sqlx::{Connection, Executor, PgConnection, Row};
use tempfile::TempDir;
use url::Url;

use crate::environment;

pub(crate) struct Database {
    server: String,
    name: String,
}

impl Database {
    /// `None`, said aloud, when there is no server.
    pub(crate) async fn new() -> Option<Self> {
        let server = environment::database_url()?;
        // A name that nobody else has, without asking for randomness.
        let folder = TempDir::new().unwrap();
        let unique = folder
            .path()
            .file_name()
            .unwrap()
            .to_string_lossy()
            .to_lowercase();
        let name: String = unique.chars().filter(char::is_ascii_alphanumeric).collect();
        let database = Self {
            server,
            name: format!("system_{name}_{}", std::process::id()),
        };
        database
            .run(&format!("CREATE DATABASE {}", database.name))
            .await;
        Some(database)
    }

    pub(crate) fn url(&self) -> String {
        let mut url: Url = self.server.parse().unwrap();
        url.set_path(&self.name);
        url.into()
    }

    /// Everybody who connects from now on runs by a clock that [`step_clock`](Self::step_clock) sets.
    pub(crate) async fn with_a_clock_of_its_own(&self) {
        self.step_clock(0).await;
        let before_the_servers_own = format!(
            "ALTER DATABASE {} SET search_path = public, pg_catalog",
            self.name
        );
        self.run(&before_the_servers_own).await;
    }

    /// Sets that clock so many seconds off the server's.
    pub(crate) async fn step_clock(&self, seconds: i64) {
        let clock = format!(
            "CREATE OR REPLACE FUNCTION public.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS 'SELECT pg_catalog.clock_timestamp() + make_interval(secs => {seconds})'"
        );
        self.change(&clock).await;
    }

    /// Where the server keeps its files, if they are on this machine.
    pub(crate) async fn files(&self) -> String {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        // So that everything is in files.
        connection.execute("CHECKPOINT").await.unwrap();
        let row = connection.fetch_one("SHOW data_directory").await.unwrap();
        row.get(0)
    }

    /// Removes it, and whoever is still connected with it.
    pub(crate) async fn remove(self) {
        self.run(&format!("DROP DATABASE {} WITH (FORCE)", self.name))
            .await;
    }

    /// Changes rows of it behind everybody's back.
    pub(crate) async fn change(&self, statement: &str) {
        let mut connection = PgConnection::connect(&self.url()).await.unwrap();
        connection.execute(statement).await.unwrap();
    }

    /// The one number that a query answers.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        let mut connection = PgConnection::connect(&self.url()).await.unwrap();
        connection.fetch_one(query).await.unwrap().get(0)
    }

    async fn run(&self, statement: &str) {
        let mut connection = PgConnection::connect(&self.server).await.unwrap();
        connection.execute(statement).await.unwrap();
    }
}
