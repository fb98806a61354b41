use async_trait::async_trait;
use model::{ConnectionId, WorkspaceId, WriterId};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Lease, LeaseOutcome, NewToken, RefreshToken, Result, TokenRow, Tokens};

const MICROS_PER_SECOND: i64 = 1_000_000;

/// How often a lease is tried for that runs out between being refused and being looked at.
const LEASE_TRIES: usize = 3;

fn token_row(row: &impl Row) -> Result<TokenRow> {
    let lease = match row.maybe_parsed("lease_owner")? {
        None => None,
        Some(owner) => Some(Lease {
            owner,
            remaining_ms: row.integer("lease_left")?.div_euclid(1000),
        }),
    };
    Ok(TokenRow {
        version: row.integer("version")?,
        sealed: row.maybe_sealed("sealed")?,
        expires_at: row.maybe_instant("expires_at")?,
        renew_at: row.maybe_instant("renew_at")?,
        lease,
    })
}

fn refresh_token(row: &impl Row) -> Result<RefreshToken> {
    Ok(RefreshToken {
        sealed: row.sealed("sealed")?,
        generation: row.integer("generation")?,
        stored_at: row.instant("stored_at")?,
    })
}

/// Why the lease was refused; `None` when the reason is gone by now.
fn refusal(row: Option<TokenRow>, seen: i64) -> Option<LeaseOutcome> {
    match row {
        Some(row) if row.version == seen => row
            .lease
            .filter(|lease| lease.remaining_ms > 0)
            .map(LeaseOutcome::Held),
        _ => Some(LeaseOutcome::Outdated),
    }
}

