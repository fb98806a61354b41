use async_trait::async_trait;
use jiff::Timestamp;
use model::{
    ApiKey, ApiKeyId, Member, MemberId, Session, SessionId, SignInLink, Workspace, WorkspaceId,
};

use crate::Result;

/// Workspaces, their members, and what members and programs sign in with.
#[async_trait]
pub trait People {
    async fn create_workspace(&mut self, workspace: &Workspace) -> Result<()>;
    async fn workspace(&mut self, id: WorkspaceId) -> Result<Option<Workspace>>;
    /// All of them, oldest first.
    async fn workspaces(&mut self) -> Result<Vec<Workspace>>;

    async fn create_member(&mut self, member: &Member) -> Result<()>;
    async fn member(&mut self, workspace: WorkspaceId, id: MemberId) -> Result<Option<Member>>;
    async fn members(&mut self, workspace: WorkspaceId) -> Result<Vec<Member>>;
    /// In every workspace: sign-in happens before the workspace is known. Addresses compare without case.
    async fn members_by_email(&mut self, email: &str) -> Result<Vec<Member>>;
    async fn set_password_hash(
        &mut self,
        workspace: WorkspaceId,
        id: MemberId,
        phc: &str,
    ) -> Result<bool>;

    async fn create_sign_in_link(&mut self, link: &SignInLink) -> Result<()>;
    /// Finds and removes it in one step, so that it works once. `None` when unknown, used or expired.
    async fn take_sign_in_link(
        &mut self,
        secret_hash: [u8; 32],
        now: Timestamp,
    ) -> Result<Option<SignInLink>>;

    async fn create_session(&mut self, session: &Session) -> Result<()>;
    /// Expired ones included; the caller knows the time.
    async fn session_by_hash(&mut self, secret_hash: [u8; 32]) -> Result<Option<Session>>;
    async fn delete_session(&mut self, workspace: WorkspaceId, id: SessionId) -> Result<bool>;
    /// Removes the member's sessions, but for this one, and their open links; answers how many.
    async fn end_sign_ins(
        &mut self,
        workspace: WorkspaceId,
        member: MemberId,
        but: Option<SessionId>,
    ) -> Result<u64>;
    /// Removes sessions and links that ended before `now`; answers how many.
    async fn purge_sessions(&mut self, now: Timestamp) -> Result<u64>;

    async fn create_api_key(&mut self, key: &ApiKey) -> Result<()>;
    /// Revoked and expired ones included; the caller decides.
    async fn api_key_by_hash(&mut self, secret_hash: [u8; 32]) -> Result<Option<ApiKey>>;
    async fn api_keys(&mut self, workspace: WorkspaceId) -> Result<Vec<ApiKey>>;
    /// False when there is no such key, or it is revoked already.
    async fn revoke_api_key(
        &mut self,
        workspace: WorkspaceId,
        id: ApiKeyId,
        at: Timestamp,
    ) -> Result<bool>;
}
