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