#[async_trait]
impl<D: Dialect> Tokens for Tx<D> {
    async fn token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
    ) -> Result<Option<TokenRow>> {
        let select = format!(
            "SELECT version, sealed, expires_at, renew_at, lease_owner, lease_until - {now} AS lease_left
            FROM access_tokens WHERE workspace_id = $1 AND connection_id = $2 AND audience = $3",
            now = D::NOW
        );
        let select = statement(select)
            .id(workspace)
            .id(connection)
            .bind(audience);
        self.first(select, token_row).await
    }

    async fn acquire_lease(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        seen: i64,
        owner: WriterId,
        lease_secs: i64,
    ) -> Result<LeaseOutcome> {
        // The row is made from the connection's, so that a connection that is gone, or is another workspace's, gets
        // none. Conditions are judged on the row as it is when its lock is ours.
        let upsert = format!(
            "INSERT INTO access_tokens (workspace_id, connection_id, audience, version, lease_owner, lease_until)
            SELECT workspace_id, id, $3, 0, $5, {now} + $6 FROM connections
            WHERE workspace_id = $1 AND id = $2 AND ($4 = 0 OR EXISTS (
                SELECT 1 FROM access_tokens WHERE workspace_id = $1 AND connection_id = $2 AND audience = $3))
            ON CONFLICT (workspace_id, connection_id, audience) DO UPDATE
            SET lease_owner = excluded.lease_owner, lease_until = {now} + $6
            WHERE access_tokens.version = $4
                AND (access_tokens.lease_until IS NULL OR access_tokens.lease_until <= {now})",
            now = D::NOW
        );
        for _ in 0..LEASE_TRIES {
            let upsert = statement(upsert.clone())
                .id(workspace)
                .id(connection)
                .bind(audience)
                .bind(seen)
                .id(owner)
                .bind(lease_secs.saturating_mul(MICROS_PER_SECOND));
            if self.changes(upsert).await? {
                return Ok(LeaseOutcome::Acquired);
            }
            let row = self.token(workspace, connection, audience).await?;
            if let Some(outcome) = refusal(row, seen) {
                return Ok(outcome);
            }
        }
        Ok(LeaseOutcome::Outdated)
    }

    async fn release_lease(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        owner: WriterId,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE access_tokens SET lease_owner = NULL, lease_until = NULL
            WHERE workspace_id = $1 AND connection_id = $2 AND audience = $3 AND lease_owner = $4",
        )
        .id(workspace)
        .id(connection)
        .bind(audience)
        .id(owner);
        self.changes(update).await
    }

    async fn store_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        seen: i64,
        token: &NewToken,
    ) -> Result<bool> {
        let upsert = statement(
            "INSERT INTO access_tokens (workspace_id, connection_id, audience, version, sealed, expires_at, renew_at)
            SELECT workspace_id, id, $3, 1, $5, $6, $7 FROM connections
            WHERE workspace_id = $1 AND id = $2 AND ($4 = 0 OR EXISTS (
                SELECT 1 FROM access_tokens WHERE workspace_id = $1 AND connection_id = $2 AND audience = $3))
            ON CONFLICT (workspace_id, connection_id, audience) DO UPDATE
            SET version = access_tokens.version + 1, sealed = excluded.sealed, expires_at = excluded.expires_at,
                renew_at = excluded.renew_at, lease_owner = NULL, lease_until = NULL
            WHERE access_tokens.version = $4",
        )
        .id(workspace)
        .id(connection)
        .bind(audience)
        .bind(seen)
        .bind(&token.sealed)
        .bind(token.expires_at)
        .bind(token.renew_at);
        self.changes(upsert).await
    }

    async fn drop_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        version: i64,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE access_tokens SET sealed = NULL, expires_at = NULL, renew_at = NULL
            WHERE workspace_id = $1 AND connection_id = $2 AND audience = $3 AND version = $4
                AND sealed IS NOT NULL",
        )
        .id(workspace)
        .id(connection)
        .bind(audience)
        .bind(version);
        self.changes(update).await
    }

    async fn drop_tokens(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<u64> {
        let held = "SELECT id FROM connections WHERE workspace_id = $1 AND id = $2";
        let row = [workspace.to_string(), connection.to_string()];
        self.hold(held, D::HOLD.to_change, row).await?;
        // A renewal under way cannot store what it gets, so its lease would only keep others waiting.
        let update = statement(
            "UPDATE access_tokens SET version = version + 1, sealed = NULL, expires_at = NULL, renew_at = NULL,
                lease_owner = NULL, lease_until = NULL
            WHERE workspace_id = $1 AND connection_id = $2",
        )
        .id(workspace)
        .id(connection);
        self.execute(update).await
    }

    async fn refresh_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<RefreshToken>> {
        let select = statement(
            "SELECT sealed, generation, stored_at FROM refresh_tokens WHERE workspace_id = $1 AND connection_id = $2",
        )
        .id(workspace)
        .id(connection);
        self.first(select, refresh_token).await
    }

    async fn put_refresh_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        seen: Option<i64>,
        token: &RefreshToken,
    ) -> Result<bool> {
        let put = match seen {
            None => statement(
                "INSERT INTO refresh_tokens (workspace_id, connection_id, generation, sealed, stored_at)
                SELECT workspace_id, id, $3, $4, $5 FROM connections WHERE workspace_id = $1 AND id = $2
                ON CONFLICT (workspace_id, connection_id) DO NOTHING",
            ),
            Some(_) => statement(
                "UPDATE refresh_tokens SET generation = $3, sealed = $4, stored_at = $5
                WHERE workspace_id = $1 AND connection_id = $2 AND generation = $6 AND generation < $3",
            ),
        };
        let put = put
            .id(workspace)
            .id(connection)
            .bind(token.generation)
            .bind(&token.sealed)
            .bind(token.stored_at);
        let put = match seen {
            None => put,
            Some(generation) => put.bind(generation),
        };
        self.changes(put).await
    }

    async fn delete_refresh_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<bool> {
        let delete = "DELETE FROM refresh_tokens WHERE workspace_id = $1 AND connection_id = $2";
        self.changes(statement(delete).id(workspace).id(connection))
            .await
    }
}
