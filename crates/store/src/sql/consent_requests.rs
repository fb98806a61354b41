use async_trait::async_trait;
use jiff::Timestamp;
use model::{ConnectionId, ConsentRequestId, WorkspaceId};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{Connections, ConsentAnswer, ConsentRequest, ConsentRequests, Result};

const REQUEST: &str = "workspace_id, id, connection_id, requested_by, secret_hash, state, permissions, code, answer, \
    created_at, answered_at, expires_at";

fn request(row: &impl Row) -> Result<ConsentRequest> {
    Ok(ConsentRequest {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        connection_id: row.parsed("connection_id")?,
        requested_by: row.parsed("requested_by")?,
        secret_hash: row.maybe_hash("secret_hash")?,
        state: row.text("state")?,
        permissions: row.json("permissions")?,
        code: row.text("code")?,
        answer: row.parsed("answer")?,
        created_at: row.instant("created_at")?,
        answered_at: row.maybe_instant("answered_at")?,
        expires_at: row.instant("expires_at")?,
    })
}

#[async_trait]
impl<D: Dialect> ConsentRequests for Tx<D> {
    async fn put_consent_request(&mut self, new: &ConsentRequest) -> Result<()> {
        self.hold_connection(new.workspace_id, new.connection_id)
            .await?;
        self.delete_consent_request(new.workspace_id, new.connection_id)
            .await?;
        let insert = format!(
            "INSERT INTO consent_requests ({REQUEST}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        );
        let insert = statement(insert)
            .id(new.workspace_id)
            .id(new.id)
            .id(new.connection_id)
            .id(new.requested_by)
            .bind(new.secret_hash)
            .bind(new.state.as_str())
            .json(&new.permissions)
            .bind(new.code.as_str())
            .bind(new.answer.id())
            .bind(new.created_at)
            .bind(new.answered_at)
            .bind(new.expires_at);
        self.execute(insert).await.map(drop)
    }

    async fn consent_request_by_secret(
        &mut self,
        secret_hash: [u8; 32],
    ) -> Result<Option<ConsentRequest>> {
        let select = format!("SELECT {REQUEST} FROM consent_requests WHERE secret_hash = $1");
        self.first(statement(select).bind(secret_hash), request)
            .await
    }

    async fn consent_request_by_state(&mut self, state: &str) -> Result<Option<ConsentRequest>> {
        let select = format!("SELECT {REQUEST} FROM consent_requests WHERE state = $1");
        self.first(statement(select).bind(state), request).await
    }

    async fn consent_request(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<ConsentRequest>> {
        let select = format!(
            "SELECT {REQUEST} FROM consent_requests WHERE workspace_id = $1 AND connection_id = $2"
        );
        self.first(statement(select).id(workspace).id(connection), request)
            .await
    }

    async fn consent_requests(
        &mut self,
        workspace: WorkspaceId,
        limit: i64,
    ) -> Result<Vec<ConsentRequest>> {
        let select = format!(
            "SELECT {REQUEST} FROM consent_requests WHERE workspace_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
        );
        self.all(statement(select).id(workspace).bind(limit), request)
            .await
    }

    async fn answer_consent_request(
        &mut self,
        workspace: WorkspaceId,
        id: ConsentRequestId,
        answer: ConsentAnswer,
        at: Timestamp,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE consent_requests SET answer = $3, answered_at = $4 WHERE workspace_id = $1 AND id = $2",
        )
        .id(workspace)
        .id(id)
        .bind(answer.id())
        .bind(at);
        self.changes(update).await
    }

    async fn delete_consent_request(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<bool> {
        let delete = "DELETE FROM consent_requests WHERE workspace_id = $1 AND connection_id = $2";
        self.changes(statement(delete).id(workspace).id(connection))
            .await
    }

    async fn purge_consent_requests(&mut self, now: Timestamp) -> Result<u64> {
        let delete = format!(
            "DELETE FROM consent_requests WHERE (workspace_id, connection_id) IN (
                SELECT workspace_id, connection_id FROM consent_requests WHERE expires_at <= $1 {})",
            D::HOLD.what_is_free
        );
        self.execute(statement(delete).bind(now)).await
    }
}
