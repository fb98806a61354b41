//! Writes that were announced by a process that died: nobody knows whether they happened, and the log says so.

use std::time::Duration;

use connections::Context;
use connections::jobs::DEAD_AFTER_SECS;
use futures_util::future::try_join_all;
use model::{Activity, ActivityId, Outcome, Phase};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

/// Lines in one go.
const BATCH: i64 = 500;
const AGAIN: Duration = Duration::from_mins(1);

/// Once before the first request, for the process before this one; then now and again, for other replicas.
pub(super) async fn start(context: &Context, stop: &CancellationToken) -> Result<(), store::Error> {
    sweep(context).await?;
    let (context, stop) = (context.clone(), stop.clone());
    let tasks = context.tasks.clone();
    tasks.spawn(async move {
        let mut turns = interval_at(Instant::now() + AGAIN, AGAIN);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turns.tick() => {
                    if let Err(error) = sweep(&context).await {
                        tracing::warn!(error = %error, "orphaned writes could not be looked for; next try in a minute");
                    }
                }
            }
        }
    });
    Ok(())
}

async fn sweep(context: &Context) -> Result<(), store::Error> {
    let mut tx = context.store.read().await?;
    let mut alive = tx.writers_alive(DEAD_AFTER_SECS).await?;
    drop(tx);
    if context.store.backend() == "sqlite" {
        // The lock on the data directory says that there is no other, however lately it was heard of.
        alive.clear();
    }
    alive.push(context.journal.writer());
    loop {
        let orphans = context
            .store
            .read()
            .await?
            .orphaned_intents(&alive, BATCH)
            .await?;
        let is_last = i64::try_from(orphans.len()).is_ok_and(|count| count < BATCH);
        let lines = orphans
            .iter()
            .map(|intent| context.journal.record(uncertain(context, intent)));
        try_join_all(lines).await?;
        if is_last {
            return Ok(());
        }
    }
}

fn uncertain(context: &Context, intent: &Activity) -> Activity {
    Activity {
        id: ActivityId::generate(&*context.clock, &*context.random),
        at: context.now(),
        phase: Phase::Result,
        intent_id: Some(intent.id),
        outcome: Outcome::Uncertain,
        code: Some("process_ended".to_owned()),
        ..intent.clone()
    }
}
