use std::sync::LazyLock;

use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Sqlite, Transaction};

use super::error::{sorted, sorted_in_writing};
use crate::sql::Inserts;
use crate::statement::{Statement, Value};
use crate::transaction::{Dialect, Hold};
use crate::{Error, Result};

// Without numbers: sqlx asks SQLite for the name of each numbered parameter, which searches a list.
static INSERTS: LazyLock<Inserts> = LazyLock::new(|| Inserts::new(|_| "?".to_owned()));

pub(super) struct SqliteDialect {
    transaction: Transaction<'static, Sqlite>,
    /// What a failure means: not being able to write is no fault of a transaction that only reads.
    sorted: fn(sqlx::Error) -> Error,
}

impl SqliteDialect {
    pub(super) fn reading(transaction: Transaction<'static, Sqlite>) -> Self {
        Self {
            transaction,
            sorted,
        }
    }

    pub(super) fn writing(transaction: Transaction<'static, Sqlite>) -> Self {
        Self {
            transaction,
            sorted: sorted_in_writing,
        }
    }
}

impl Dialect for SqliteDialect {
    type Row = SqliteRow;

    // To the millisecond; more is not to be had.
    const NOW: &'static str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

    const INTENTS: &'static str = "(
        SELECT value ->> 'workspace_id' AS workspace_id, value ->> 'id' AS id, value ->> 'writer' AS writer
        FROM json_each($1))";

    const TEXTS: &'static str = "(SELECT value FROM json_each($1))";

    const TABLES: &'static str = "
        SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";

    const COLUMNS: &'static str =
        "SELECT name, type AS kind FROM pragma_table_info($1) ORDER BY cid";

    const HOLD: Hold = Hold {
        to_change: "",
        to_remove: "",
        to_refer: "",
        what_is_free: "",
    };

    const PATIENCE: &'static [&'static str] = &[];

    fn inserts() -> &'static Inserts {
        &INSERTS
    }

    fn stream<'a>(&'a mut self, sql: &'a str) -> BoxStream<'a, Result<SqliteRow>> {
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

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<SqliteRow>> {
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

fn arguments(values: Vec<Value>) -> Result<SqliteArguments<'static>> {
    let mut arguments = SqliteArguments::default();
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
