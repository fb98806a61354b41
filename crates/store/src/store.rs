use std::fmt;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;

use crate::archive::Archive;
use crate::postgres::Postgres;
use crate::sqlite::Sqlite;
use crate::{
    Activities, AppRegistrations, Attempts, Bootstraps, Checkpoints, Connections, ConsentRequests,
    Cursors, DataKeys, Events, Idempotency, IssuerKeys, Jobs, Meta, People, Removals, Reseal,
    Result, Tokens, Writers,
};

/// A bounded part of a list: what follows `after`, at most `limit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<Id> {
    pub after: Option<Id>,
    pub limit: i64,
}

impl<Id> Page<Id> {
    pub fn first(limit: i64) -> Self {
        Self { after: None, limit }
    }
}

impl<Id: fmt::Display> Page<Id> {
    /// What every id of the page is greater than. Empty text precedes every id.
    pub(crate) fn lower_bound(&self) -> String {
        self.after.as_ref().map_or_else(String::new, Id::to_string)
    }
}

/// How the database is, for whoever looks after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseStatus {
    /// `sqlite` or `postgres`.
    pub backend: &'static str,
    pub version: String,
    /// Migrations that were applied, and those that this program knows: more were applied when a newer one ran before.
    pub migrations_applied: i64,
    pub migrations_known: i64,
    /// Connections of this process: open, unused among them, and allowed.
    pub connections_open: u32,
    pub connections_idle: usize,
    pub connections_most: u32,
}

/// All nouns on one transaction. Dropping it rolls back.
#[async_trait]
pub trait Transaction:
    People
    + DataKeys
    + Meta
    + AppRegistrations
    + IssuerKeys
    + Events
    + Jobs
    + Connections
    + Removals
    + Attempts
    + Bootstraps
    + ConsentRequests
    + Cursors
    + Tokens
    + Activities
    + Checkpoints
    + Reseal
    + Idempotency
    + Writers
    + Archive
    + Send
{
    async fn commit(self: Box<Self>) -> Result<()>;
}

#[async_trait]
pub(crate) trait Backend: Send + Sync {
    async fn begin_read(&self) -> Result<Box<dyn Transaction>>;
    async fn begin_write(&self) -> Result<Box<dyn Transaction>>;
    async fn close(&self);
    async fn status(&self) -> Result<DatabaseStatus>;
    fn name(&self) -> &'static str;
}

/// The database, migrated and ready. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    backend: Arc<dyn Backend>,
}

impl Store {
    /// Opens or makes the file, in WAL mode. One process at a time: the caller holds the data directory's lock.
    pub async fn open(file: &Path) -> Result<Self> {
        Ok(Self {
            backend: Arc::new(Sqlite::open(file).await?),
        })
    }

    /// A fresh database that is gone when dropped: for tests and for trying things out. It has one connection, so a
    /// task that opens a transaction while it holds another waits for itself.
    pub async fn in_memory() -> Result<Self> {
        Ok(Self {
            backend: Arc::new(Sqlite::in_memory().await?),
        })
    }

    /// Connects to `postgres://…`. Any number of processes may.
    pub async fn connect(url: &str) -> Result<Self> {
        Ok(Self {
            backend: Arc::new(Postgres::connect(url).await?),
        })
    }

    /// For reading only; sees one state of the database.
    pub async fn read(&self) -> Result<Box<dyn Transaction>> {
        self.backend.begin_read().await
    }

    /// For reading and writing; on SQLite the only writer from here on.
    pub async fn write(&self) -> Result<Box<dyn Transaction>> {
        self.backend.begin_write().await
    }

    /// Waits for what is under way and closes every connection.
    pub async fn close(&self) {
        self.backend.close().await;
    }

    /// Asks the database about itself.
    pub async fn status(&self) -> Result<DatabaseStatus> {
        self.backend.status().await
    }

    /// `sqlite` or `postgres`.
    pub fn backend(&self) -> &'static str {
        self.backend.name()
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("backend", &self.backend.name())
            .finish()
    }
}
