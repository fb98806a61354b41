//! Renewals that nobody waits for, begun ahead of the end: the token that ends first comes first, and so many at once that
//! ten thousand which end in the same minute neither flood Entra nor keep the database from those who wait.
//!
//! What is due is known from memory: a process renews what it handed out lately, and nothing that nobody asks for. So the
//! sweep costs the same however many connections the database holds.

use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt, stream};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;

use super::{IDLE, TokenBroker, TokenKey};
use crate::Snapshot;

/// Renewals of this process under way that nobody waits for. With Entra answering in a third of a second it takes a hundred a
/// second, and the window is five minutes or more.
pub(super) const AT_ONCE: usize = 32;
/// One sweep ends after this; the next one looks anew at what ends first.
const TURN: Duration = Duration::from_secs(30);

impl TokenBroker {
    /// Renews what this process hands out and whose time has come; answers how many there were.
    pub async fn renew_due(&self) -> usize {
        let due = self.due();
        let number = due.len();
        self.tally.due(number);
        let renewals =
            stream::iter(due).for_each_concurrent(AT_ONCE, |(key, version)| async move {
                self.renew_in_turn(&key, version).await;
            });
        // Those under way go on by themselves.
        let _ = timeout(TURN, renewals).await;
        number
    }

    /// Tokens in memory that somebody asked for lately and whose time has come, the one that ends first before the others.
    fn due(&self) -> Vec<(TokenKey, i64)> {
        let now = self.context.now();
        let idle = now.as_second() - i64::try_from(IDLE.as_secs()).unwrap_or(i64::MAX);
        let mut due: Vec<_> = self
            .cache
            .iter()
            .filter(|(_, held)| {
                held.token.renew_at <= now && now < held.token.expires_at && held.asked() >= idle
            })
            .map(|(key, held)| (held.token.expires_at, key, held.token.version))
            .collect();
        due.sort_unstable_by_key(|(end, ..)| *end);
        due.into_iter()
            .map(|(_, key, version)| (TokenKey::clone(&key), version))
            .collect()
    }

    async fn renew_in_turn(&self, key: &TokenKey, stale: i64) {
        let Ok(permit) = Arc::clone(&self.ahead).acquire_owned().await else {
            return;
        };
        if self.pauses.running(key, self.context.now()).is_some() {
            return;
        }
        // One that cannot be read must not keep the others from being renewed.
        let Ok(snapshot) = self.live.get(key.workspace, key.connection).await else {
            return;
        };
        if snapshot.connection.state.is_usable() {
            // What went wrong is in the activity log and in the connection's state.
            drop(
                self.begin(&snapshot, key, Some(stale), None, Some(permit))
                    .await,
            );
        }
    }

    /// Begins a renewal that nobody waits for, unless Entra was promised a pause, or as many are under way as may be: then the
    /// next call or the next sweep begins it.
    pub(super) fn renew_behind(&self, snapshot: &Arc<Snapshot>, key: &TokenKey, stale: i64) {
        if self.pauses.running(key, self.context.now()).is_some() {
            return;
        }
        let permit: Option<OwnedSemaphorePermit> = Arc::clone(&self.ahead).try_acquire_owned().ok();
        if permit.is_some() {
            drop(self.begin(snapshot, key, Some(stale), None, permit));
        }
    }
}
