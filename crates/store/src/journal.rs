//! The writer of the activity log: one task per process, which owns the heads of this process's chains and commits
//! lines in groups. While one commit runs the next group gathers, so that a busy log costs a commit for many lines,
//! and an idle one answers at once.

mod chain;
mod commit;
mod task;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use model::{Activity, WorkspaceId, WriterId};
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{Answer, Claim, ClaimOutcome, Error, Result, Store};

pub use chain::{BrokenChain, verify_chain, verify_chain_after};

/// How many lines wait at most before [`Journal::note`] and [`Journal::record`] wait themselves.
const QUEUE: usize = 10_000;

/// What is committed together with a line.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Takes an idempotency key. When somebody has it the line is not written.
    Claim(WorkspaceId, Claim),
    /// Stores the answer of a request that took a key.
    Answer {
        workspace: WorkspaceId,
        key: String,
        writer: WriterId,
        answer: Answer,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EffectOutcome {
    Claim(ClaimOutcome),
    /// False when the claim was no longer the writer's; the line is written all the same.
    Answer(bool),
}

/// One line on its way, with what is committed beside it and who waits for it.
struct Entry {
    line: Activity,
    effect: Option<Effect>,
    waiter: Option<oneshot::Sender<Result<Option<EffectOutcome>>>>,
}

/// Where lines are handed in. Cheap to clone.
#[derive(Clone)]
pub struct Journal {
    writer: WriterId,
    urgent: mpsc::Sender<Entry>,
    notes: mpsc::Sender<Entry>,
    lost: Arc<AtomicU64>,
}

/// The task behind a [`Journal`]. It ends by [`stop`](Self::stop), or when every `Journal` is dropped.
pub struct JournalTask {
    tracker: TaskTracker,
    stop: CancellationToken,
}

impl Journal {
    /// `writer` must be new: its chains begin with this call.
    pub fn start(store: Store, writer: WriterId) -> (Self, JournalTask) {
        let (urgent, urgent_queue) = mpsc::channel(QUEUE);
        let (notes, note_queue) = mpsc::channel(QUEUE);
        let lost = Arc::new(AtomicU64::new(0));
        let stop = CancellationToken::new();
        let committer = commit::Committer::new(store, writer);
        let queues = task::Queues::new(urgent_queue, note_queue);
        let task = task::Task::new(committer, queues, Arc::clone(&lost), stop.clone());
        let tracker = TaskTracker::new();
        tracker.spawn(task.run());
        tracker.close();
        let journal = Self {
            writer,
            urgent,
            notes,
            lost,
        };
        (journal, JournalTask { tracker, stop })
    }

    pub fn writer(&self) -> WriterId {
        self.writer
    }

    /// The line is committed when this returns. After an error it may be there or not; nothing may be sent on it.
    pub async fn record(&self, line: Activity) -> Result<()> {
        self.submit(line, None).await.map(drop)
    }

    /// The line and the effect are committed when this returns, both or neither.
    pub async fn record_with(&self, line: Activity, effect: Effect) -> Result<EffectOutcome> {
        let outcome = self.submit(line, Some(effect)).await?;
        Ok(outcome.expect("an entry with an effect is answered with its outcome"))
    }

    /// Committed within 100 ms. Waits only while the queue is full.
    pub async fn note(&self, line: Activity) {
        let entry = Entry {
            line: storable(line),
            effect: None,
            waiter: None,
        };
        if self.notes.send(entry).await.is_err() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Noted lines that could not be written.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    async fn submit(
        &self,
        line: Activity,
        effect: Option<Effect>,
    ) -> Result<Option<EffectOutcome>> {
        let (waiter, answer) = oneshot::channel();
        let entry = Entry {
            line: storable(line),
            effect,
            waiter: Some(waiter),
        };
        self.urgent.send(entry).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl JournalTask {
    /// Takes no more lines, commits those handed in, and returns.
    pub async fn stop(self) {
        self.stop.cancel();
        self.tracker.wait().await;
    }
}

fn stopped() -> Error {
    Error::Unavailable(sqlx::Error::PoolClosed)
}

/// The line as the database gives it back, so that its hash fits then: time to the microsecond, and no NUL, which
/// PostgreSQL's text cannot hold and which comes in by a caller's target.
fn storable(mut line: Activity) -> Activity {
    line.at = jiff::Timestamp::from_microsecond(line.at.as_microsecond()).unwrap_or(line.at);
    replace_nul(&mut line.action);
    let remote = &mut line.remote;
    let texts = [
        &mut line.target,
        &mut line.code,
        &mut remote.request_id,
        &mut remote.client_request_id,
        &mut remote.trace_id,
        &mut remote.correlation_id,
    ];
    texts.into_iter().flatten().for_each(replace_nul);
    line
}

fn replace_nul(text: &mut String) {
    if text.contains('\0') {
        *text = text.replace('\0', "\u{fffd}");
    }
}
