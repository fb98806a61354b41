use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Arguments, Sqlite, Transaction};

use super::error::sorted;
use crate::statement::{Statement, Value};
use crate::transaction::Dialect;
use crate::{Error, Result};

pub(super) struct SqliteDialect(pub(super) Transaction<'static, Sqlite>);

impl Dialect for SqliteDialect {
    type Row = SqliteRow;

    // To the millisecond; more is not to be had.
    const NOW: &'static str = "CAST(unixepoch('subsec') * 1000000 AS INTEGER)";

    const APPEND_ACTIVITIES: &'static str = "
        INSERT INTO activities (
            workspace_id, id, at, actor_type, actor_id, kind, action, connection_id, target, phase, intent_id,
            outcome, status, code, duration_us, remote, writer, seq, prev_hash, hash)
        SELECT value ->> 'workspace_id', value ->> 'id', value ->> 'at', value ->> 'actor_type',
            value ->> 'actor_id', value ->> 'kind', value ->> 'action', value ->> 'connection_id',
            value ->> 'target', value ->> 'phase', value ->> 'intent_id', value ->> 'outcome',
            value ->> 'status', value ->> 'code', value ->> 'duration_us', value ->> 'remote',
            value ->> 'writer', value ->> 'seq', unhex(value ->> 'prev_hash'), unhex(value ->> 'hash')
        FROM json_each($1)";

    const INTENTS: &'static str = "(
        SELECT value ->> 'workspace_id' AS workspace_id, value ->> 'id' AS id, value ->> 'writer' AS writer
        FROM json_each($1))";

    const TEXTS: &'static str = "(SELECT value FROM json_each($1))";

    async fn execute(&mut self, statement: Statement) -> Result<u64> {
        let arguments = arguments(statement.values)?;
        let done = sqlx::query_with(&statement.sql, arguments)
            .execute(&mut *self.0)
            .await
            .map_err(sorted)?;
        Ok(done.rows_affected())
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<SqliteRow>> {
        let arguments = arguments(statement.values)?;
        sqlx::query_with(&statement.sql, arguments)
            .fetch_all(&mut *self.0)
            .await
            .map_err(sorted)
    }

    async fn commit(self) -> Result<()> {
        self.0.commit().await.map_err(sorted)
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
