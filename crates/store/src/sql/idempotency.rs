use async_trait::async_trait;
use jiff::Timestamp;
use model::{Sealed, WorkspaceId, WriterId};

use crate::row::{Row, unreadable};
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Answer, Claim, ClaimOutcome, Idempotency, IdempotencyRow, Result};

const ROW: &str = "key, request_hash, connection_id, writer, intent_id, created_at, expires_at, answer_status, \
    answer_sealed, progress_sealed";

fn claim(row: &impl Row) -> Result<Claim> {
    Ok(Claim {
        key: row.text("key")?,
        request_hash: row.hash("request_hash")?,
        connection_id: row.parsed("connection_id")?,
        writer: row.parsed("writer")?,
        intent_id: row.parsed("intent_id")?,
        created_at: row.instant("created_at")?,
        expires_at: row.instant("expires_at")?,
    })
}

fn answer(row: &impl Row) -> Result<Option<Answer>> {
    let Some(status) = row.maybe_integer("answer_status")? else {
        return Ok(None);
    };
    Ok(Some(Answer {
        status: u16::try_from(status).map_err(|e| unreadable("answer_status", e))?,
        sealed: row.sealed("answer_sealed")?,
    }))
}

fn idempotency_row(row: &impl Row) -> Result<IdempotencyRow> {
    Ok(IdempotencyRow {
        claim: claim(row)?,
        answer: answer(row)?,
        progress: row.maybe_sealed("progress_sealed")?,
    })
}

#[async_trait]
impl<D: Dialect> Idempotency for Tx<D> {
    async fn claim(&mut self, workspace: WorkspaceId, claim: &Claim) -> Result<ClaimOutcome> {
        let upsert = "INSERT INTO idempotency (workspace_id, key, request_hash, connection_id, writer, intent_id,
                created_at, expires_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (workspace_id, key) DO UPDATE
            SET request_hash = excluded.request_hash, connection_id = excluded.connection_id,
                writer = excluded.writer, intent_id = excluded.intent_id, created_at = excluded.created_at,
                expires_at = excluded.expires_at, answer_status = NULL, answer_sealed = NULL,
                progress_sealed = NULL
            WHERE idempotency.expires_at <= excluded.created_at";
        let select = format!("SELECT {ROW} FROM idempotency WHERE workspace_id = $1 AND key = $2");
        loop {
            let upsert = statement(upsert)
                .id(workspace)
                .bind(claim.key.as_str())
                .bind(claim.request_hash)
                .id(claim.connection_id)
                .id(claim.writer)
                .id(claim.intent_id)
                .bind(claim.created_at)
                .bind(claim.expires_at);
            if self.changes(upsert).await? {
                return Ok(ClaimOutcome::Claimed);
            }
            let select = statement(select.clone())
                .id(workspace)
                .bind(claim.key.as_str());
            // It can only be gone when it was given up in between: then it is free again.
            if let Some(row) = self.first(select, idempotency_row).await? {
                return Ok(ClaimOutcome::Existing(row));
            }
        }
    }

    async fn reclaim(
        &mut self,
        workspace: WorkspaceId,
        dead: &Claim,
        ours: &Claim,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE idempotency SET request_hash = $5, connection_id = $6, writer = $7, intent_id = $8,
                expires_at = $9
            WHERE workspace_id = $1 AND key = $2 AND writer = $3 AND intent_id = $4 AND answer_status IS NULL",
        )
        .id(workspace)
        .bind(dead.key.as_str())
        .id(dead.writer)
        .id(dead.intent_id)
        .bind(ours.request_hash)
        .id(ours.connection_id)
        .id(ours.writer)
        .id(ours.intent_id)
        .bind(ours.expires_at);
        self.changes(update).await
    }

    async fn note_progress(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
        writer: WriterId,
        progress: &Sealed,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE idempotency SET progress_sealed = $4
            WHERE workspace_id = $1 AND key = $2 AND writer = $3 AND answer_status IS NULL",
        )
        .id(workspace)
        .bind(key)
        .id(writer)
        .bind(progress);
        self.changes(update).await
    }

    async fn answer_claim(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
        writer: WriterId,
        answer: &Answer,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE idempotency SET answer_status = $4, answer_sealed = $5, progress_sealed = NULL
            WHERE workspace_id = $1 AND key = $2 AND writer = $3 AND answer_status IS NULL",
        )
        .id(workspace)
        .bind(key)
        .id(writer)
        .bind(i64::from(answer.status))
        .bind(&answer.sealed);
        self.changes(update).await
    }

    async fn abandon_claim(
        &mut self,
        workspace: WorkspaceId,
        key: &str,
        writer: WriterId,
    ) -> Result<bool> {
        let delete = statement(
            "DELETE FROM idempotency
            WHERE workspace_id = $1 AND key = $2 AND writer = $3 AND answer_status IS NULL",
        )
        .id(workspace)
        .bind(key)
        .id(writer);
        self.changes(delete).await
    }

    async fn purge_claims(&mut self, now: Timestamp) -> Result<u64> {
        let delete = format!(
            "DELETE FROM idempotency WHERE (workspace_id, key) IN (
                SELECT workspace_id, key FROM idempotency WHERE expires_at <= $1 {})",
            D::HOLD.what_is_free
        );
        self.execute(statement(delete).bind(now)).await
    }
}
