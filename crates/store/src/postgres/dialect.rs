use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Postgres, Transaction};

use super::error::sorted;
use crate::statement::{Statement, Value};
use crate::transaction::Dialect;
use crate::{Error, Result};

pub(super) struct PgDialect(pub(super) Transaction<'static, Postgres>);

impl Dialect for PgDialect {
    type Row = PgRow;

    const NOW: &'static str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

    const APPEND_ACTIVITIES: &'static str = "
        INSERT INTO activities (
            workspace_id, id, at, actor_type, actor_id, kind, action, connection_id, target, phase, intent_id,
            outcome, status, code, duration_us, remote, writer, seq, prev_hash, hash)
        SELECT workspace_id, id, at, actor_type, actor_id, kind, action, connection_id, target, phase, intent_id,
            outcome, status, code, duration_us, remote, writer, seq, decode(prev_hash, 'hex'), decode(hash, 'hex')
        FROM json_to_recordset($1::json) AS line (
            workspace_id text, id text, at bigint, actor_type text, actor_id text, kind text, action text,
            connection_id text, target text, phase text, intent_id text, outcome text, status bigint, code text,
            duration_us bigint, remote text, writer text, seq bigint, prev_hash text, hash text)";

    const INTENTS: &'static str = "(
        SELECT workspace_id, id, writer
        FROM json_to_recordset($1::json) AS intent (workspace_id text, id text, writer text))";

    const TEXTS: &'static str = "(SELECT value FROM json_array_elements_text($1::json))";

    async fn execute(&mut self, statement: Statement) -> Result<u64> {
        let arguments = arguments(statement.values)?;
        let done = sqlx::query_with(&statement.sql, arguments)
            .execute(&mut *self.0)
            .await
            .map_err(sorted)?;
        Ok(done.rows_affected())
    }

    async fn fetch(&mut self, statement: Statement) -> Result<Vec<PgRow>> {
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
