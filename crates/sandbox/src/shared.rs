//! What every part of a running sandbox holds a handle to.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::Notify;

use crate::Error;
use crate::clock::Clock;
use crate::entra::keys::{KeyRing, SigningKey};
use crate::entra::secrets;
use crate::http::{Faults, RequestLog};
use crate::issued::Issued;
use crate::state::State;
use crate::throttling::Throttle;

/// A cheap handle to the one state, the clock, the signing keys and the log of requests.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

struct Inner {
    state: Mutex<State>,
    changed: Notify,
    clock: Clock,
    keys: RwLock<KeyRing>,
    log: RequestLog,
    faults: Faults,
    throttle: Throttle,
    issued: Issued,
    identity_header: String,
}

impl Shared {
    pub(crate) fn new(state: State, clock: Clock, keys: KeyRing) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            changed: Notify::new(),
            clock,
            keys: RwLock::new(keys),
            log: RequestLog::default(),
            faults: Faults::default(),
            throttle: Throttle::default(),
            issued: Issued::default(),
            identity_header: secrets::nonce(),
        }))
    }

    /// Looks at the state. The closure keeps the lock from ever being held across an await.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&State) -> T) -> T {
        look(&self.lock())
    }

    /// Changes the state; with a data directory it is saved within about a second.
    pub(crate) fn write<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.changed.notify_one();
        result
    }

    /// The state as it is saved, with the clock's place in it.
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut state = self.lock();
        state.clock_offset_micros = self.0.clock.offset_micros();
        serde_json::to_vec(&*state)
    }

    /// Returns once anything was written since this last returned.
    pub(crate) async fn changed(&self) {
        self.0.changed.notified().await;
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The key that signs now.
    pub(crate) fn key(&self) -> Arc<SigningKey> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.current()
    }

    /// Every key whose signatures are good, newest first.
    pub(crate) fn keys(&self) -> Vec<Arc<SigningKey>> {
        let keys = self.0.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.all()
    }

    /// Lets a new key sign from now on.
    pub(crate) fn roll_key(&self) -> Result<(), Error> {
        let mut keys = self.0.keys.write().unwrap_or_else(PoisonError::into_inner);
        keys.roll()
    }

    pub(crate) fn log(&self) -> &RequestLog {
        &self.0.log
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.0.faults
    }

    pub(crate) fn throttle(&self) -> &Throttle {
        &self.0.throttle
    }

    /// What App Service would put into `IDENTITY_HEADER`; new at each start.
    pub(crate) fn identity_header(&self) -> &str {
        &self.0.identity_header
    }

    pub(crate) fn issued(&self) -> &Issued {
        &self.0.issued
    }

    /// A panic in one request must not take the whole sandbox away, so a poisoned lock is used on.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
