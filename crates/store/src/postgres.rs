//! PostgreSQL: any number of processes on one database.

mod dialect;
mod error;
mod row;

use std::time::Duration;

use async_trait::async_trait;
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgPool};
use tokio::time::timeout;

use crate::begin::{Beginnings, unreached};
use crate::store::{Backend, DatabaseStatus, Transaction};
use crate::transaction::Tx;
use crate::{Error, Result};
use dialect::PgDialect;
use error::{sorted, sorted_in_writing};

static MIGRATOR: Migrator = sqlx::migrate!("migrations/postgres");

/// Ten replicas fit into the hundred connections that a server allows by default.
const CONNECTIONS: u32 = 10;
/// Longest wait for a connection, the time to make it included.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest statement, longest wait for another transaction's row, and longest silence inside a transaction: a
/// process that hangs must not hold the others.
const TIMEOUTS: [(&str, &str); 3] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
];

pub(crate) struct Postgres {
    pool: PgPool,
    beginnings: Beginnings,
}

impl Postgres {
    pub(crate) async fn connect(url: &str) -> Result<Self> {
        let options: PgConnectOptions = url.parse().map_err(sorted)?;
        let options = options.application_name("consentry");
        migrate(&options).await?;
        let pool = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_lazy_with(options.options(TIMEOUTS));
        Ok(Self {
            pool,
            beginnings: Beginnings::default(),
        })
    }
}

/// On a connection without timeouts: the migrator takes an advisory lock, so that processes which start together
/// wait for the first of them.
async fn migrate(options: &PgConnectOptions) -> Result<()> {
    let mut connection = timeout(ACQUIRE_TIMEOUT, options.connect())
        .await
        .map_err(|_| Error::Unavailable(sqlx::Error::PoolTimedOut))?
        .map_err(|error| sorted(unreached(error)))?;
    MIGRATOR.run_direct(&mut connection).await?;
    connection.close().await.map_err(sorted)
}

#[async_trait]
impl Backend for Postgres {
    async fn begin_read(&self) -> Result<Box<dyn Transaction>> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        let transaction = self.beginnings.begin(&self.pool, begin).await;
        let transaction = transaction.map_err(sorted)?;
        Ok(Box::new(Tx::new(PgDialect::reading(transaction))))
    }

    async fn begin_write(&self) -> Result<Box<dyn Transaction>> {
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED";
        let transaction = self.beginnings.begin(&self.pool, begin).await;
        let transaction = transaction.map_err(sorted_in_writing)?;
        Ok(Box::new(Tx::new(PgDialect::writing(transaction))))
    }

    async fn close(&self) {
        self.beginnings.close().await;
        self.pool.close().await;
    }

    async fn status(&self) -> Result<DatabaseStatus> {
        let select = "SELECT current_setting('server_version'), (SELECT count(*) FROM _sqlx_migrations WHERE success)";
        let (version, migrations_applied) = sqlx::query_as(select)
            .fetch_one(&self.pool)
            .await
            .map_err(sorted)?;
        Ok(DatabaseStatus {
            backend: self.name(),
            version,
            migrations_applied,
            migrations_known: i64::try_from(MIGRATOR.iter().count()).unwrap_or(i64::MAX),
            connections_open: self.pool.size(),
            connections_idle: self.pool.num_idle(),
            connections_most: CONNECTIONS,
        })
    }

    fn name(&self) -> &'static str {
        "postgres"
    }
}
