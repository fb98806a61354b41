use async_trait::async_trait;
use jiff::Timestamp;
use model::{
    ApiKey, ApiKeyId, Member, MemberId, Session, SessionId, SignInLink, Workspace, WorkspaceId,
};

use crate::row::Row;
use crate::statement::statement;
use crate::transaction::{Dialect, Tx};
use crate::{People, Result};

const MEMBER: &str = "workspace_id, id, email, name, role, password_hash, disabled_at, created_at";
const SESSION: &str = "workspace_id, id, member_id, secret_hash, expires_at, created_at";
const API_KEY: &str = "workspace_id, id, member_id, name, role, scope, secret_hash, expires_at, revoked_at, created_at";

fn workspace(row: &impl Row) -> Result<Workspace> {
    Ok(Workspace {
        id: row.parsed("id")?,
        name: row.text("name")?,
        created_at: row.instant("created_at")?,
    })
}

fn member(row: &impl Row) -> Result<Member> {
    Ok(Member {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        email: row.text("email")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        password_hash: row.maybe_text("password_hash")?,
        disabled_at: row.maybe_instant("disabled_at")?,
        created_at: row.instant("created_at")?,
    })
}

fn sign_in_link(row: &impl Row) -> Result<SignInLink> {
    Ok(SignInLink {
        workspace_id: row.parsed("workspace_id")?,
        member_id: row.parsed("member_id")?,
        secret_hash: row.hash("secret_hash")?,
        expires_at: row.instant("expires_at")?,
    })
}

fn session(row: &impl Row) -> Result<Session> {
    Ok(Session {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        member_id: row.parsed("member_id")?,
        secret_hash: row.hash("secret_hash")?,
        expires_at: row.instant("expires_at")?,
        created_at: row.instant("created_at")?,
    })
}

fn api_key(row: &impl Row) -> Result<ApiKey> {
    Ok(ApiKey {
        id: row.parsed("id")?,
        workspace_id: row.parsed("workspace_id")?,
        member_id: row.parsed("member_id")?,
        name: row.text("name")?,
        role: row.parsed("role")?,
        scope: row.json("scope")?,
        secret_hash: row.hash("secret_hash")?,
        expires_at: row.maybe_instant("expires_at")?,
        revoked_at: row.maybe_instant("revoked_at")?,
        created_at: row.instant("created_at")?,
    })
}

#[async_trait]
impl<D: Dialect> People for Tx<D> {
    async fn create_workspace(&mut self, workspace: &Workspace) -> Result<()> {
        let insert = statement("INSERT INTO workspaces (id, name, created_at) VALUES ($1, $2, $3)")
            .id(workspace.id)
            .bind(workspace.name.as_str())
            .bind(workspace.created_at);
        self.execute(insert).await.map(drop)
    }

    async fn workspace(&mut self, id: WorkspaceId) -> Result<Option<Workspace>> {
        let select = statement("SELECT id, name, created_at FROM workspaces WHERE id = $1").id(id);
        self.first(select, workspace).await
    }

    async fn workspaces(&mut self) -> Result<Vec<Workspace>> {
        let select = "SELECT id, name, created_at FROM workspaces ORDER BY created_at, id";
        self.all(statement(select), workspace).await
    }

