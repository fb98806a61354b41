//! `Idempotency-Key`: each key leads to at most one request at Microsoft, whatever dies in between, and the same answer
//! for a day.
//!
//! The key is taken in the transaction that writes the intent. Afterwards a repeat finds one of: the answer; a process that
//! is still at it; or a dead process's claim, whose write is then decided by what the catalogue says of repeating it.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connections::Caller;
use jiff::{SignedDuration, Timestamp};
use model::{Activity, Outcome, sha256};
use serde::{Deserialize, Serialize};
use store::journal::{Effect, EffectOutcome};
use store::{Claim, ClaimOutcome, IdempotencyRow};

use crate::ready::Ready;
use crate::runner::Parts;
use crate::write::Write;
use crate::{Answer, Error, Result, record};

/// How long an answer is kept.
const KEPT: SignedDuration = SignedDuration::from_hours(24);
const LONGEST_KEY: usize = 255;

/// A caller's key, with the claim made on it.
pub(crate) struct Held {
    pub(crate) claim: Claim,
}

/// Keys that this process works on. One that the database says is ours, and is not among these, was left behind by a
/// failure to record its end.
#[derive(Clone, Default)]
pub(crate) struct Running(Arc<Mutex<HashSet<String>>>);

/// Leaves the set when dropped.
pub(crate) struct Entered {
    running: Running,
    key: String,
}

impl Running {
    /// [`Error::InProgress`] while another request of this process has the key.
    pub(crate) fn enter(&self, held: &Held) -> Result<Entered> {
        let key = held.claim.key.clone();
        if !self.with(|keys| keys.insert(key.clone())) {
            return Err(Error::InProgress);
        }
        Ok(Entered {
            running: self.clone(),
            key,
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashSet<String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.running.with(|keys| keys.remove(&self.key));
    }
}

/// How to go on once the key is ours, or was answered before.
pub(crate) enum Resume {
    /// Nothing was sent under it.
    Run,
    Answer(Answer),
    /// Something may have been sent, `since` then.
    Look {
        since: Timestamp,
        /// Where a long write was, if it came so far.
        progress: Option<String>,
    },
}

/// What is kept of an outcome, sealed.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kept {
    Answer {
        status: u16,
        content_type: Option<String>,
        body: String,
    },
    Uncertain {
        message: String,
    },
}

impl Held {
    pub(crate) fn new(
        parts: &Parts,
        caller: &Caller,
        ready: &Ready,
        begun: &Activity,
        key: &str,
    ) -> Result<Self> {
        if key.is_empty()
            || key.len() > LONGEST_KEY
            || !key.bytes().all(|byte| byte.is_ascii_graphic())
        {
            return Err(Error::Input {
                code: "invalid_input",
                field: Some("Idempotency-Key".to_owned()),
                message: format!("the key must have 1 to {LONGEST_KEY} visible ASCII characters"),
            });
        }
        let now = parts.context.now();
        let claim = Claim {
            key: format!("{}:{key}", caller.member_id),
            request_hash: request_hash(ready),
            connection_id: ready.snapshot.connection.id,
            writer: parts.context.journal.writer(),
            intent_id: begun.id,
            created_at: now,
            expires_at: now + KEPT,
        };
        Ok(Self { claim })
    }

    /// What a message under this key is recognised by: the same for every try, and another once the key has expired and is
    /// used anew. Not to be guessed from outside.
    fn mark(&self, first_claimed_at: Timestamp) -> String {
        let text = format!(
            "{}|{}|{}",
            self.claim.connection_id,
            self.claim.key,
            first_claimed_at.as_microsecond()
        );
        hex(&sha256(text.as_bytes()))
    }

    /// What to keep: success, and that it is uncertain. `None` for a failure, after which the key is free again.
    pub(crate) async fn answer(
        &self,
        parts: &Parts,
        ready: &Ready,
        outcome: &Result<Answer>,
    ) -> Result<Option<store::Answer>> {
        let (status, kept) = match outcome {
            Ok(answer) => {
                let body = STANDARD.encode(&answer.body);
                (
                    answer.status,
                    Kept::Answer {
                        status: answer.status,
                        content_type: answer.content_type.clone(),
                        body,
                    },
                )
            }
            Err(Error::Uncertain { message, .. }) => (
                409,
                Kept::Uncertain {
                    message: message.clone(),
                },
            ),
            Err(_) => return Ok(None),
        };
        let text =
            serde_json::to_string(&kept).map_err(|error| Error::Unexpected(error.to_string()))?;
        let sealed = parts
            .context
            .seals
            .seal_answer(&ready.snapshot.connection, &self.claim.key, &text)
            .await?;
        Ok(Some(store::Answer { status, sealed }))
    }

    /// Seals and stores where the write is. The claim is still ours, or somebody else goes on with it.
    pub(crate) async fn keep_progress(
        &self,
        parts: &Parts,
        caller: &Caller,
        ready: &Ready,
        progress: &str,
    ) -> Result<()> {
        let seals = &parts.context.seals;
        let connection = &ready.snapshot.connection;
        let sealed = seals
            .seal_answer(connection, &self.claim.key, progress)
            .await?;
        let mut tx = parts.context.store.write().await?;
        let is_ours = tx
            .note_progress(
                caller.workspace_id,
                &self.claim.key,
                self.claim.writer,
                &sealed,
            )
            .await?;
        tx.commit().await?;
        if is_ours {
            Ok(())
        } else {
            Err(Error::InProgress)
        }
    }

