use std::sync::LazyLock;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Postgres, Transaction};

use super::error::{sorted, sorted_in_writing};
use crate::sql::Inserts;
use crate::statement::{Statement, Value};
use crate::transaction::{Dialect, Hold};
use crate::{Error, Result};

static INSERTS: LazyLock<Inserts> = LazyLock::new(|| Inserts::new(|number| format!("${number}")));

pub(super) struct PgDialect {
    transaction: Transaction<'static, Postgres>,
    /// What a failure means: not being able to write is no fault of a transaction that only reads.
    sorted: fn(sqlx::Error) -> Error,
}

impl PgDialect {
    pub(super) fn reading(transaction: Transaction<'static, Postgres>) -> Self {
        Self {
            transaction,
            sorted,
        }
    }

    pub(super) fn writing(transaction: Transaction<'static, Postgres>) -> Self {
        Self {
            transaction,
            sorted: sorted_in_writing,
        }
    }
}

impl Dialect for PgDialect {
    type Row = PgRow;

    const NOW: &'static str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

    const INTENTS: &'static str = "(
        SELECT workspace_id, id, writer
        FROM json_to_recordset($1::json) AS intent (workspace_id text, id text, writer text))";

    const TEXTS: &'static str = "(SELECT value FROM json_array_elements_text($1::json))";

    const TABLES: &'static str = "
        SELECT table_name::text AS name FROM information_schema.tables
        WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY 1";

    const COLUMNS: &'static str = "
        SELECT column_name::text AS name, data_type::text AS kind FROM information_schema.columns
        WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";

    // https://www.postgresql.org/docs/current/explicit-locking.html#LOCKING-ROWS
    const HOLD: Hold = Hold {
        to_change: "FOR NO KEY UPDATE",
        to_remove: "FOR UPDATE",
        to_refer: "FOR KEY SHARE",
        what_is_free: "FOR UPDATE SKIP LOCKED",
    };

    const PATIENCE: &'static [&'static str] = &[
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL idle_in_transaction_session_timeout = '10min'",
    ];

    fn inserts() -> &'static Inserts {
        &INSERTS
    }

    fn stream<'a>(&'a mut self, sql: &'a str) -> BoxStream<'a, Result<PgRow>> {
        let sorted = self.sorted;
        let rows = sqlx::query(sql).fetch(&mut *self.transaction);
        rows.map(move |row| row.map_err(sorted)).boxed()
    }

    async fn execute(&mut self, statement: Statement) -> Result<u64> {
        let arguments = arguments(statement.values)?;
        let done = sqlx::query_with(&statement.sql, arguments)
            .execute(&mut *self.transaction)
            .await
            .map_err(self.sorted)?;
        Ok(done.rows_affected())
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
        let arguments = arguments(statement.values)?;
        sqlx::query_with(&statement.sql, arguments)
            .fetch_all(&mut *self.transaction)
            .await
            .map_err(self.sorted)
    }

    async fn commit(self) -> Result<()> {
        self.transaction.commit().await.map_err(self.sorted)
    }
}

fn arguments(values: Vec<Value>) -> Result<PgArguments> {
    let mut arguments = PgArguments::default();
    for value in values {
        match value {
            Value::Text(text) => arguments.add(text),
            Value::Integer(number) => arguments.add(number),
            Value::Bytes(bytes) => arguments.add(bytes),
        }
        .map_err(|error| Error::Refused(sqlx::Error::Encode(error)))?;
    }
    Ok(arguments)
}
