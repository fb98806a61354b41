use async_trait::async_trait;
use jiff::Timestamp;
use model::{ConnectionId, Sealed, WorkspaceId, WriterId};

use crate::Result;

/// The right to renew one token, until it expires by the database's own clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    pub owner: WriterId,
    /// Left, by the database's clock, when the row was read; negative when over.
    pub remaining_ms: i64,
}

/// What replicas share of the access token of one (connection, audience).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRow {
    /// Counts results stored. 0 before the first.
    pub version: i64,
    /// `None` before the first token, and after it was dropped.
    pub sealed: Option<Sealed>,
    pub expires_at: Option<Timestamp>,
    /// When to begin renewing, jitter included.
    pub renew_at: Option<Timestamp>,
    pub lease: Option<Lease>,
}

/// The answer of the row to whoever asks to renew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LeaseOutcome {
    /// Yours, for the seconds asked.
    Acquired,
    /// Somebody else renews: wait for a higher version.
    Held(Lease),
    /// The version is past the one you saw: read again.
    Outdated,
}

/// A minted or renewed access token.
#[derive(Debug, Clone)]
pub struct NewToken {
    pub sealed: Sealed,
    pub expires_at: Timestamp,
    pub renew_at: Timestamp,
}

/// The refresh token of a delegated connection, sealed at `generation`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken {
    pub sealed: Sealed,
    pub generation: i64,
    pub stored_at: Timestamp,
}

/// Access tokens that replicas share, the lease on renewing them, and refresh tokens.
#[async_trait]
pub trait Tokens {
    async fn token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
    ) -> Result<Option<TokenRow>>;

    /// Takes the lease for `lease_secs` when nobody holds one that still runs and the version is `seen` (0 when
    /// there is no row yet: it is made). One statement, in the database's time.
    async fn acquire_lease(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        seen: i64,
        owner: WriterId,
        lease_secs: i64,
    ) -> Result<LeaseOutcome>;

    /// Gives the lease up, if `owner` still has it.
    async fn release_lease(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        owner: WriterId,
    ) -> Result<bool>;

    /// Stores the result where the version is `seen`, raises it by one and ends the lease. False when another
    /// result was stored first: then nothing is written.
    async fn store_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        seen: i64,
        token: &NewToken,
    ) -> Result<bool>;

    /// Forgets the access token of exactly this version (a 401 was seen with it). The version stays.
    async fn drop_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        audience: &str,
        version: i64,
    ) -> Result<bool>;

    /// Forgets every access token of the connection: consent, secret or state changed. Versions rise by one.
    async fn drop_tokens(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<u64>;

    async fn refresh_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<Option<RefreshToken>>;

    /// Stores `token` where the generation is `seen` (`None`: there is none yet). `token.generation` must be
    /// higher. False when another was stored first.
    async fn put_refresh_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
        seen: Option<i64>,
        token: &RefreshToken,
    ) -> Result<bool>;

    async fn delete_refresh_token(
        &mut self,
        workspace: WorkspaceId,
        connection: ConnectionId,
    ) -> Result<bool>;
}