    async fn create_member(&mut self, member: &Member) -> Result<()> {
        let insert = statement(
            "INSERT INTO members (workspace_id, id, email, email_folded, name, role, password_hash, disabled_at,
                created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .id(member.workspace_id)
        .id(member.id)
        .bind(member.email.as_str())
        .bind(member.email.to_lowercase())
        .bind(member.name.as_str())
        .bind(member.role.id())
        .bind(member.password_hash.as_deref())
        .bind(member.disabled_at)
        .bind(member.created_at);
        self.execute(insert).await.map(drop)
    }

    async fn member(&mut self, workspace: WorkspaceId, id: MemberId) -> Result<Option<Member>> {
        let select = format!("SELECT {MEMBER} FROM members WHERE workspace_id = $1 AND id = $2");
        self.first(statement(select).id(workspace).id(id), member)
            .await
    }

    async fn members(&mut self, workspace: WorkspaceId) -> Result<Vec<Member>> {
        let select = format!("SELECT {MEMBER} FROM members WHERE workspace_id = $1 ORDER BY id");
        self.all(statement(select).id(workspace), member).await
    }

    async fn members_by_email(&mut self, email: &str) -> Result<Vec<Member>> {
        let select = format!("SELECT {MEMBER} FROM members WHERE email_folded = $1 ORDER BY id");
        self.all(statement(select).bind(email.to_lowercase()), member)
            .await
    }

    async fn set_password_hash(
        &mut self,
        workspace: WorkspaceId,
        id: MemberId,
        phc: &str,
    ) -> Result<bool> {
        let update =
            statement("UPDATE members SET password_hash = $3 WHERE workspace_id = $1 AND id = $2")
                .id(workspace)
                .id(id)
                .bind(phc);
        self.changes(update).await
    }

    async fn create_sign_in_link(&mut self, link: &SignInLink) -> Result<()> {
        let insert = statement(
            "INSERT INTO sign_in_links (secret_hash, workspace_id, member_id, expires_at) VALUES ($1, $2, $3, $4)",
        )
        .bind(link.secret_hash)
        .id(link.workspace_id)
        .id(link.member_id)
        .bind(link.expires_at);
        self.execute(insert).await.map(drop)
    }

    async fn take_sign_in_link(
        &mut self,
        secret_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignInLink>> {
        let take = statement(
            "DELETE FROM sign_in_links WHERE secret_hash = $1
            RETURNING secret_hash, workspace_id, member_id, expires_at",
        )
        .bind(secret_hash);
        let link = self.first(take, sign_in_link).await?;
        Ok(link.filter(|link| link.expires_at > now))
    }

    async fn create_session(&mut self, session: &Session) -> Result<()> {
        let insert = format!("INSERT INTO sessions ({SESSION}) VALUES ($1, $2, $3, $4, $5, $6)");
        let insert = statement(insert)
            .id(session.workspace_id)
            .id(session.id)
            .id(session.member_id)
            .bind(session.secret_hash)
            .bind(session.expires_at)
            .bind(session.created_at);
        self.execute(insert).await.map(drop)
    }

    async fn session_by_hash(&mut self, secret_hash: [u8; 32]) -> Result<Option<Session>> {
        let select = format!("SELECT {SESSION} FROM sessions WHERE secret_hash = $1");
        self.first(statement(select).bind(secret_hash), session)
            .await
    }

    async fn delete_session(&mut self, workspace: WorkspaceId, id: SessionId) -> Result<bool> {
        let delete = "DELETE FROM sessions WHERE workspace_id = $1 AND id = $2";
        self.changes(statement(delete).id(workspace).id(id)).await
    }

    async fn end_sign_ins(
        &mut self,
        workspace: WorkspaceId,
        member: MemberId,
        but: Option<SessionId>,
    ) -> Result<u64> {
        // No session has the empty id.
        let but = but.map(|id| id.to_string()).unwrap_or_default();
        let sessions = statement(
            "DELETE FROM sessions WHERE workspace_id = $1 AND member_id = $2 AND id <> $3",
        )
        .id(workspace)
        .id(member)
        .bind(but);
        let links =
            statement("DELETE FROM sign_in_links WHERE workspace_id = $1 AND member_id = $2")
                .id(workspace)
                .id(member);
        Ok(self.execute(sessions).await? + self.execute(links).await?)
    }

    async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64> {
        let free = D::HOLD.what_is_free;
        let sessions = format!(
            "DELETE FROM sessions WHERE (workspace_id, id) IN (
                SELECT workspace_id, id FROM sessions WHERE expires_at <= $1 {free})"
        );
        let links = format!(
            "DELETE FROM sign_in_links WHERE secret_hash IN (
                SELECT secret_hash FROM sign_in_links WHERE expires_at <= $1 {free})"
        );
        let ended = self.execute(statement(sessions).bind(now)).await?;
        Ok(ended + self.execute(statement(links).bind(now)).await?)
    }

    async fn create_api_key(&mut self, key: &ApiKey) -> Result<()> {
        let insert = format!(
            "INSERT INTO api_keys ({API_KEY}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
        );
        let insert = statement(insert)
            .id(key.workspace_id)
            .id(key.id)
            .id(key.member_id)
            .bind(key.name.as_str())
            .bind(key.role.id())
            .json(&key.scope)
            .bind(key.secret_hash)
            .bind(key.expires_at)
            .bind(key.revoked_at)
            .bind(key.created_at);
        self.execute(insert).await.map(drop)
    }

    async fn api_key_by_hash(&mut self, secret_hash: [u8; 32]) -> Result<Option<ApiKey>> {
        let select = format!("SELECT {API_KEY} FROM api_keys WHERE secret_hash = $1");
        self.first(statement(select).bind(secret_hash), api_key)
            .await
    }

    async fn api_keys(&mut self, workspace: WorkspaceId) -> Result<Vec<ApiKey>> {
        let select = format!("SELECT {API_KEY} FROM api_keys WHERE workspace_id = $1 ORDER BY id");
        self.all(statement(select).id(workspace), api_key).await
    }

    async fn revoke_api_key(
        &mut self,
        workspace: WorkspaceId,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<bool> {
        let update = statement(
            "UPDATE api_keys SET revoked_at = $3 WHERE workspace_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .id(workspace)
        .id(id)
        .bind(at);
        self.changes(update).await
    }
}
