//! What Microsoft said about places, kept for ten minutes in this process: one that was deleted, or renamed so that its name is
//! another's, is noticed within that time. What was not found is asked for again after a minute.

use std::hash::Hash;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use model::ConnectionId;
use moka::future::Cache;

use crate::runner::Parts;
use crate::{Error, Result};

pub(super) const FRESH_SECS: i64 = 600;
pub(super) const AGAIN_SECS: i64 = 60;
pub(super) const MOST: u64 = 20_000;

/// Answers to questions of one kind, by connection. Cheap to clone.
pub(super) struct Answers<Q, A>(Cache<Key<Q>, Arc<A>>);

/// A question of one connection, in one stretch of time.
type Key<Q> = (ConnectionId, Q, i64, i64);

impl<Q, A> Clone for Answers<Q, A> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<Q, A> Default for Answers<Q, A>
where
    Q: Hash + Eq + Send + Sync + 'static,
    A: Send + Sync + 'static,
{
    fn default() -> Self {
        Self(Cache::new(MOST))
    }
}

impl<Q, A> Answers<Q, A>
where
    Q: Clone + Hash + Eq + Send + Sync + 'static,
    A: Send + Sync + 'static,
{
    /// What is known for `secs`, or is asked now; asked once for all who wait for it.
    pub(super) async fn get(
        &self,
        parts: &Parts,
        connection: ConnectionId,
        question: Q,
        secs: i64,
        ask: BoxFuture<'_, Result<A>>,
    ) -> Result<Arc<A>> {
        let now = parts.context.now().as_second();
        let key = (connection, question, secs, now / secs);
        let asked = self
            .0
            .try_get_with(key, async move { ask.await.map(Arc::new) });
        asked.await.map_err(|error: Arc<Error>| {
            Arc::try_unwrap(error).unwrap_or_else(|shared| match &*shared {
                Error::Connection(connections::Error::Store(error)) => {
                    connections::Error::Store(Arc::clone(error)).into()
                }
                other => Error::Unreachable(other.to_string()),
            })
        })
    }
}
