use std::collections::BTreeSet;

use async_trait::async_trait;
use jiff::Timestamp;
use model::{AppRegistrationId, Connection, ConnectionId, Place, WorkspaceId};
use serde::Serialize;

use crate::row::Row;
use crate::statement::{json, statement};
use crate::transaction::{Dialect, Tx};
use crate::{Connections, Deletion, Page, Result};

const CONNECTION: &str = "workspace_id, id, name, service, method, app_registration_id, owner, shared, identity, \
    requested, granted, policy, state, diagnosis, data_key_id, version, created_at, updated_at, place";

fn connection(row: &impl Row) -> Result<Connection> {
    Ok(Connection {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        name: row.text("name")?,
        service: row.parsed("service")?,
        method: row.parsed("method")?,
        app_registration_id: row.parsed("app_registration_id")?,
        owner: row.parsed("owner")?,
        shared: row.flag("shared")?,
        place: row.maybe_json("place")?.unwrap_or_default(),
        identity: row.maybe_json("identity")?,
        requested: row.json("requested")?,
        granted: row.maybe_json("granted")?,
        policy: row.json("policy")?,
        state: row.parsed("state")?,
        diagnosis: row.maybe_json("diagnosis")?,
        data_key_id: row.maybe_parsed("data_key_id")?,
        version: row.integer("version")?,
        created_at: row.instant("created_at")?,
        updated_at: row.instant("updated_at")?,
    })
}

/// One of several connections, in a JSON array.
#[derive(Serialize)]
struct Wanted<'a> {
    workspace_id: &'a WorkspaceId,
    id: &'a ConnectionId,
}

fn place(connection: &Connection) -> Option<&Place> {
    Some(&connection.place).filter(|place| !place.is_empty())
}

fn deletion(row: &impl Row) -> Result<Deletion> {
    Ok(Deletion {
        workspace_id: row.parsed("workspace_id")?,
        connection_id: row.parsed("connection_id")?,
        at: row.instant("at")?,
    })
}

#[async_trait]
impl<D: Dialect> Connections for Tx<D> {
    async fn create_connection(&mut self, connection: &Connection) -> Result<()> {
        let insert = format!(
            "INSERT INTO connections ({CONNECTION})
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
        );
        let insert = statement(insert)
            .id(connection.workspace_id)
            .id(connection.id)
            .bind(connection.name.as_str())
            .bind(connection.service.id())
            .bind(connection.method.id())
            .id(connection.app_registration_id)
            .id(connection.owner)
            .bind(connection.shared)
            .maybe_json(connection.identity.as_ref())
            .json(&connection.requested)
            .maybe_json(connection.granted.as_ref())
            .json(&connection.policy)
            .bind(connection.state.id())
            .maybe_json(connection.diagnosis.as_ref())
            .maybe_id(connection.data_key_id)
            .bind(connection.version)
            .bind(connection.created_at)
            .bind(connection.updated_at)
            .maybe_json(place(connection));
        self.execute(insert).await.map(drop)
    }

