use async_trait::async_trait;
use jiff::Timestamp;
use model::{MemberId, WorkspaceId};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{BootstrapRow, Bootstraps, Result};

const BOOTSTRAP: &str =
    "workspace_id, id, begun_by, name, state, holder, wanted, progress, created_at, updated_at";

fn bootstrap(row: &impl Row) -> Result<BootstrapRow> {
    Ok(BootstrapRow {
        workspace_id: row.parsed("workspace_id")?,
        id: row.text("id")?,
        begun_by: row.parsed("begun_by")?,
        name: row.text("name")?,
        state: row.parsed("state")?,
        holder: row.text("holder")?,
        wanted: row.json("wanted")?,
        progress: row.json("progress")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}

#[async_trait]
impl<D: Dialect> Bootstraps for Tx<D> {
    async fn put_bootstrap(&mut self, row: &BootstrapRow) -> Result<()> {
        self.delete_bootstrap(row.workspace_id, &row.id).await?;
        let insert = format!(
            "INSERT INTO bootstraps ({BOOTSTRAP}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        );
        let insert = statement(insert)
            .id(row.workspace_id)
            .bind(row.id.as_str())
            .id(row.begun_by)
            .bind(row.name.as_str())
            .bind(row.state.id())
            .bind(row.holder.as_str())
            .json(&row.wanted)
            .json(&row.progress)
            .bind(row.created_at)
            .bind(row.updated_at);
        self.execute(insert).await.map(drop)
    }

    async fn bootstrap(
        &mut self,
        workspace: WorkspaceId,
        id: &str,
    ) -> Result<Option<BootstrapRow>> {
        let select =
            format!("SELECT {BOOTSTRAP} FROM bootstraps WHERE workspace_id = $1 AND id = $2");
        self.first(statement(select).id(workspace).bind(id), bootstrap)
            .await
    }

    async fn bootstraps(
        &mut self,
        workspace: WorkspaceId,
        begun_by: MemberId,
        limit: i64,
    ) -> Result<Vec<BootstrapRow>> {
        let select = format!(
            "SELECT {BOOTSTRAP} FROM bootstraps WHERE workspace_id = $1 AND begun_by = $2 \
             ORDER BY created_at DESC, id DESC LIMIT $3"
        );
        let select = statement(select).id(workspace).id(begun_by).bind(limit);
        self.all(select, bootstrap).await
    }

    async fn save_bootstrap(&mut self, row: &BootstrapRow) -> Result<bool> {
        let update = statement(
            "UPDATE bootstraps SET state = $4, progress = $5, updated_at = $6 \
             WHERE workspace_id = $1 AND id = $2 AND holder = $3 AND state <> 'superseded'",
        )
        .id(row.workspace_id)
        .bind(row.id.as_str())
        .bind(row.holder.as_str())
        .bind(row.state.id())
        .json(&row.progress)
        .bind(row.updated_at);
        self.changes(update).await
    }

    async fn supersede_bootstraps(&mut self, by: &BootstrapRow) -> Result<u64> {
        if !D::HOLD.to_change.is_empty() {
            let others = format!(
                "SELECT id FROM bootstraps
                WHERE workspace_id = $1 AND name = $2 AND id <> $3 AND state IN ('signing_in', 'working') ORDER BY id {}",
                D::HOLD.to_change
            );
            let others = statement(others)
                .id(by.workspace_id)
                .bind(by.name.as_str())
                .bind(by.id.as_str());
            self.all(others, |_| Ok(())).await?;
        }
        let update = statement(
            "UPDATE bootstraps SET state = 'superseded', updated_at = $4 \
             WHERE workspace_id = $1 AND name = $2 AND id <> $3 AND state IN ('signing_in', 'working')",
        )
        .id(by.workspace_id)
        .bind(by.name.as_str())
        .bind(by.id.as_str())
        .bind(by.updated_at);
        self.execute(update).await
    }

    async fn delete_bootstrap(&mut self, workspace: WorkspaceId, id: &str) -> Result<bool> {
        let delete = "DELETE FROM bootstraps WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(delete).id(workspace).bind(id)).await
    }

    async fn purge_bootstraps(&mut self, before: Timestamp) -> Result<u64> {
        let delete = format!(
            "DELETE FROM bootstraps WHERE (workspace_id, id) IN (
                SELECT workspace_id, id FROM bootstraps WHERE updated_at < $1 {})",
            D::HOLD.what_is_free
        );
        self.execute(statement(delete).bind(before)).await
    }
}
