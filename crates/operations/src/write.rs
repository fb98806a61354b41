//! Writes: the intent is committed before anything is sent, the result before it is answered. What may have happened is
//! never simply sent again: it is looked for, and where nothing tells, a person decides.

use std::sync::atomic::{AtomicBool, Ordering};

use connections::Caller;
use model::{Activity, RemoteIds};
use store::journal::Effect;

use crate::behavior;
use crate::idempotency::{Held, Resume};
use crate::look::{self, Found};
use crate::ready::Ready;
use crate::runner::Parts;
use crate::{Answer, Error, Result, idempotency, record};

/// One write under way.
pub(crate) struct Write<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) caller: &'a Caller,
    pub(crate) ready: Ready,
    pub(crate) begun: Activity,
    /// The caller's key, taken.
    pub(crate) held: Option<Held>,
    /// What a message of ours is recognised by: the same for every try under one key.
    pub(crate) mark: String,
    /// Whether the mark is in what is sent. It is not where the caller chose a Message-ID: that may be an older message's.
    pub(crate) is_marked: bool,
    /// Whether the key stays taken after a failure, since there is something to go on with.
    pub(crate) is_open: AtomicBool,
}

pub(crate) async fn run(
    parts: &Parts,
    caller: &Caller,
    ready: Ready,
    key: Option<&str>,
) -> Result<Answer> {
    let begun = record::begun(&parts.context, caller, &ready.snapshot, ready.permit.deed());
    let held = key
        .map(|key| Held::new(parts, caller, &ready, &begun, key))
        .transpose()?;
    let _entered = held
        .as_ref()
        .map(|held| parts.running.enter(held))
        .transpose()?;
    let mut write = Write {
        parts,
        caller,
        ready,
        begun,
        held,
        mark: String::new(),
        is_marked: false,
        is_open: AtomicBool::new(false),
    };
    let resume = idempotency::take(&mut write).await?;
    look::leave_mark(&mut write);
    match resume {
        Resume::Run => write.attempt().await,
        Resume::Answer(answer) => Ok(answer),
        Resume::Look { since, progress } => write.settle(since, progress).await,
    }
}

impl Write<'_> {
    async fn attempt(&self) -> Result<Answer> {
        let outcome = match behavior::carry_out(self.parts, &self.ready, Some(self)).await {
            Err(error) if behavior::is_doubtful(&self.ready, &error) => self.decide(error).await,
            other => other,
        };
        self.conclude(outcome).await
    }

    /// A try of before, by a process that is gone: did it happen?
    async fn settle(&self, since: jiff::Timestamp, progress: Option<String>) -> Result<Answer> {
        if let Some(progress) = progress {
            return match behavior::resume(self.parts, &self.ready, self, &progress).await {
                Ok(None) => self.attempt().await,
                Ok(Some(done)) => self.conclude(Ok(done)).await,
                Err(error) => self.conclude(Err(error)).await,
            };
        }
        match look::for_it(self, since).await {
            Found::Happened(answer) => self.conclude(Ok((answer, RemoteIds::default()))).await,
            Found::NotHappened => self.attempt().await,
            Found::Unknown => {
                let message = "the process that sent it ended before the answer was recorded";
                self.conclude(Err(self.uncertain(message.to_owned()))).await
            }
        }
    }

    /// The answer was lost on its way. What can be repeated may be; the rest is looked for.
    async fn decide(&self, error: Error) -> Result<(Answer, RemoteIds)> {
        if self.ready.repeat == catalog::Repeat::Idempotent {
            return Err(crate::exchange::settled(error));
        }
        match look::for_it(self, self.begun.at).await {
            Found::Happened(answer) => Ok((answer, RemoteIds::default())),
            Found::NotHappened => Err(Error::Unreachable(error.to_string())),
            Found::Unknown => Err(self.uncertain(error.to_string())),
        }
    }

    /// Where a long write is, so that a repetition under the same key goes on with it. Without a key nobody could.
    pub(crate) async fn keep_progress(&self, progress: &str) -> Result<()> {
        match &self.held {
            Some(held) => {
                held.keep_progress(self.parts, self.caller, &self.ready, progress)
                    .await
            }
            None => Ok(()),
        }
    }

    /// The key is not freed by this failure: a repetition goes on with what was kept.
    pub(crate) fn leave_open(&self) {
        self.is_open.store(true, Ordering::Release);
    }

    fn uncertain(&self, message: String) -> Error {
        Error::Uncertain {
            activity: Some(self.begun.id),
            message,
        }
    }

    /// Commits the result, with the answer for the key where there is one, and only then answers.
    async fn conclude(&self, outcome: Result<(Answer, RemoteIds)>) -> Result<Answer> {
        let outcome = outcome.map_err(|error| error.during(self.ready.permit.deed()));
        let told = outcome
            .as_ref()
            .map(|(answer, remote)| (answer.status, remote.clone()));
        let mut line = record::ended(&self.parts.context, &self.begun, told);
        let file = self.ready.file_bytes.filter(|_| outcome.is_ok());
        line.bytes_sent = file.and_then(|bytes| i64::try_from(bytes).ok());
        let activity = line.id;
        let outcome = outcome.map(|(answer, _)| Answer {
            activity: Some(activity),
            ..answer
        });
        match self.commit(line, &outcome).await {
            Ok(()) => outcome,
            // Microsoft did it, or may have, and nobody will ever read so: whoever asked must not simply ask again.
            Err(error) if record::may_be_done(&outcome) => Err(self.uncertain(error.to_string())),
            Err(error) => Err(error),
        }
    }

    async fn commit(&self, line: Activity, outcome: &Result<Answer>) -> Result<()> {
        let journal = &self.parts.context.journal;
        let Some(held) = &self.held else {
            return Ok(journal.record(line).await?);
        };
        let can_be_looked_for = matches!(self.ready.repeat, catalog::Repeat::Look(_));
        let is_open = self.is_open.load(Ordering::Acquire)
            || can_be_looked_for && matches!(outcome, Err(Error::Uncertain { .. }));
        if is_open {
            // The claim stays: whoever asks again later may find the trace, or that there will be none, or goes on.
            return Ok(journal.record(line).await?);
        }
        match held.answer(self.parts, &self.ready, outcome).await {
            Ok(Some(answer)) => {
                let effect = Effect::Answer {
                    workspace: self.caller.workspace_id,
                    key: held.claim.key.clone(),
                    writer: held.claim.writer,
                    answer,
                };
                journal.record_with(line, effect).await?;
                Ok(())
            }
            Ok(None) => {
                journal.record(line).await?;
                held.abandon(self.parts, self.caller).await
            }
            // The connection was removed meanwhile, and with it the key that would seal the answer.
            Err(_) => Ok(journal.record(line).await?),
        }
    }
}