    async fn connection(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<Option<Connection>> {
        let select =
            format!("SELECT {CONNECTION} FROM connections WHERE workspace_id = $1 AND id = $2");
        self.first(statement(select).id(workspace).id(id), connection)
            .await
    }

    async fn connection_by_name(
        &mut self,
        workspace: WorkspaceId,
        name: &str,
    ) -> Result<Option<Connection>> {
        let select =
            format!("SELECT {CONNECTION} FROM connections WHERE workspace_id = $1 AND name = $2");
        self.first(statement(select).id(workspace).bind(name), connection)
            .await
    }

    async fn connections(
        &mut self,
        workspace: WorkspaceId,
        page: Page<ConnectionId>,
    ) -> Result<Vec<Connection>> {
        let select = format!(
            "SELECT {CONNECTION} FROM connections WHERE workspace_id = $1 AND id > $2 ORDER BY id LIMIT $3"
        );
        let select = statement(select)
            .id(workspace)
            .bind(page.lower_bound())
            .bind(page.limit);
        self.all(select, connection).await
    }

    async fn connections_of_app(
        &mut self,
        workspace: WorkspaceId,
        app: AppRegistrationId,
    ) -> Result<Vec<Connection>> {
        let select = format!(
            "SELECT {CONNECTION} FROM connections WHERE workspace_id = $1 AND app_registration_id = $2 ORDER BY id"
        );
        self.all(statement(select).id(workspace).id(app), connection)
            .await
    }

    async fn hold_connection(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectionId,
    ) -> Result<Option<Connection>> {
        let select = format!(
            "SELECT {CONNECTION} FROM connections WHERE workspace_id = $1 AND id = $2 {}",
            D::HOLD.to_change
        );
        self.first(statement(select).id(workspace).id(id), connection)
            .await
    }

    async fn keep_connections(
        &mut self,
        ids: &BTreeSet<(WorkspaceId, ConnectionId)>,
    ) -> Result<()> {
        if ids.is_empty() || D::HOLD.to_refer.is_empty() {
            return Ok(());
        }
        let wanted: Vec<_> = ids
            .iter()
            .map(|(workspace_id, id)| Wanted { workspace_id, id })
            .collect();
        let select = format!(
            "SELECT id FROM connections
            WHERE (workspace_id, id) IN (SELECT workspace_id, id FROM {} AS wanted)
            ORDER BY workspace_id, id {}",
            D::INTENTS,
            D::HOLD.to_refer
        );
        self.all(statement(select).bind(json(&wanted)), |_| Ok(()))
            .await
            .map(drop)
    }

    async fn update_connection(&mut self, connection: &Connection) -> Result<bool> {
        let update = statement(
            "UPDATE connections SET name = $4, service = $5, method = $6, app_registration_id = $7, owner = $8,
                shared = $9, identity = $10, requested = $11, granted = $12, policy = $13, state = $14,
                diagnosis = $15, data_key_id = $16, created_at = $17, updated_at = $18, place = $19, version = version + 1
            WHERE workspace_id = $1 AND id = $2 AND version = $3",
        )
        .id(connection.workspace_id)
        .id(connection.id)
        .bind(connection.version)
        .bind(connection.name.as_str())
        .bind(connection.service.id())
        .bind(connection.method.id())
        .id(connection.app_registration_id)
        .id(connection.owner)
        .bind(connection.shared)
        .maybe_json(connection.identity.as_ref())
        .json(&connection.requested)
        .maybe_json(connection.granted.as_ref())
        .json(&connection.policy)
        .bind(connection.state.id())
        .maybe_json(connection.diagnosis.as_ref())
        .maybe_id(connection.data_key_id)
        .bind(connection.created_at)
        .bind(connection.updated_at)
        .maybe_json(place(connection));
        self.changes(update).await
    }

    async fn delete_connection(
        &mut self,
        workspace: WorkspaceId,
        id: ConnectionId,
        at: Timestamp,
    ) -> Result<bool> {
        let row = [workspace.to_string(), id.to_string()];
        let connection = "SELECT id FROM connections WHERE workspace_id = $1 AND id = $2";
        self.hold(connection, D::HOLD.to_remove, row.clone())
            .await?;
        // What goes with it may be held by somebody who does not hold the connection: kept answers, in the order of their keys.
        let answers = "SELECT key FROM idempotency WHERE workspace_id = $1 AND connection_id = $2 ORDER BY key";
        self.hold(answers, D::HOLD.to_remove, row).await?;
        let connection = statement("DELETE FROM connections WHERE workspace_id = $1 AND id = $2")
            .id(workspace)
            .id(id);
        if !self.changes(connection).await? {
            return Ok(false);
        }
        self.delete_data_keys_of(workspace, &id.to_string()).await?;
        let deletion = Deletion {
            workspace_id: workspace,
            connection_id: id,
            at,
        };
        self.note_deletion(&deletion).await?;
        Ok(true)
    }

    async fn note_deletion(&mut self, deletion: &Deletion) -> Result<()> {
        let note = statement(
            "INSERT INTO deletions (workspace_id, connection_id, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        )
        .id(deletion.workspace_id)
        .id(deletion.connection_id)
        .bind(deletion.at);
        self.execute(note).await.map(drop)
    }

    async fn deletions(&mut self, since: Timestamp) -> Result<Vec<Deletion>> {
        let select = statement(
            "SELECT workspace_id, connection_id, at FROM deletions WHERE at >= $1 ORDER BY at, connection_id",
        )
        .bind(since);
        self.all(select, deletion).await
    }
}
