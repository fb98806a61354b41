use sqlx::Row as _;
use sqlx::postgres::PgRow;

use crate::Result;
use crate::row::{Row, unreadable};

impl Row for PgRow {
    fn maybe_text(&self, column: &'static str) -> Result<Option<String>> {
        self.try_get(column).map_err(|e| unreadable(column, e))
    }

    fn maybe_integer(&self, column: &'static str) -> Result<Option<i64>> {
        self.try_get(column).map_err(|e| unreadable(column, e))
    }

    fn maybe_bytes(&self, column: &'static str) -> Result<Option<Vec<u8>>> {
        self.try_get(column).map_err(|e| unreadable(column, e))
    }
}
