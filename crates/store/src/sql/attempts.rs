use async_trait::async_trait;
use jiff::Timestamp;

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Attempt, AttemptState, Attempts, Result};

const ATTEMPT: &str = "workspace_id, id, connection_id, requested_by, secret_hash, state_hash, cookie_hash, sealed, \
    state, note, created_at, expires_at, permissions";

fn attempt(row: &impl Row) -> Result<Attempt> {
    Ok(Attempt {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        connection_id: row.parsed("connection_id")?,
        requested_by: row.parsed("requested_by")?,
        secret_hash: row.hash("secret_hash")?,
        state_hash: row.maybe_hash("state_hash")?,
        cookie_hash: row.maybe_hash("cookie_hash")?,
        sealed: row.maybe_sealed("sealed")?,
        state: row.parsed("state")?,
        note: row.maybe_text("note")?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant("expires_at")?,
        permissions: row.maybe_json("permissions")?.unwrap_or_default(),
    })
}

#[async_trait]
impl<D: Dialect> Attempts for Tx<D> {
    async fn create_attempt(&mut self, attempt: &Attempt) -> Result<()> {
        let insert = format!(
            "INSERT INTO attempts ({ATTEMPT}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        );
        let insert = statement(insert)
            .id(attempt.workspace_id)
            .id(attempt.id)
            .id(attempt.connection_id)
            .id(attempt.requested_by)
            .bind(attempt.secret_hash)
            .bind(attempt.state_hash)
            .bind(attempt.cookie_hash)
            .bind(attempt.sealed.as_ref())
            .bind(attempt.state.id())
            .bind(attempt.note.as_deref())
            .bind(attempt.created_at)
            .bind(attempt.expires_at)
            .maybe_json(Some(&attempt.permissions).filter(|more| !more.is_empty()));
        self.execute(insert).await.map(drop)
    }

    async fn attempt_by_secret(&mut self, secret_hash: [u8; 32]) -> Result<Option<Attempt>> {
        let select = format!("SELECT {ATTEMPT} FROM attempts WHERE secret_hash = $1");
        self.first(statement(select).bind(secret_hash), attempt)
            .await
    }

    async fn attempt_by_state(&mut self, state_hash: [u8; 32]) -> Result<Option<Attempt>> {
        let select = format!("SELECT {ATTEMPT} FROM attempts WHERE state_hash = $1");
        self.first(statement(select).bind(state_hash), attempt)
            .await
    }

    async fn advance_attempt(&mut self, from: AttemptState, attempt: &Attempt) -> Result<bool> {
        let update = statement(
            "UPDATE attempts SET state_hash = $4, cookie_hash = $5, sealed = $6, state = $7, note = $8,
                expires_at = $9
            WHERE workspace_id = $1 AND id = $2 AND state = $3",
        )
        .id(attempt.workspace_id)
        .id(attempt.id)
        .bind(from.id())
        .bind(attempt.state_hash)
        .bind(attempt.cookie_hash)
        .bind(attempt.sealed.as_ref())
        .bind(attempt.state.id())
        .bind(attempt.note.as_deref())
        .bind(attempt.expires_at);
        self.changes(update).await
    }

    async fn purge_attempts(&mut self, now: Timestamp) -> Result<u64> {
        let delete = format!(
            "DELETE FROM attempts WHERE (workspace_id, id) IN (
                SELECT workspace_id, id FROM attempts WHERE expires_at <= $1 {})",
            D::HOLD.what_is_free
        );
        self.execute(statement(delete).bind(now)).await
    }
}
