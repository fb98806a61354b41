use std::sync::LazyLock;

use sqlx::postgres::{PgArguments, PgRow};
use sqlx::{Arguments, Postgres, Transaction};

use super::error::sorted;
use crate::sql::Inserts;
use crate::statement::{Statement, Value};
use crate::transaction::Dialect;
use crate::{Error, Result};

static INSERTS: LazyLock<Inserts> = LazyLock::new(|| Inserts::new(|number| format!("${number}")));

pub(super) struct PgDialect(pub(super) Transaction<'static, Postgres>);

impl Dialect for PgDialect {
    type Row = PgRow;

    const NOW: &'static str = "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";

    const INTENTS: &'static str = "(
        SELECT workspace_id, id, writer
        FROM json_to_recordset($1::json) AS intent (workspace_id text, id text, writer text))";

    const TEXTS: &'static str = "(SELECT value FROM json_array_elements_text($1::json))";

    fn inserts() -> &'static Inserts {
        &INSERTS
    }

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
