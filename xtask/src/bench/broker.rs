//! How fast the broker hands out a token that it holds, in process and on the installation that the server left.

use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result};
use connections::{Context, Entras, Live, Seals, Snapshot, TokenBroker};
use microsoft::{Cloud, Clouds, Transport, TransportOptions};
use model::{SystemClock, SystemRandom, WriterId};
use store::Store;
use store::journal::Journal;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio_util::task::TaskTracker;
use vault::Vault;

use super::figures::{Aim, Figure, median};
use super::installation::{CLOUD, Installation};

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
        let (broker, snapshot) = open(installation, upstream).await?;
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

async fn open(installation: &Installation, upstream: &str) -> Result<(TokenBroker, Arc<Snapshot>)> {
    let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
    let data = installation.folder.path();
    let store = Store::open(&data.join("consentry.db")).await?;
    let keys = vault::read_key_file(&data.join("master.key"))?.context("there is no master key")?;
    let vault = Arc::new(Vault::new(keys, random.clone()));
    let cloud = Cloud {
        id: CLOUD.to_owned(),
        ..Clouds::sandbox(upstream)
    };
    let writer = WriterId::generate(&*clock, &*random);
    let (journal, _task) = Journal::start(store.clone(), writer);
    let context = Context {
        seals: Seals::new(vault, store.clone(), clock.clone(), random.clone()),
        store,
        journal,
        clouds: Arc::new(Clouds::built_in().with(cloud)?),
        transport: Transport::new(TransportOptions::default(), clock.clone(), random.clone())?,
        clock,
        random,
        tasks: TaskTracker::new(),
        public_url: "http://127.0.0.1/".parse()?,
        federation: Arc::default(),
        entras: Entras::default(),
        outside: microsoft::Outside {
            allow_loopback: true,
        },
    };
    let live = Live::new(context.clone());
    let (workspace, id) = (
        installation.workspace.parse(),
        installation.connection.parse(),
    );
    let (Ok(workspace), Ok(id)) = (workspace, id) else {
        anyhow::bail!("the installation's ids are none");
    };
    let snapshot = live.get(workspace, id).await?;
    Ok((TokenBroker::new(context, live), snapshot))
}
