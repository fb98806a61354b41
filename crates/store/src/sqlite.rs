//! SQLite: one file, one process, one writer at a time.

mod dialect;
mod error;
mod row;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection, SqlitePool};

use crate::Result;
use crate::begin::Beginnings;
use crate::store::{Backend, DatabaseStatus, Transaction};
use crate::transaction::Tx;
use dialect::SqliteDialect;
use error::{sorted, sorted_in_writing};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// Reading never waits for the writer in WAL mode; each reader is a thread and a page cache.
const READERS: u32 = 4;
/// Longest wait for the writer's turn, or for a reader.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);
/// In memory, waiting is nearly forever: tests stop tokio's clock, which then leaps to this timer whenever it finds
/// the runtime idle, and that is while SQLite's own thread works.
const ACQUIRE_TIMEOUT_IN_MEMORY: Duration = Duration::from_hours(1);
/// Another program may look into the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

pub(crate) struct Sqlite {
    writer: SqlitePool,
    reader: SqlitePool,
    beginnings: Beginnings,
}

impl Sqlite {
    pub(crate) async fn open(file: &Path) -> Result<Self> {
        let options = options()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal);
        let writer = pool(1, ACQUIRE_TIMEOUT)
            .connect_with(options.clone())
            .await
            .map_err(sorted)?;
        MIGRATOR.run(&writer).await?;
        let reader = pool(READERS, ACQUIRE_TIMEOUT).connect_lazy_with(options);
        Ok(Self {
            writer,
            reader,
            beginnings: Beginnings::default(),
        })
    }

    /// One connection for everything: each connection to memory would be a database of its own, and SQLite's shared
    /// cache makes readers and the writer fail on each other. So a task that opens a second transaction before it
    /// ends the first waits for itself.
    pub(crate) async fn in_memory() -> Result<Self> {
        let writer = pool(1, ACQUIRE_TIMEOUT_IN_MEMORY)
            .connect_with(options().in_memory(true))
            .await
            .map_err(sorted)?;
        MIGRATOR.run(&writer).await?;
        Ok(Self {
            reader: writer.clone(),
            writer,
            beginnings: Beginnings::default(),
        })
    }
}

/// `synchronous=FULL`: a commit is on the disk when it returns, power loss included, since an intent must be known
/// before its write leaves. Surviving `kill -9` alone would need less. Group commit pays for it.
///
/// `secure_delete`: a data key that was removed is overwritten, not only unlinked.
fn options() -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .foreign_keys(true)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("secure_delete", "on")
        .pragma("journal_size_limit", "67108864")
}

/// Connections are kept for ever: a file does not go away, and memory would. But for one that believes to be in a transaction
/// still: SQLite rolled it back itself, when the disk was full or failed, and it would never begin another one.
fn pool(connections: u32, acquire_timeout: Duration) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| {
            Box::pin(async move { Ok(!connection.is_in_transaction()) })
        })
}

#[async_trait]
impl Backend for Sqlite {
    async fn begin_read(&self) -> Result<Box<dyn Transaction>> {
        let begin = "BEGIN; PRAGMA query_only = ON";
        let transaction = self.beginnings.begin(&self.reader, begin).await;
        let transaction = transaction.map_err(sorted)?;
        Ok(Box::new(Tx::new(SqliteDialect::reading(transaction))))
    }

    async fn begin_write(&self) -> Result<Box<dyn Transaction>> {
        let begin = "PRAGMA query_only = OFF; BEGIN IMMEDIATE";
        let transaction = self.beginnings.begin(&self.writer, begin).await;
        let transaction = transaction.map_err(sorted_in_writing)?;
        Ok(Box::new(Tx::new(SqliteDialect::writing(transaction))))
    }

    async fn close(&self) {
        self.beginnings.close().await;
        self.reader.close().await;
        self.writer.close().await;
    }

    async fn status(&self) -> Result<DatabaseStatus> {
        let select =
            "SELECT sqlite_version(), (SELECT count(*) FROM _sqlx_migrations WHERE success)";
        let (version, migrations_applied) = sqlx::query_as(select)
            .fetch_one(&self.reader)
            .await
            .map_err(sorted)?;
        Ok(DatabaseStatus {
            backend: self.name(),
            version,
            migrations_applied,
            migrations_known: i64::try_from(MIGRATOR.iter().count()).unwrap_or(i64::MAX),
            connections_open: self.writer.size() + self.reader.size(),
            connections_idle: self.writer.num_idle() + self.reader.num_idle(),
            connections_most: 1 + READERS,
        })
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }
}
