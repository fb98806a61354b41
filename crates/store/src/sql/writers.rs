use async_trait::async_trait;
use jiff::Timestamp;
use model::WriterId;

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Result, Writers};

#[async_trait]
impl<D: Dialect> Writers for Tx<D> {
    async fn register_writer(&mut self, writer: WriterId, now: Timestamp) -> Result<()> {
        let insert = format!(
            "INSERT INTO writers (id, started_at, beat_at) VALUES ($1, $2, {})",
            D::NOW
        );
        self.execute(statement(insert).id(writer).bind(now))
            .await
            .map(drop)
    }

    async fn beat(&mut self, writer: WriterId, master_key: &str) -> Result<()> {
        let update = format!(
            "UPDATE writers SET beat_at = {}, master_key = $2 WHERE id = $1",
            D::NOW
        );
        self.execute(statement(update).id(writer).bind(master_key))
            .await
            .map(drop)
    }

    async fn writers_alive(&mut self, within_secs: i64) -> Result<Vec<WriterId>> {
        let select = format!(
            "SELECT id FROM writers WHERE beat_at >= {} - $1 ORDER BY id",
            D::NOW
        );
        let within = within_secs.saturating_mul(1_000_000);
        self.all(statement(select).bind(within), |row| row.parsed("id"))
            .await
    }

    async fn master_keys_of(&mut self, within_secs: i64) -> Result<Vec<Option<String>>> {
        let select = format!(
            "SELECT DISTINCT master_key FROM writers WHERE beat_at >= {} - $1 ORDER BY master_key",
            D::NOW
        );
        let within = within_secs.saturating_mul(1_000_000);
        self.all(statement(select).bind(within), |row| {
            row.maybe_text("master_key")
        })
        .await
    }

    async fn retire_writer(&mut self, writer: WriterId) -> Result<()> {
        // Without a row a belated beat changes nothing.
        self.execute(statement("DELETE FROM writers WHERE id = $1").id(writer))
            .await
            .map(drop)
    }
}
