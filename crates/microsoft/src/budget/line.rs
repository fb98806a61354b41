use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::ledger::{Ledger, Ticket, Verdict};
use super::limits::{Charge, Key};
use super::signals::Signals;

/// Requests that wait at most; one more is told at once that there is no room.
const MOST_WAITING: usize = 10_000;

/// The budgets of this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Budgets(Option<Arc<Inner>>);

struct Inner {
    line: Mutex<Line>,
    start: Instant,
}

/// Who waits, by the most particular budget; the first of each may go next.
#[derive(Default)]
struct Line {
    ledger: Ledger,
    waiting: HashMap<Key, VecDeque<Waiting>>,
    length: usize,
    arrivals: u64,
}

struct Waiting {
    arrival: u64,
    charges: Vec<Charge>,
    go: oneshot::Sender<Pass>,
}

/// Permission to send one request, and its place among those under way until it is dropped.
pub struct Pass {
    inner: Arc<Inner>,
    ticket: Option<Ticket>,
    signals: Option<Signals>,
}

/// No permission before the deadline, or no room to wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The budget that was in the way.
    pub key: Key,
    pub waited: Duration,
}

impl Budgets {
    /// Microsoft's published limits, for as many replicas as share them.
    pub fn published() -> Self {
        Self(Some(Arc::new(Inner {
            line: Mutex::default(),
            start: Instant::now(),
        })))
    }

    /// Lets everything pass, for measuring.
    pub fn off() -> Self {
        Self(None)
    }

    /// Each replica uses its part of what Microsoft allows.
    pub fn share_with(&self, replicas: u32) {
        if let Some(inner) = &self.0 {
            inner.lock().ledger.share_with(replicas);
            // A larger part opens the way for those who wait, and nothing else would tell them.
            inner.call(&nobody());
        }
    }

    /// Requests that wait just now.
    pub fn waiting(&self) -> usize {
        self.0.as_ref().map_or(0, |inner| inner.lock().length)
    }

    /// Waits until a request may go, at most until `deadline`. `None` where nothing is counted.
    pub async fn pass(&self, charges: &[Charge], deadline: Instant) -> Result<Option<Pass>, Held> {
        let Some((inner, first)) = self.0.as_ref().zip(charges.first()) else {
            return Ok(None);
        };
        let arrived = Instant::now();
        let (mut turn, mut look_again, mut in_the_way) = match inner.join(first, charges) {
            Joined::Go(pass) => return Ok(Some(pass)),
            Joined::Full(key) => {
                return Err(Held {
                    key,
                    waited: Duration::ZERO,
                });
            }
            Joined::Wait { turn, until, key } => (turn, until, key),
        };
        loop {
            if let Ok(Ok(pass)) = timeout_at(look_again.min(deadline), &mut turn).await {
                return Ok(Some(pass));
            }
            // A turn that comes with the deadline is of no use to it.
            if Instant::now() >= deadline {
                return Err(Held {
                    key: in_the_way,
                    waited: arrived.elapsed(),
                });
            }
            if let Some((until, key)) = inner.call(&first.key) {
                (look_again, in_the_way) = (until, key);
            }
            if let Ok(pass) = turn.try_recv() {
                return Ok(Some(pass));
            }
        }
    }
}

/// For a look at the whole line on nobody's behalf.
fn nobody() -> Key {
    Key {
        scope: super::Scope::Graph,
        of: String::new(),
    }
}

enum Joined {
    Go(Pass),
    Full(Key),
    Wait {
        turn: oneshot::Receiver<Pass>,
        until: Instant,
        key: Key,
    },
}

impl Inner {
    fn lock(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> Duration {
        self.start.elapsed()
    }

    fn join(self: &Arc<Self>, first: &Charge, charges: &[Charge]) -> Joined {
        let now = self.now();
        let mut line = self.lock();
        let line = &mut *line;
        let is_first = !line.waiting.contains_key(&first.key);
        let (key, at_least) = if is_first {
            match line.ledger.ask(now, charges) {
                Verdict::Go(ticket) => return Joined::Go(self.pass_of(ticket)),
                Verdict::Wait { key, at_least } => (key, at_least),
            }
        } else {
            // Those before it look after the way; it only has to notice its own deadline.
            (first.key.clone(), Duration::from_secs(1))
        };
        if line.length >= MOST_WAITING {
            return Joined::Full(key);
        }
        let (go, turn) = oneshot::channel();
        line.length += 1;
        line.arrivals += 1;
        line.waiting
            .entry(first.key.clone())
            .or_default()
            .push_back(Waiting {
                arrival: line.arrivals,
                charges: charges.to_vec(),
                go,
            });
        Joined::Wait {
            turn,
            until: Instant::now() + at_least,
            key,
        }
    }

    fn pass_of(self: &Arc<Self>, ticket: Ticket) -> Pass {
        Pass {
            inner: Arc::clone(self),
            ticket: Some(ticket),
            signals: None,
        }
    }

    /// Lets everybody go who may, in the order in which they came. Says what is in the way of those behind `watched`.
    fn call(self: &Arc<Self>, watched: &Key) -> Option<(Instant, Key)> {
        let now = self.now();
        let mut missed = Vec::new();
        let mut obstacle = None;
        let mut line = self.lock();
        for key in line.queues() {
            let verdict = line.serve(&key, now, |ticket| self.pass_of(ticket), &mut missed);
            if &key == watched {
                obstacle = verdict;
            }
        }
        drop(line);
        // Whoever was called and had gone gives its place back, for which the line must be free.
        drop(missed);
        obstacle.map(|(key, at_least)| (Instant::now() + at_least, key))
    }

    fn settle(self: &Arc<Self>, ticket: Ticket, signals: Option<Signals>) {
        let now = self.now();
        let mut line = self.lock();
        line.ledger.settle(now, ticket, signals);
        let someone_waits = line.length > 0;
        drop(line);
        if someone_waits {
            self.call(&nobody());
        }
    }
}

impl Line {
    fn queues(&self) -> Vec<Key> {
        let mut heads: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|(key, queue)| Some((queue.front()?.arrival, key)))
            .collect();
        heads.sort_unstable_by_key(|(arrival, _)| *arrival);
        heads.into_iter().map(|(_, key)| key.clone()).collect()
    }

    fn serve(
        &mut self,
        key: &Key,
        now: Duration,
        pass_of: impl Fn(Ticket) -> Pass,
        missed: &mut Vec<Pass>,
    ) -> Option<(Key, Duration)> {
        let queue = self.waiting.get_mut(key)?;
        while let Some(first) = queue.front() {
            if !first.go.is_closed() {
                match self.ledger.ask(now, &first.charges) {
                    Verdict::Wait { key, at_least } => return Some((key, at_least)),
                    Verdict::Go(ticket) => {
                        let pass = pass_of(ticket);
                        self.length -= 1;
                        if let Some(Waiting { go, .. }) = queue.pop_front() {
                            missed.extend(go.send(pass).err());
                        }
                        continue;
                    }
                }
            }
            queue.pop_front();
            self.length -= 1;
        }
        self.waiting.remove(key);
        None
    }
}

impl Pass {
    /// What the answer said. The place among those under way is kept until the pass is dropped.
    pub fn heard(&mut self, signals: Signals) {
        self.signals = Some(signals);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let Some(ticket) = self.ticket.take() {
            self.inner.settle(ticket, self.signals);
        }
    }
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pass").finish_non_exhaustive()
    }
}

impl fmt::Debug for Budgets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Budgets").field(&self.0.is_some()).finish()
    }
}
