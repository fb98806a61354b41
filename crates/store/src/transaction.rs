use std::future::Future;

use async_trait::async_trait;
use futures_util::stream::BoxStream;

use crate::row::Row;
use crate::sql::Inserts;
use crate::statement::{Statement, statement};
use crate::store::Transaction;
use crate::{Error, Result};

/// A transaction of one backend: how it runs a statement, and the few places where its SQL differs. Everything
/// above is written once, in `sql`.
pub(crate) trait Dialect: Send + 'static {
    type Row: Row + Send;

    /// The database's own clock at the moment the expression is evaluated, in microseconds since 1970.
    const NOW: &'static str;

    /// How lines of the log are added.
    fn inserts() -> &'static Inserts;

    /// A set with the columns `workspace_id`, `id` and `writer`: the objects in the JSON array `$1`.
    const INTENTS: &'static str;

    /// A set with one column `value`: the texts in the JSON array `$1`.
    const TEXTS: &'static str;

    /// The tables of this database, one a row, as `name`.
    const TABLES: &'static str;

    /// The columns of table `$1` in their order, as `name` and `kind`.
    const COLUMNS: &'static str;

    /// How a `SELECT` keeps the rows that it finds until the transaction ends. Empty where a transaction that writes has the
    /// whole database.
    const HOLD: Hold;

    /// What lifts the limits on time for one transaction.
    const PATIENCE: &'static [&'static str];

    /// Rows one by one, for what does not fit into memory.
    fn stream<'a>(&'a mut self, sql: &'a str) -> BoxStream<'a, Result<Self::Row>>;

    /// Rows changed.
    fn execute(&mut self, statement: Statement) -> impl Future<Output = Result<u64>> + Send;
    fn fetch(
        &mut self,
        statement: Statement,
    ) -> impl Future<Output = Result<Vec<Self::Row>>> + Send;
    fn commit(self) -> impl Future<Output = Result<()>> + Send;
}

/// Row locks, as the end of a `SELECT`. Which come first is written down in `docs/adr/0002-two-databases-one-sql.md`.
pub(crate) struct Hold {
    /// Against whoever changes the row; others may still refer to it.
    pub(crate) to_change: &'static str,
    /// Against whoever refers to the row, too.
    pub(crate) to_remove: &'static str,
    /// Against whoever removes the row.
    pub(crate) to_refer: &'static str,
    /// Rows that nobody else has; the others are passed over, so that this never waits.
    pub(crate) what_is_free: &'static str,
}

/// A transaction that every noun is implemented for.
pub(crate) struct Tx<D> {
    dialect: D,
    /// PostgreSQL gives a transaction up with its first failed statement, and answers a commit with a silent
    /// rollback; SQLite goes on and would commit the rest. Here a failure always ends it.
    failed: bool,
}

impl<D: Dialect> Tx<D> {
    pub(crate) fn new(dialect: D) -> Self {
        Self {
            dialect,
            failed: false,
        }
    }

    /// Rows changed.
    pub(crate) async fn execute(&mut self, statement: Statement) -> Result<u64> {
        let result = self.dialect.execute(statement).await;
        self.failed |= result.is_err();
        result
    }

    /// Whether a row was changed.
    pub(crate) async fn changes(&mut self, statement: Statement) -> Result<bool> {
        Ok(self.execute(statement).await? > 0)
    }

    pub(crate) async fn all<T>(
        &mut self,
        statement: Statement,
        read: impl Fn(&D::Row) -> Result<T> + Send,
    ) -> Result<Vec<T>> {
        let result = self.dialect.fetch(statement).await;
        self.failed |= result.is_err();
        result?.iter().map(read).collect()
    }

    /// Waits for the rows that `select` finds, in its order, and keeps them with `hold` until the transaction ends.
    pub(crate) async fn hold(&mut self, select: &str, hold: &str, id: [String; 2]) -> Result<()> {
        if hold.is_empty() {
            return Ok(());
        }
        let [workspace, id] = id;
        let select = statement(format!("{select} {hold}"))
            .bind(workspace)
            .bind(id);
        self.all(select, |_| Ok(())).await.map(drop)
    }

    pub(crate) fn stream<'a>(&'a mut self, sql: &'a str) -> BoxStream<'a, Result<D::Row>> {
        self.dialect.stream(sql)
    }

    pub(crate) async fn first<T: Send>(
        &mut self,
        statement: Statement,
        read: impl Fn(&D::Row) -> Result<T> + Send,
    ) -> Result<Option<T>> {
        Ok(self.all(statement, read).await?.into_iter().next())
    }
}

#[async_trait]
impl<D: Dialect> Transaction for Tx<D> {
    async fn commit(self: Box<Self>) -> Result<()> {
        if self.failed {
            let reason = "a statement of this transaction failed before".into();
            return Err(Error::Refused(sqlx::Error::Protocol(reason)));
        }
        self.dialect.commit().await
    }
}
