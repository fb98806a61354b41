//! What goes on without anybody asking. Every job is idempotent: each replica runs them all, and a token that two want to
//! renew is renewed by whoever gets its lease.

mod checks;
mod expiry;
mod rotation;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

pub(crate) use expiry::calm;
use jiff::SignedDuration;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;

use crate::{Context, Live, Result, TokenBroker, checkpoints, data_keys, issuer, webhooks};

/// A writer that has not beaten for this long is dead, by the database's clock.
pub const DEAD_AFTER_SECS: i64 = 10;
const BEAT: Duration = Duration::from_secs(2);
const RENEW: Duration = Duration::from_secs(5);
const WARN: Duration = Duration::from_mins(20);
const CHECK: Duration = Duration::from_mins(1);
const DELIVER: Duration = Duration::from_secs(2);
/// Events are kept for so long, delivered or not.
const EVENTS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
/// What became of set-ups is told for so long.
const BOOTSTRAPS_KEPT: SignedDuration = SignedDuration::from_hours(24 * 30);
const TEND: Duration = Duration::from_mins(30);
const VOUCH: Duration = Duration::from_mins(5);
const SHRED: Duration = Duration::from_mins(5);
const PURGE: Duration = Duration::from_mins(10);

/// Whether the last heartbeat could be written: the one change that each process tries every other second. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Pulse(Arc<AtomicBool>);

impl Pulse {
    /// False while the database takes no changes from this process.
    pub fn is_beating(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Starts them; they end when `stop` is cancelled.
pub fn start(
    context: &Context,
    live: &Live,
    broker: &TokenBroker,
    stop: &CancellationToken,
) -> Pulse {
    let pulse = Pulse(Arc::new(AtomicBool::new(true)));
    let (beating, felt) = (context.clone(), pulse.clone());
    every(context, stop, BEAT, move || {
        feel(beating.clone(), felt.clone())
    });
    let renewer = broker.clone();
    every(context, stop, RENEW, move || renew(renewer.clone()));
    let (warned, watched, asked) = (context.clone(), live.clone(), broker.clone());
    every(context, stop, WARN, move || {
        warn(warned.clone(), watched.clone(), asked.clone())
    });
    let (checked, seen, tokens) = (context.clone(), live.clone(), broker.clone());
    every(context, stop, CHECK, move || {
        look_after(checked.clone(), seen.clone(), tokens.clone())
    });
    let outbox = context.clone();
    every(context, stop, DELIVER, move || deliver(outbox.clone()));
    let issuer = context.clone();
    every(context, stop, TEND, move || tend(issuer.clone()));
    let vouched = context.clone();
    every(context, stop, VOUCH, move || vouch(vouched.clone()));
    let replaced = context.clone();
    every(context, stop, SHRED, move || shred(replaced.clone()));
    let purged = context.clone();
    every(context, stop, PURGE, move || purge(purged.clone()));
    pulse
}

/// Runs `job` now and again after each `period`. A failure is logged; the next turn tries anew.
fn every<F>(
    context: &Context,
    stop: &CancellationToken,
    period: Duration,
    job: impl Fn() -> F + Send + 'static,
) where
    F: Future<Output = Result<()>> + Send,
{
    let stop = stop.clone();
    context.tasks.spawn(async move {
        let mut turns = interval(period);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turns.tick() => {
                    if let Err(error) = job().await {
                        tracing::warn!(error = %error, "a job failed; it is tried again at its next turn");
                    }
                }
            }
        }
    });
}

async fn feel(context: Context, pulse: Pulse) -> Result<()> {
    let beaten = beat(context).await;
    pulse.0.store(beaten.is_ok(), Ordering::Relaxed);
    beaten
}

/// Says that this process lives, and learns with how many others it shares what Microsoft allows.
async fn beat(context: Context) -> Result<()> {
    let mut tx = context.store.write().await?;
    let master_key = context.seals.said_master_keys();
    tx.beat(context.journal.writer(), &master_key).await?;
    let alive = tx.writers_alive(DEAD_AFTER_SECS).await?.len();
    tx.commit().await?;
    let replicas = u32::try_from(alive).unwrap_or(u32::MAX);
    context.transport.budgets().share_with(replicas);
    Ok(())
}

/// Renews the tokens that this process hands out and whose time has come.
pub async fn renew(broker: TokenBroker) -> Result<()> {
    broker.renew_due().await;
    Ok(())
}

/// Replaces client secrets that end soon where that is wanted, and tells of the proofs that are left. One replica at a time
/// does it.
pub async fn warn(context: Context, live: Live, broker: TokenBroker) -> Result<()> {
    if mine(&context, "expiry", WARN).await? {
        rotation::sweep(&context, &live, &broker).await?;
        expiry::sweep(&context, &live).await?;
    }
    Ok(())
}

/// Looks after connections that nobody used for a day. One replica at a time does it.
pub async fn look_after(context: Context, live: Live, broker: TokenBroker) -> Result<()> {
    if mine(&context, "checks", CHECK).await? {
        checks::sweep(&context, &live, &broker).await?;
    }
    Ok(())
}

/// Sends events to webhooks. Every replica does it; each event is taken by one.
pub async fn deliver(context: Context) -> Result<()> {
    webhooks::deliver(&context).await
}

/// Whether this replica does the job this turn; it keeps it while it lives.
async fn mine(context: &Context, job: &str, period: Duration) -> Result<bool> {
    let secs = i64::try_from(period.as_secs())
        .unwrap_or(i64::MAX)
        .saturating_mul(2);
    let mut tx = context.store.write().await?;
    let is_mine = tx.take_job(job, context.journal.writer(), secs).await?;
    tx.commit().await?;
    Ok(is_mine)
}

async fn tend(context: Context) -> Result<()> {
    issuer::tend(&context).await
}

/// Signs how far the chains of the activity log have come. One replica at a time does it.
pub async fn vouch(context: Context) -> Result<()> {
    if mine(&context, "checkpoints", VOUCH).await? {
        checkpoints::make(&context).await?;
    }
    Ok(())
}

/// Removes data keys that were replaced a while ago, once nothing is sealed by them. One replica at a time does it.
pub async fn shred(context: Context) -> Result<()> {
    if mine(&context, "data_keys", SHRED).await? {
        data_keys::shred(&context).await?;
    }
    Ok(())
}

async fn purge(context: Context) -> Result<()> {
    let now = context.now();
    let mut tx = context.store.write().await?;
    tx.purge_sessions(now).await?;
    tx.purge_attempts(now).await?;
    tx.purge_consent_requests(now).await?;
    tx.purge_bootstraps(now - BOOTSTRAPS_KEPT).await?;
    tx.purge_claims(now).await?;
    tx.purge_events(now - EVENTS_KEPT).await?;
    Ok(tx.commit().await?)
}
