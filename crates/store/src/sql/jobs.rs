use async_trait::async_trait;
use jiff::Timestamp;
use model::{ConnectionId, Proof, ProofId, WorkspaceId, WriterId};

use super::app_registrations::{PROOF, sealed_proof};
use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{EndingProofs, Jobs, Page, Result};

#[async_trait]
impl<D: Dialect> Jobs for Tx<D> {
    async fn take_job(&mut self, name: &str, owner: WriterId, secs: i64) -> Result<bool> {
        let now = D::NOW;
        let take = format!(
            "INSERT INTO job_leases (name, owner, until) VALUES ($1, $2, {now} + $3)
            ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until
            WHERE job_leases.until <= {now} OR job_leases.owner = excluded.owner"
        );
        let take = statement(take)
            .bind(name)
            .id(owner)
            .bind(secs.saturating_mul(1_000_000));
        self.changes(take).await
    }

    async fn connections_to_check(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<(WorkspaceId, ConnectionId)>> {
        let select = statement(
            "SELECT workspace_id, id FROM connections
            WHERE checked_at < $1 AND state IN ('active', 'degraded', 'expiring') ORDER BY checked_at LIMIT $2",
        )
        .bind(before)
        .bind(limit);
        self.all(select, |row| {
            Ok((row.parsed("workspace_id")?, row.parsed("id")?))
        })
        .await
    }

    async fn mark_checked(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        at: Timestamp,
    ) -> Result<bool> {
        let update = "UPDATE connections SET checked_at = $3 WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(update).id(workspace).id(connection).bind(at))
            .await
    }

    async fn proofs_to_warn(
        &mut self,
        now: Timestamp,
        limit: i64,
    ) -> Result<Vec<(Proof, Option<i64>)>> {
        let select = format!(
            "SELECT {PROOF}, warned_days FROM proofs WHERE warn_at <= $1 AND state = 'active' ORDER BY warn_at LIMIT $2"
        );
        self.all(statement(select).bind(now).bind(limit), |row| {
            Ok((sealed_proof(row)?.proof, row.maybe_integer("warned_days")?))
        })
        .await
    }

    async fn look_at_proof(
        &mut self,
        workspace: WorkspaceId,
        proof: ProofId,
        next: Option<Timestamp>,
    ) -> Result<bool> {
        let update = "UPDATE proofs SET warn_at = $3 WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(update).id(workspace).id(proof).bind(next))
            .await
    }

    async fn set_proof_end(
        &mut self,
        workspace: WorkspaceId,
        proof: ProofId,
        end: Timestamp,
        now: Timestamp,
    ) -> Result<bool> {
        let update = "UPDATE proofs SET expires_at = $3, warn_at = $4, warned_days = NULL
            WHERE workspace_id = $1 AND id = $2";
        let update = statement(update).id(workspace).id(proof);
        self.changes(update.bind(end).bind(now)).await
    }

    async fn proofs_to_rotate(
        &mut self,
        before: Timestamp,
        page: Page<ProofId>,
    ) -> Result<Vec<Proof>> {
        let select = format!(
            "SELECT {PROOF} FROM proofs
            WHERE expires_at < $1 AND id > $2 AND state = 'active' AND kind IN ('client_secret', 'certificate')
                AND (workspace_id, app_registration_id) IN (
                    SELECT workspace_id, id FROM app_registrations WHERE auto_rotate = 1)
            ORDER BY id LIMIT $3"
        );
        let select = statement(select)
            .bind(before)
            .bind(page.lower_bound())
            .bind(page.limit);
        self.all(select, |row| Ok(sealed_proof(row)?.proof)).await
    }

    async fn proofs_ending(&mut self, before: Timestamp) -> Result<Vec<EndingProofs>> {
        let select = "SELECT kind, count(*) AS number, min(expires_at) AS first FROM proofs
            WHERE expires_at < $1 AND state = 'active' GROUP BY kind ORDER BY kind";
        self.all(statement(select).bind(before), |row| {
            Ok(EndingProofs {
                kind: row.named("kind")?,
                number: row.integer("number")?,
                first: row.instant("first")?,
            })
        })
        .await
    }

    async fn mark_warned(
        &mut self,
        workspace: WorkspaceId,
        proof: ProofId,
        before: Option<i64>,
        days: i64,
    ) -> Result<bool> {
        // A proof that was never warned of counts as warned of a year ahead.
        let update = "UPDATE proofs SET warned_days = $4
            WHERE workspace_id = $1 AND id = $2 AND coalesce(warned_days, 365) = $3";
        let update = statement(update)
            .id(workspace)
            .id(proof)
            .bind(before.unwrap_or(365))
            .bind(days);
        self.changes(update).await
    }
}
