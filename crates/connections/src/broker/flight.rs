//! Callers of one process who want the same renewal share it. The renewal is a task of its own, so that a caller who
//! goes away does not end it for the others.

use std::collections::HashMap;
use std::sync::atomic::AtomicI64;
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::sync::OwnedSemaphorePermit;

use super::{BrokerError, Held, Token, TokenBroker, TokenKey};
use crate::Snapshot;

type Outcome = Result<Arc<Token>, BrokerError>;
type Flight = Shared<BoxFuture<'static, Outcome>>;

/// Renewals under way in this process.
#[derive(Clone, Default)]
pub(super) struct Flights(Arc<Mutex<HashMap<TokenKey, Flight>>>);

impl Flights {
    fn with<T>(&self, act: impl FnOnce(&mut HashMap<TokenKey, Flight>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn number(&self) -> usize {
        self.with(|flights| flights.len())
    }
}

/// Takes the flight off the list however it ends, so that the next caller begins a new one.
struct Landing {
    flights: Flights,
    key: TokenKey,
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.flights.with(|flights| flights.remove(&self.key));
    }
}

impl TokenBroker {
    /// Waits for a token newer than `stale`: by the renewal under way, or by one begun now, which asks for `claims`.
    pub(super) async fn renewed(
        &self,
        snapshot: &Arc<Snapshot>,
        key: &TokenKey,
        stale: Option<i64>,
        claims: Option<Arc<str>>,
    ) -> Outcome {
        loop {
            let turn = None;
            let flight = self.begin(snapshot, key, stale, claims.clone(), turn);
            let token = flight.await?;
            // A flight that began before ours may end with the very token that will not do.
            if stale.is_none_or(|stale| token.version > stale) {
                return Ok(token);
            }
        }
    }

    /// Joins the renewal under way, or begins one, which keeps `turn` until it ends; it goes on whether or not the answer is
    /// awaited.
    pub(super) fn begin(
        &self,
        snapshot: &Arc<Snapshot>,
        key: &TokenKey,
        stale: Option<i64>,
        claims: Option<Arc<str>>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Flight {
        self.flights.with(|flights| {
            if let Some(flight) = flights.get(key) {
                return flight.clone();
            }
            let flight = self.fly(Arc::clone(snapshot), key.clone(), stale, claims, turn);
            flights.insert(key.clone(), flight.clone());
            flight
        })
    }

    fn fly(
        &self,
        snapshot: Arc<Snapshot>,
        key: TokenKey,
        stale: Option<i64>,
        claims: Option<Arc<str>>,
        turn: Option<OwnedSemaphorePermit>,
    ) -> Flight {
        let broker = self.clone();
        let task = self.context.tasks.spawn(async move {
            let _turn = turn;
            let _landing = Landing {
                flights: broker.flights.clone(),
                key: key.clone(),
            };
            let outcome = broker.renew(&snapshot, &key, stale, claims.as_ref()).await;
            broker.tally.ended(&outcome);
            match &outcome {
                Ok(token) => broker.hold(&key, token),
                Err(error) => broker.pauses.after(&key, error, &broker.context),
            }
            outcome
        });
        async move {
            task.await.unwrap_or_else(|stopped| {
                Err(BrokerError::Transient {
                    message: format!("the renewal stopped: {stopped}"),
                    diagnosis: None,
                    retry_after: None,
                })
            })
        }
        .boxed()
        .shared()
    }

    /// Keeps the token in memory. One that is renewed counts as asked for when its forerunner was.
    fn hold(&self, key: &TokenKey, token: &Arc<Token>) {
        let asked = self
            .cache
            .get(key)
            .map_or_else(|| self.context.now().as_second(), |held| held.asked());
        let held = Held {
            token: Arc::clone(token),
            asked: AtomicI64::new(asked),
        };
        self.cache.insert(key.clone(), Arc::new(held));
    }
}
