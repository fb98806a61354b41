use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use super::Entry;
use super::commit::Committer;
use crate::{Error, Result};

/// Lines of one kind that go into one commit at most.
const GROUP: usize = 1000;
/// How long a noted line waits for others.
const GATHER: Duration = Duration::from_millis(100);
/// Noted lines are tried this often, with pauses of 0.2, 0.4, … seconds: about three seconds in all.
const TRIES: u32 = 5;

/// What was handed in and is not committed yet.
pub(super) struct Queues {
    urgent: Receiver<Entry>,
    notes: Receiver<Entry>,
    /// Taken from `urgent`.
    waiting: Vec<Entry>,
    /// Taken from `notes`.
    held: Vec<Entry>,
    urgent_ended: bool,
    notes_ended: bool,
}

pub(super) struct Task {
    committer: Committer,
    queues: Queues,
    lost: Arc<AtomicU64>,
    stop: CancellationToken,
    /// When the held lines must be committed.
    due: Option<Instant>,
    /// How often the held lines were tried in vain. Until it is 0 again no more are taken: a queue that fills up
    /// slows its callers, which is better than forgetting.
    failures: u32,
}

impl Queues {
    pub(super) fn new(urgent: Receiver<Entry>, notes: Receiver<Entry>) -> Self {
        Self {
            urgent,
            notes,
            waiting: Vec::new(),
            held: Vec::new(),
            urgent_ended: false,
            notes_ended: false,
        }
    }

    fn ended(&self) -> bool {
        self.urgent_ended && self.notes_ended
    }

    fn close(&mut self) {
        self.urgent.close();
        self.notes.close();
    }

    /// Takes what is there already, to share the commit.
    fn fill(&mut self) {
        while self.held.len() < GROUP {
            let Ok(entry) = self.notes.try_recv() else {
                break;
            };
            self.held.push(entry);
        }
    }
}

impl Task {
    pub(super) fn new(
        committer: Committer,
        queues: Queues,
        lost: Arc<AtomicU64>,
        stop: CancellationToken,
    ) -> Self {
        Self {
            committer,
            queues,
            lost,
            stop,
            due: None,
            failures: 0,
        }
    }

    pub(super) async fn run(mut self) {
        while self.gather().await {
            let group = self.next_group();
            self.commit(group).await;
        }
    }

    /// Waits until something must be committed. False when nothing ever will.
    async fn gather(&mut self) -> bool {
        let mut stopping = false;
        loop {
            if self.queues.ended() && self.failures == 0 {
                return !self.queues.held.is_empty();
            }
            let queues = &mut self.queues;
            let room = GROUP - queues.held.len();
            let takes_notes = room > 0 && self.failures == 0 && !queues.notes_ended;
            let due = self.due.unwrap_or_else(Instant::now);
            tokio::select! {
                biased;
                () = self.stop.cancelled(), if !stopping => {
                    stopping = true;
                    queues.close();
                }
                taken = queues.urgent.recv_many(&mut queues.waiting, GROUP), if !queues.urgent_ended => {
                    if taken > 0 {
                        return true;
                    }
                    queues.urgent_ended = true;
                }
                () = sleep_until(due), if self.due.is_some() => return true,
                taken = queues.notes.recv_many(&mut queues.held, room), if takes_notes => {
                    queues.notes_ended = taken == 0;
                    if taken > 0 {
                        self.due.get_or_insert_with(|| Instant::now() + GATHER);
                    }
                    if queues.held.len() == GROUP {
                        return true;
                    }
                }
            }
        }
    }

    /// Those somebody waits for, and the held ones unless they pause after a failure.
    fn next_group(&mut self) -> Vec<Entry> {
        let mut group = Vec::new();
        let pausing = self.failures > 0 && self.due.is_some_and(|due| due > Instant::now());
        if !pausing {
            if self.failures == 0 {
                self.queues.fill();
            }
            group.append(&mut self.queues.held);
            self.due = None;
        }
        group.append(&mut self.queues.waiting);
        group
    }

    async fn commit(&mut self, group: Vec<Entry>) {
        match self.committer.commit(&group).await {
            Ok(outcomes) => {
                self.recovered();
                for (entry, outcome) in group.into_iter().zip(outcomes) {
                    answer(entry, Ok(outcome));
                }
            }
            Err(Error::Unavailable(error) | Error::Contended(error)) => {
                self.unreachable(group, &error);
            }
            Err(_) => self.commit_each(group).await,
        }
    }

    /// One by one: an entry that the database refuses must not take the others with it.
    async fn commit_each(&mut self, group: Vec<Entry>) {
        let mut group = group.into_iter();
        while let Some(entry) = group.next() {
            match self.committer.commit(std::slice::from_ref(&entry)).await {
                Ok(mut outcomes) => {
                    self.recovered();
                    answer(entry, Ok(outcomes.pop().flatten()));
                }
                Err(Error::Unavailable(error) | Error::Contended(error)) => {
                    let rest = std::iter::once(entry).chain(group).collect();
                    return self.unreachable(rest, &error);
                }
                Err(error) => self.refused(entry, error),
            }
        }
    }

    /// The database answers: held lines need not pause any more.
    fn recovered(&mut self) {
        self.failures = 0;
        self.due = (!self.queues.held.is_empty()).then(Instant::now);
    }

    /// Who waits is told; noted lines are kept for another try, up to a limit.
    fn unreachable(&mut self, group: Vec<Entry>, error: &sqlx::Error) {
        let mut noted = Vec::new();
        for entry in group {
            match entry.waiter {
                Some(_) => answer(entry, Err(again(error))),
                None => noted.push(entry),
            }
        }
        if noted.is_empty() {
            return;
        }
        self.failures += 1;
        if self.failures < TRIES {
            self.due = Some(Instant::now() + GATHER * 2_u32.pow(self.failures));
            noted.append(&mut self.queues.held);
            self.queues.held = noted;
        } else {
            self.failures = 0;
            self.lose(noted.len(), error);
        }
    }

    fn refused(&self, entry: Entry, error: Error) {
        match entry.waiter {
            Some(_) => answer(entry, Err(error)),
            None => self.lose(1, &error),
        }
    }

    fn lose(&self, lines: usize, error: &(dyn std::error::Error + 'static)) {
        self.lost.fetch_add(lines as u64, Ordering::Relaxed);
        tracing::error!(
            lines,
            error,
            "activity lines could not be written and are lost"
        );
    }
}

/// Nobody may be waiting any more; that changes nothing.
fn answer(entry: Entry, result: Result<Option<super::EffectOutcome>>) {
    if let Some(waiter) = entry.waiter {
        let _ = waiter.send(result);
    }
}

/// The same fault for one more caller. The original cannot be copied.
fn again(error: &sqlx::Error) -> Error {
    Error::Unavailable(sqlx::Error::Io(std::io::Error::other(error.to_string())))
}