    pub(crate) async fn abandon(&self, parts: &Parts, caller: &Caller) -> Result<()> {
        let mut tx = parts.context.store.write().await?;
        tx.abandon_claim(caller.workspace_id, &self.claim.key, self.claim.writer)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// Commits the intent, and takes the key with it where there is one.
pub(crate) async fn take(write: &mut Write<'_>) -> Result<Resume> {
    let journal = &write.parts.context.journal;
    let Some(held) = &write.held else {
        write.mark = write.begun.id.to_string();
        journal.record(write.begun.clone()).await?;
        return Ok(Resume::Run);
    };
    let effect = Effect::Claim(write.caller.workspace_id, held.claim.clone());
    let (first_claimed_at, resume) = match journal.record_with(write.begun.clone(), effect).await? {
        EffectOutcome::Claim(ClaimOutcome::Existing(row)) => {
            (row.claim.created_at, resume(write, held, row).await?)
        }
        EffectOutcome::Claim(ClaimOutcome::Claimed) | EffectOutcome::Answer(_) => {
            (held.claim.created_at, Resume::Run)
        }
    };
    write.mark = held.mark(first_claimed_at);
    Ok(resume)
}

/// Somebody had the key before.
async fn resume(write: &Write<'_>, held: &Held, row: IdempotencyRow) -> Result<Resume> {
    if row.claim.request_hash != held.claim.request_hash {
        return Err(Error::KeyMismatch);
    }
    if row.answer.is_some() {
        return replay(write, row).await.map(Resume::Answer);
    }
    let others = write.parts.context.others_alive().await?;
    if others.contains(&row.claim.writer) {
        return Err(Error::InProgress);
    }
    take_over(write, held, row).await
}

/// Takes a dead try's place. Our intent is committed first: a claim whose intent does not exist was never sent, and must
/// not come to be by our own death in between.
async fn take_over(write: &Write<'_>, held: &Held, row: IdempotencyRow) -> Result<Resume> {
    let dead = &row.claim;
    let context = &write.parts.context;
    let workspace = write.caller.workspace_id;
    context.journal.record(write.begun.clone()).await?;
    let mut tx = context.store.write().await?;
    if !tx.reclaim(workspace, dead, &held.claim).await? {
        drop(tx);
        let late = record::ended(context, &write.begun, Err(&Error::InProgress));
        context.journal.record(late).await?;
        return Err(Error::InProgress);
    }
    let intent = tx.activity(workspace, dead.intent_id).await?;
    let result = tx.result_of(workspace, dead.intent_id).await?;
    tx.commit().await?;
    let never_happened = intent.is_none()
        || result.is_some_and(|line| matches!(line.outcome, Outcome::Failed | Outcome::Denied));
    let repeatable = matches!(
        write.ready.repeat,
        catalog::Repeat::Safe | catalog::Repeat::Idempotent
    );
    let progress = match &row.progress {
        Some(sealed) => {
            let seals = &context.seals;
            let connection = &write.ready.snapshot.connection;
            Some(seals.open_answer(connection, &dead.key, sealed).await?)
        }
        None => None,
    };
    if progress.is_none() && (never_happened || repeatable) {
        return Ok(Resume::Run);
    }
    let since = intent.map_or(dead.created_at, |line| line.at);
    Ok(Resume::Look { since, progress })
}

async fn replay(write: &Write<'_>, row: IdempotencyRow) -> Result<Answer> {
    let unreadable = || Error::Unexpected("a kept answer does not read".to_owned());
    let sealed = row.answer.ok_or_else(unreadable)?.sealed;
    let seals = &write.parts.context.seals;
    let text = seals
        .open_answer(&write.ready.snapshot.connection, &row.claim.key, &sealed)
        .await?;
    match serde_json::from_str(&text).map_err(|_| unreadable())? {
        Kept::Uncertain { message } => Err(Error::Uncertain {
            activity: Some(row.claim.intent_id),
            message,
        }),
        Kept::Answer {
            status,
            content_type,
            body,
        } => Ok(Answer {
            status,
            content_type,
            body: STANDARD.decode(body).map_err(|_| unreadable())?.into(),
            cursor: None,
            activity: Some(row.claim.intent_id),
            replayed: true,
        }),
    }
}

/// What makes two requests the same: connection, action, address, headers and body, before any mark of ours.
fn request_hash(ready: &Ready) -> [u8; 32] {
    let wire = &ready.wire;
    let mut text = format!(
        "{}|{}|{:?}|",
        ready.snapshot.connection.id,
        ready.permit.deed().action,
        wire.target
    );
    for (name, value) in &wire.headers {
        // Writing to a string cannot fail.
        let _ = write!(text, "{name}: {value:?}|");
    }
    if let Some(length) = ready.content_length {
        let _ = write!(text, "{length} bytes|");
    }
    let body = wire.body.as_deref().unwrap_or_default();
    sha256(&[text.as_bytes(), body].concat())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
