//! Tokens, for whoever asks: from memory while they last, renewed ahead of their end, and asked of Entra once, however
//! many callers and replicas want the same one.

mod ahead;
mod challenge;
mod error;
mod flight;
mod lasting;
mod lease;
mod mint;
mod pause;
mod reads;
mod state;
mod tally;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use microsoft::AccessToken;
use model::{ConnectionId, ConnectionState, WorkspaceId};
use moka::sync::Cache;
use tokio::sync::Semaphore;
use tokio::time::Instant;

pub use error::BrokerError;
use flight::Flights;
pub(crate) use mint::row_name;
use pause::Pauses;
pub use reads::{READ_ENDS_US, Reads};
pub(crate) use state::is_shut_out;
pub use tally::Tally;

use crate::{Context, Live, Snapshot};

/// Tokens kept in memory at most; the rest are a database read away.
const TOKENS: u64 = 100_000;
/// A token that nobody asked for in so long is neither kept in memory nor renewed ahead.
const IDLE: Duration = Duration::from_hours(1);
/// A token with less time left than this is not handed out: a call must be able to finish with it.
const LEAST_LEFT: SignedDuration = SignedDuration::from_secs(30);

/// A token is for one connection and one audience.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct TokenKey {
    pub(crate) workspace: WorkspaceId,
    pub(crate) connection: ConnectionId,
    pub(crate) audience: Arc<str>,
}

impl TokenKey {
    pub(crate) fn of(snapshot: &Snapshot) -> Self {
        Self {
            workspace: snapshot.connection.workspace_id,
            connection: snapshot.connection.id,
            audience: Arc::clone(&snapshot.audience),
        }
    }
}

/// An access token with what the broker knows of it.
#[derive(Debug)]
pub struct Token {
    pub access: AccessToken,
    pub expires_at: Timestamp,
    pub(crate) renew_at: Timestamp,
    /// Which result of the (connection, audience) it is.
    pub(crate) version: i64,
    /// Version of the connection that it was read for.
    pub(crate) connection_version: i64,
    /// The claims challenge that it was minted to meet, by this process.
    pub(crate) met: Option<Arc<str>>,
}

/// A token in memory.
struct Held {
    token: Arc<Token>,
    /// When somebody asked for it last, in seconds since 1970. A renewal is no asking.
    asked: AtomicI64,
}

impl Held {
    fn asked(&self) -> i64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Written once a second at most, so that callers on several cores do not take the line from each other.
    fn ask(&self, now: Timestamp) {
        if self.asked() != now.as_second() {
            self.asked.store(now.as_second(), Ordering::Relaxed);
        }
    }
}

/// Hands out valid access tokens. Cheap to clone.
#[derive(Clone)]
pub struct TokenBroker {
    context: Context,
    live: Live,
    cache: Cache<TokenKey, Arc<Held>>,
    flights: Flights,
    pauses: Pauses,
    /// Turns for renewals that nobody waits for.
    ahead: Arc<Semaphore>,
    tally: tally::Counts,
}

impl TokenBroker {
    pub fn new(context: Context, live: Live) -> Self {
        let cache = Cache::builder()
            .max_capacity(TOKENS)
            .time_to_idle(IDLE)
            .build();
        Self {
            context,
            live,
            cache,
            flights: Flights::default(),
            pauses: Pauses::default(),
            ahead: Arc::new(Semaphore::new(ahead::AT_ONCE)),
            tally: tally::Counts::default(),
        }
    }

    /// What it did so far.
    pub fn tally(&self) -> Tally {
        self.tally.now(self.flights.number())
    }

