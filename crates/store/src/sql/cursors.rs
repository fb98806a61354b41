use async_trait::async_trait;
use model::{ConnectionId, WorkspaceId};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{CursorRow, Cursors, Result};

const ROW: &str = "name, operation, round, sealed, created_at, updated_at";

fn cursor_row(row: &impl Row) -> Result<CursorRow> {
    Ok(CursorRow {
        name: row.text("name")?,
        operation: row.text("operation")?,
        round: row.integer("round")?,
        sealed: row.sealed("sealed")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}

#[async_trait]
impl<D: Dialect> Cursors for Tx<D> {
    async fn cursor(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        name: &str,
    ) -> Result<Option<CursorRow>> {
        let select = statement(format!(
            "SELECT {ROW} FROM cursors WHERE workspace_id = $1 AND connection_id = $2 AND name = $3"
        ))
        .id(workspace)
        .id(connection)
        .bind(name);
        self.first(select, cursor_row).await
    }

    async fn cursors(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Vec<CursorRow>> {
        let select = statement(format!(
            "SELECT {ROW} FROM cursors WHERE workspace_id = $1 AND connection_id = $2 ORDER BY name"
        ))
        .id(workspace)
        .id(connection);
        self.all(select, cursor_row).await
    }

    async fn move_cursor(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        row: &CursorRow,
    ) -> Result<bool> {
        let first = "INSERT INTO cursors (workspace_id, connection_id, name, operation, round, sealed, created_at,
                updated_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (workspace_id, connection_id, name) DO NOTHING";
        let next = "UPDATE cursors SET operation = $4, round = $5, sealed = $6, created_at = $7, updated_at = $8
            WHERE workspace_id = $1 AND connection_id = $2 AND name = $3 AND round = $5 - 1";
        let moved = statement(if row.round == 1 { first } else { next })
            .id(workspace)
            .id(connection)
            .bind(row.name.as_str())
            .bind(row.operation.as_str())
            .bind(row.round)
            .bind(&row.sealed)
            .bind(row.created_at)
            .bind(row.updated_at);
        self.changes(moved).await
    }

    async fn delete_cursor(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        name: &str,
    ) -> Result<bool> {
        let delete = statement(
            "DELETE FROM cursors WHERE workspace_id = $1 AND connection_id = $2 AND name = $3",
        )
        .id(workspace)
        .id(connection)
        .bind(name);
        self.changes(delete).await
    }
}
