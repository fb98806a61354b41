use async_trait::async_trait;
use jiff::Timestamp;
use model::{DataKeyId, WorkspaceId};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{DataKeyRow, DataKeys, Meta, Page, Result};

const DATA_KEY: &str = "workspace_id, id, owner, master_key_id, wrapped";

fn data_key(row: &impl Row) -> Result<DataKeyRow> {
    Ok(DataKeyRow {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        owner: row.text("owner")?,
        master_key_id: row.text("master_key_id")?,
        wrapped: row.bytes("wrapped")?,
    })
}

impl<D: Dialect> Tx<D> {
    /// Removes every data key of `owner`, in their order.
    pub(super) async fn delete_data_keys_of(
        &mut self,
        workspace: WorkspaceId,
        owner: &str,
    ) -> Result<()> {
        let keys = "SELECT id FROM data_keys WHERE workspace_id = $1 AND owner = $2 ORDER BY id";
        let row = [workspace.to_string(), owner.to_owned()];
        self.hold(keys, D::HOLD.to_remove, row).await?;
        let delete = statement("DELETE FROM data_keys WHERE workspace_id = $1 AND owner = $2")
            .id(workspace)
            .bind(owner);
        self.execute(delete).await.map(drop)
    }
}

#[async_trait]
impl<D: Dialect> DataKeys for Tx<D> {
    async fn create_data_key(&mut self, key: &DataKeyRow) -> Result<()> {
        let insert = format!("INSERT INTO data_keys ({DATA_KEY}) VALUES ($1, $2, $3, $4, $5)");
        let insert = statement(insert)
            .id(key.workspace_id)
            .id(key.id)
            .bind(key.owner.as_str())
            .bind(key.master_key_id.as_str())
            .bind(key.wrapped.as_slice());
        self.execute(insert).await.map(drop)
    }

    async fn data_key(
        &mut self,
        workspace: WorkspaceId,
        id: DataKeyId,
    ) -> Result<Option<DataKeyRow>> {
        let select =
            format!("SELECT {DATA_KEY} FROM data_keys WHERE workspace_id = $1 AND id = $2");
        self.first(statement(select).id(workspace).id(id), data_key)
            .await
    }

    async fn data_keys_to_rewrap(
        &mut self,
        current_master_key: &str,
        page: Page<DataKeyId>,
    ) -> Result<Vec<DataKeyRow>> {
        let select = format!(
            "SELECT {DATA_KEY} FROM data_keys WHERE master_key_id <> $1 AND id > $2 ORDER BY id LIMIT $3"
        );
        let select = statement(select)
            .bind(current_master_key)
            .bind(page.lower_bound())
            .bind(page.limit);
        self.all(select, data_key).await
    }

    async fn rewrap_data_key(
        &mut self,
        old: &DataKeyRow,
        master_key_id: &str,
        wrapped: &[u8],
    ) -> Result<bool> {
        let update = statement(
            "UPDATE data_keys SET master_key_id = $5, wrapped = $6
            WHERE workspace_id = $1 AND id = $2 AND master_key_id = $3 AND wrapped = $4",
        )
        .id(old.workspace_id)
        .id(old.id)
        .bind(old.master_key_id.as_str())
        .bind(old.wrapped.as_slice())
        .bind(master_key_id)
        .bind(wrapped);
        self.changes(update).await
    }

    async fn master_keys_in_use(&mut self) -> Result<Vec<String>> {
        let select =
            statement("SELECT DISTINCT master_key_id FROM data_keys ORDER BY master_key_id");
        self.all(select, |row| row.text("master_key_id")).await
    }

    async fn retire_data_key(
        &mut self,
        workspace: WorkspaceId,
        id: DataKeyId,
        at: Timestamp,
    ) -> Result<bool> {
        let update = "UPDATE data_keys SET retired_at = $3 WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(update).id(workspace).id(id).bind(at))
            .await
    }

    async fn retired_data_keys(
        &mut self,
        before: Timestamp,
        limit: i64,
    ) -> Result<Vec<DataKeyRow>> {
        let select = format!(
            "SELECT {DATA_KEY} FROM data_keys WHERE retired_at < $1 ORDER BY retired_at LIMIT $2"
        );
        self.all(statement(select).bind(before).bind(limit), data_key)
            .await
    }

    async fn delete_data_key(&mut self, workspace: WorkspaceId, id: DataKeyId) -> Result<bool> {
        let delete = "DELETE FROM data_keys WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(delete).id(workspace).id(id)).await
    }

    async fn count_data_keys(&mut self) -> Result<i64> {
        let count = statement("SELECT count(*) AS number FROM data_keys");
        Ok(self
            .first(count, |row| row.integer("number"))
            .await?
            .unwrap_or(0))
    }
}

#[async_trait]
impl<D: Dialect> Meta for Tx<D> {
    async fn meta(&mut self, name: &str) -> Result<Option<Vec<u8>>> {
        let select = statement("SELECT value FROM meta WHERE name = $1").bind(name);
        self.first(select, |row| row.bytes("value")).await
    }

    async fn set_meta(&mut self, name: &str, value: &[u8]) -> Result<()> {
        let upsert = statement(
            "INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value);
        self.execute(upsert).await.map(drop)
    }
}
