//! What every part of a running sandbox holds a handle to.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use jiff::Timestamp;
use tokio::sync::{Notify, watch};

use crate::Error;
use crate::clock::Clock;
use crate::entra::keys::{KeyRing, SigningKey};
use crate::entra::secrets;
use crate::http::{Faults, RequestLog};
use crate::issued::Issued;
use crate::outgoing::Outgoing;
use crate::sandbox::{Scale, Seed};
use crate::seed;
use crate::services::Services;
use crate::state::State;
use crate::state::part::Parts;
use crate::state::snapshot::{Memory, Shelf, Snapshot};
use crate::throttling::Throttle;

/// A cheap handle to the one state, the clock, the signing keys and the log of requests.
#[derive(Clone)]
pub(crate) struct Shared(Arc<Inner>);

/// What a sandbox began with, and begins with again.
#[derive(Clone, Debug, Default)]
pub(crate) struct Origin {
    pub(crate) seed: Seed,
    pub(crate) scale: Scale,
    pub(crate) data: Option<PathBuf>,
}

struct Inner {
    state: Mutex<State>,
    /// Counts the changes of the state.
    version: AtomicU64,
    parts: Parts,
    services: Services,
    origin: Origin,
    snapshots: Shelf,
    changed: Notify,
    written: watch::Sender<()>,
    clock: Clock,
    keys: RwLock<KeyRing>,
    log: RequestLog,
    faults: Faults,
    throttle: Throttle,
    issued: Issued,
    identity_header: String,
}

impl Shared {
    #[cfg(test)]
    pub(crate) fn new(state: State, clock: Clock, keys: KeyRing) -> Self {
        Self::with_services(state, clock, keys, Services::default(), Origin::default())
    }

    pub(crate) fn with_services(
        state: State,
        clock: Clock,
        keys: KeyRing,
        services: Services,
        origin: Origin,
    ) -> Self {
        Self(Arc::new(Inner {
            state: Mutex::new(state),
            version: AtomicU64::new(0),
            parts: services.parts(),
            services,
            snapshots: Shelf::new(origin.data.as_deref()),
            origin,
            changed: Notify::new(),
            written: watch::Sender::default(),
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
        self.0.version.fetch_add(1, Ordering::AcqRel);
        self.0.changed.notify_one();
        self.0.written.send_replace(());
        result
    }

    /// Changes the state without waking whoever follows it: for the notifier, which would else follow itself.
    pub(crate) fn write_quietly<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.lock());
        self.0.version.fetch_add(1, Ordering::AcqRel);
        self.0.changed.notify_one();
        result
    }

    /// Tells of each [`Shared::write`] from now on.
    pub(crate) fn written(&self) -> watch::Receiver<()> {
        self.0.written.subscribe()
    }

    /// The sender of everything that leaves the sandbox.
    pub(crate) fn outgoing(&self) -> &Outgoing {
        &self.0.services.outgoing
    }

    /// The state as it is saved, with the clock's place in it.
    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        let mut state = self.lock();
        state.clock_offset_micros = self.0.clock.offset_micros();
        serde_json::to_vec(&*state)
    }

    /// Another number after every change of the state.
    pub(crate) fn version(&self) -> u64 {
        self.0.version.load(Ordering::Acquire)
    }

    /// What is remembered beside the state.
    pub(crate) fn parts(&self) -> &Parts {
        &self.0.parts
    }

    /// Services with memory of their own.
    pub(crate) fn services(&self) -> &Services {
        &self.0.services
    }

    /// Lets whoever saves, and whoever follows changes, look what has changed.
    pub(crate) fn look_again(&self) {
        self.0.changed.notify_one();
        self.0.written.send_replace(());
    }

    pub(crate) fn snapshots(&self) -> &Shelf {
        &self.0.snapshots
    }

    /// Keeps everything as it is now.
    pub(crate) fn take_snapshot(&self, name: &str) -> io::Result<Snapshot> {
        let state = self.to_json().map_err(io::Error::other)?;
        let memory = Memory::of(state, self.parts())?;
        let snapshot = memory.labelled(name, self.now());
        self.0.snapshots.put(&snapshot, memory)?;
        Ok(snapshot)
    }

    /// Goes on from another state, at the time that it was in.
    pub(crate) fn replace(&self, mut state: State) {
        if let Some(data) = &self.0.origin.data {
            state.drives.keep_files(data.join("files"));
        }
        self.0.clock.set_offset_micros(state.clock_offset_micros);
        self.0.faults.clear();
        self.0.throttle.clear();
        self.write(|current| {
            state.drives.inherit_files(&mut current.drives);
            *current = state;
        });
    }

    /// Goes on from the seed, at the time when the clock is not advanced.
    pub(crate) fn begin_anew(&self) {
        let Origin { seed, scale, .. } = self.0.origin;
        self.0.clock.set_offset_micros(0);
        let now = self.now();
        let state = seed::state(seed, scale, now);
        for mut part in self.0.parts.iter() {
            part.begin(&state, seed, now);
        }
        self.replace(state);
    }

    /// Returns once anything was written since this last returned.
    pub(crate) async fn changed(&self) {
        tokio::select! {
            () = self.0.changed.notified() => {}
            () = self.outgoing().changed() => {}
        }
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
