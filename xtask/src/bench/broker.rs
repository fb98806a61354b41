//! How fast the broker hands out a token that it holds, in process and on the installation that the server left.

use std::sync::Arc;
use std::time::Instant;

use anyhow::Result;
use connections::{Snapshot, TokenBroker};
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use super::figures::{Aim, Figure, median};
use super::in_process::InProcess;
use super::installation::Installation;

const TOKENS: u32 = 2_000_000;

pub(super) fn measure(
    installation: &Installation,
    upstream: &str,
    runs: usize,
) -> Result<Vec<Figure>> {
    let cores = std::thread::available_parallelism()?.get();
    let alone = median(rates(installation, upstream, runs, 1)?);
    let together = median(rates(installation, upstream, runs, cores)?);
    Ok(vec![
        Figure::new("cached tokens, one caller", alone, "/s").aiming(Aim::AtLeast(1e6)),
        Figure::new("cached tokens, a caller on each core", together, "/s"),
    ])
}

/// Tokens a second, of so many callers at once, run by run.
fn rates(
    installation: &Installation,
    upstream: &str,
    runs: usize,
    callers: usize,
) -> Result<Vec<f64>> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(callers)
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let ours = InProcess::open(installation, upstream).await?;
        let snapshot = ours.snapshot(&installation.connection).await?;
        let broker = TokenBroker::new(ours.context, ours.live);
        let mut rates = Vec::new();
        for _ in 0..runs {
            let begun = Instant::now();
            let mut running = JoinSet::new();
            for _ in 0..callers {
                running.spawn(take(broker.clone(), Arc::clone(&snapshot)));
            }
            while let Some(outcome) = running.join_next().await {
                outcome??;
            }
            let tokens = f64::from(TOKENS) * f64::from(u32::try_from(callers)?);
            rates.push(tokens / begun.elapsed().as_secs_f64());
        }
        Ok(rates)
    })
}

async fn take(broker: TokenBroker, snapshot: Arc<Snapshot>) -> Result<()> {
    for _ in 0..TOKENS {
        std::hint::black_box(broker.token_for(&snapshot).await?);
    }
    Ok(())
}