    /// A token that is good for at least half a minute more, renewed first if needed. Inside the renewal window the
    /// current one is answered at once while a new one is fetched behind it.
    pub async fn token_for(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Token>, BrokerError> {
        let begun = Instant::now();
        let key = TokenKey::of(snapshot);
        if matches!(
            snapshot.connection.state,
            ConnectionState::Disabled | ConnectionState::Pending
        ) {
            usable(snapshot)?;
        }
        // A change of the connection may have replaced its tokens: then the row is asked once before the cache counts.
        let held = self
            .cache
            .get(&key)
            .filter(|held| held.token.connection_version == snapshot.connection.version);
        if let Some(held) = &held
            && let Some(token) = self.at_hand(snapshot, &key, held)
        {
            self.tally.read_from_memory(begun.elapsed());
            return Ok(token);
        }
        usable(snapshot)?;
        let stale = held.map(|held| held.token.version);
        let outcome = self.renewed(snapshot, &key, stale, None).await;
        self.tally.waited_for(begun.elapsed());
        outcome
    }

    /// The token that is held, while it lasts.
    fn at_hand(&self, snapshot: &Arc<Snapshot>, key: &TokenKey, held: &Held) -> Option<Arc<Token>> {
        let (now, token) = (self.context.now(), &held.token);
        held.ask(now);
        if now >= token.renew_at {
            if now + LEAST_LEFT >= token.expires_at || !snapshot.connection.state.is_usable() {
                return None;
            }
            self.renew_behind(snapshot, key, token.version);
        }
        Some(Arc::clone(token))
    }

    /// A new token, whatever state the connection is in: for tests and repairs that a person asked for.
    pub(crate) async fn forced(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Token>, BrokerError> {
        let key = TokenKey::of(snapshot);
        self.pauses.end(&key);
        let stale = self.stored_version(&key).await?;
        self.renewed(snapshot, &key, stale, None).await
    }

    /// A new token, if the connection is fit to have one: what Entra says of it today.
    pub(crate) async fn fresh(&self, snapshot: &Arc<Snapshot>) -> Result<Arc<Token>, BrokerError> {
        usable(snapshot)?;
        let key = TokenKey::of(snapshot);
        let stale = self.stored_version(&key).await?;
        self.renewed(snapshot, &key, stale, None).await
    }

    /// Microsoft refused `token` with 401: forgets exactly this one, here and for the other replicas, and answers a
    /// newer one, which another caller may have fetched already.
    pub async fn replace(
        &self,
        snapshot: &Arc<Snapshot>,
        token: &Token,
    ) -> Result<Arc<Token>, BrokerError> {
        self.replaced(snapshot, token, None).await
    }

    async fn replaced(
        &self,
        snapshot: &Arc<Snapshot>,
        token: &Token,
        claims: Option<Arc<str>>,
    ) -> Result<Arc<Token>, BrokerError> {
        let key = TokenKey::of(snapshot);
        if let Some(newer) = self
            .cache
            .get(&key)
            .filter(|held| held.token.version > token.version)
        {
            return Ok(Arc::clone(&newer.token));
        }
        self.cache.invalidate(&key);
        let mut tx = self.context.store.write().await?;
        tx.drop_token(key.workspace, key.connection, &key.audience, token.version)
            .await?;
        tx.commit().await?;
        usable(snapshot)?;
        self.renewed(snapshot, &key, Some(token.version), claims)
            .await
    }

    /// Forgets what this process holds for the connection.
    pub(crate) fn forget(&self, snapshot: &Snapshot) {
        self.cache.invalidate(&TokenKey::of(snapshot));
    }

    async fn stored_version(&self, key: &TokenKey) -> Result<Option<i64>, BrokerError> {
        let mut tx = self.context.store.read().await?;
        let row = tx
            .token(key.workspace, key.connection, &key.audience)
            .await?;
        Ok(row.map(|row| row.version))
    }
}

fn usable(snapshot: &Snapshot) -> Result<(), BrokerError> {
    if snapshot.connection.state.is_usable() {
        return Ok(());
    }
    Err(BrokerError::Unusable {
        state: snapshot.connection.state,
        diagnosis: snapshot.connection.diagnosis.clone().map(Box::new),
    })
}
