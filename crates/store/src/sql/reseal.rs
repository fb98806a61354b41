use async_trait::async_trait;
use model::{AppRegistrationId, ConnectionId, Sealed, WorkspaceId};

use crate::row::Row;
use crate::statement::{Statement, statement};
use crate::transaction::{Dialect, Tx};
use crate::{Reseal, Result, SealedAt, SealedCell};

fn refresh_token(row: &impl Row) -> Result<SealedCell> {
    Ok(SealedCell {
        at: SealedAt::RefreshToken {
            connection: row.parsed("connection_id")?,
            generation: row.integer("generation")?,
        },
        sealed: row.sealed("sealed")?,
    })
}

fn access_token(row: &impl Row) -> Result<SealedCell> {
    Ok(SealedCell {
        at: SealedAt::AccessToken {
            connection: row.parsed("connection_id")?,
            audience: row.text("audience")?,
            version: row.integer("version")?,
        },
        sealed: row.sealed("sealed")?,
    })
}

fn cursor(row: &impl Row) -> Result<SealedCell> {
    Ok(SealedCell {
        at: SealedAt::Cursor {
            connection: row.parsed("connection_id")?,
            name: row.text("name")?,
        },
        sealed: row.sealed("sealed")?,
    })
}

fn proof(row: &impl Row) -> Result<SealedCell> {
    Ok(SealedCell {
        at: SealedAt::Proof {
            id: row.parsed("id")?,
            generation: row.integer("generation")?,
        },
        sealed: row.sealed("sealed")?,
    })
}

/// The key, and what is kept under it.
fn answers(row: &impl Row) -> Result<(String, Vec<SealedCell>)> {
    let key = row.text("key")?;
    let answer = row.maybe_sealed("answer_sealed")?.map(|sealed| SealedCell {
        at: SealedAt::Answer { key: key.clone() },
        sealed,
    });
    let progress = row
        .maybe_sealed("progress_sealed")?
        .map(|sealed| SealedCell {
            at: SealedAt::Progress { key: key.clone() },
            sealed,
        });
    Ok((key, answer.into_iter().chain(progress).collect()))
}

fn update(workspace: WorkspaceId, old: &SealedCell, new: &Sealed) -> Statement {
    let begin = |sql: &'static str| statement(sql).id(workspace).bind(&old.sealed).bind(new);
    match &old.at {
        SealedAt::RefreshToken {
            connection,
            generation,
        } => begin(
            "UPDATE refresh_tokens SET sealed = $3
            WHERE workspace_id = $1 AND sealed = $2 AND connection_id = $4 AND generation = $5",
        )
        .id(connection)
        .bind(*generation),
        SealedAt::AccessToken {
            connection,
            audience,
            version,
        } => begin(
            "UPDATE access_tokens SET sealed = $3
            WHERE workspace_id = $1 AND sealed = $2 AND connection_id = $4 AND audience = $5 AND version = $6",
        )
        .id(connection)
        .bind(audience.as_str())
        .bind(*version),
        SealedAt::Answer { key } => begin(
            "UPDATE idempotency SET answer_sealed = $3 WHERE workspace_id = $1 AND answer_sealed = $2 AND key = $4",
        )
        .bind(key.as_str()),
        SealedAt::Progress { key } => begin(
            "UPDATE idempotency SET progress_sealed = $3
            WHERE workspace_id = $1 AND progress_sealed = $2 AND key = $4",
        )
        .bind(key.as_str()),
        SealedAt::Cursor { connection, name } => begin(
            "UPDATE cursors SET sealed = $3
            WHERE workspace_id = $1 AND sealed = $2 AND connection_id = $4 AND name = $5",
        )
        .id(connection)
        .bind(name.as_str()),
        SealedAt::Proof { id, generation } => begin(
            "UPDATE proofs SET sealed = $3
            WHERE workspace_id = $1 AND sealed = $2 AND id = $4 AND generation = $5",
        )
        .id(id)
        .bind(*generation),
    }
}

#[async_trait]
impl<D: Dialect> Reseal for Tx<D> {
    async fn sealed_tokens(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Vec<SealedCell>> {
        let select = "SELECT connection_id, generation, sealed FROM refresh_tokens
            WHERE workspace_id = $1 AND connection_id = $2";
        let select = statement(select).id(workspace).id(connection);
        let mut cells = self.all(select, refresh_token).await?;
        let select = "SELECT connection_id, audience, version, sealed FROM access_tokens
            WHERE workspace_id = $1 AND connection_id = $2 AND sealed IS NOT NULL ORDER BY audience";
        let select = statement(select).id(workspace).id(connection);
        cells.extend(self.all(select, access_token).await?);
        let select = "SELECT connection_id, name, sealed FROM cursors
            WHERE workspace_id = $1 AND connection_id = $2 ORDER BY name";
        let select = statement(select).id(workspace).id(connection);
        cells.extend(self.all(select, cursor).await?);
        Ok(cells)
    }

    async fn sealed_answers(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        after: &str,
        limit: i64,
    ) -> Result<(Vec<SealedCell>, Option<String>)> {
        let select = statement(
            "SELECT key, answer_sealed, progress_sealed FROM idempotency
            WHERE workspace_id = $1 AND connection_id = $2 AND key > $3 ORDER BY key LIMIT $4",
        )
        .id(workspace)
        .id(connection)
        .bind(after)
        .bind(limit);
        let rows = self.all(select, answers).await?;
        let is_full = i64::try_from(rows.len()).is_ok_and(|rows| rows == limit);
        let last = rows.last().map(|(key, _)| key.clone());
        let cells = rows.into_iter().flat_map(|(_, cells)| cells).collect();
        Ok((cells, last.filter(|_| is_full)))
    }

    async fn sealed_proofs(
        &mut self,
        workspace: WorkspaceId,
        app: AppRegistrationId,
    ) -> Result<Vec<SealedCell>> {
        let select = "SELECT id, generation, sealed FROM proofs
            WHERE workspace_id = $1 AND app_registration_id = $2 ORDER BY id";
        self.all(statement(select).id(workspace).id(app), proof)
            .await
    }

    async fn reseal(
        &mut self,
        workspace: WorkspaceId,
        old: &SealedCell,
        new: &Sealed,
    ) -> Result<bool> {
        self.changes(update(workspace, old, new)).await
    }
}
