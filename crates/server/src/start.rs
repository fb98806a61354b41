//! From a configuration to a server that listens. Nothing here is slow: the first answer comes within 100 ms of the start
//! when the data directory was used before.

mod bootstrap;
mod directory;
mod follow;
mod keyring;
mod listen;
mod recover;
mod restore;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connections::bootstrap::Bootstraps;
use connections::{Apps, Context, Lifecycle, Live, Seals, TokenBroker, jobs};
use microsoft::Transport;
use model::WriterId;
use operations::Runner;
use secrecy::ExposeSecret;
use store::Store;
use store::journal::Journal;
use tokio::sync::Semaphore;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

pub(crate) use directory::DataDirectory;
pub(crate) use keyring::{
    is_shared as is_master_key_shared, reload as reload_keyring, removable as removable_master_keys,
};
pub(crate) use listen::remove_socket;
pub(crate) use restore::restore;
pub use restore::{Outcome as RestoreOutcome, Restore};

use crate::api::backup;
use crate::api::health::Figures;
use crate::auth::Identities;
use crate::http::{Hosts, RequestIds};
use crate::state::Parts;
use crate::{App, Config, Dependencies, Server, StartError, metrics, routes};

/// How often samples are folded into buckets.
const FOLD: Duration = Duration::from_secs(5);

pub(crate) async fn start(
    config: Config,
    dependencies: Dependencies,
) -> Result<Server, StartError> {
    metrics::begin();
    let directory = DataDirectory::open(&config.data.directory)?;
    let listener = listen::bind(config.listen.address).await?;
    let public_url = config.listen.public_url(listen::address(&listener)?)?;
    let store = open(&config, directory.path()).await?;
    let (vault, next) =
        keyring::unlock(&config.master_key, directory.path(), &store, &dependencies).await?;
    let owner = bootstrap::first_owner(&store, &dependencies).await?;
    let writer = WriterId::generate(&*dependencies.clock, &*dependencies.random);
    register(&store, writer, &dependencies).await?;
    let (journal, journal_task) = Journal::start(store.clone(), writer);
    let Dependencies { clock, random } = dependencies;
    let transport = Transport::new(config.outbound.options(), clock.clone(), random.clone())?;
    let context = Context {
        seals: Seals::new(
            Arc::new(vault),
            store.clone(),
            clock.clone(),
            random.clone(),
        ),
        store,
        journal,
        clouds: Arc::new(config.clouds.resolve()?),
        transport,
        clock,
        random,
        tasks: TaskTracker::new(),
        public_url,
        federation: Arc::new(config.federation.resolve()?),
        entras: config.outbound.entras(),
        outside: microsoft::Outside {
            allow_loopback: config.webhooks.allow_loopback,
        },
    };
    if let Some(next) = next {
        context.seals.wait_for(next);
    }
    let live = Live::new(context.clone());
    let broker = TokenBroker::new(context.clone(), live.clone());
    let stop = CancellationToken::new();
    recover::start(&context, &stop).await?;
    let pulse = jobs::start(&context, &live, &broker, &stop);
    fold_metrics(&context, &stop);
    let lifecycle = Lifecycle::new(context.clone(), live.clone(), broker.clone());
    let app = App::new(Parts {
        bootstraps: Bootstraps::new(lifecycle.clone()),
        lifecycle,
        apps: Apps::new(context.clone()),
        runner: Runner::new(context.clone(), live, broker),
        identities: Identities::default(),
        hosts: Hosts::new(&context.public_url, &config.listen.hosts),
        request_ids: RequestIds::new(&*context.random),
        owner,
        backups: Arc::new(Semaphore::new(backup::AT_A_TIME)),
        pulse,
        figures: Figures::default(),
        context,
        config,
    });
    follow::start(&app, &stop);
    let router = routes::router(&app);
    listen::serve(&app, listener, router.clone(), &stop);
    let socket = listen::serve_socket(&app, directory.path(), router, &stop)?;
    Ok(Server::new(app, directory, socket, journal_task, stop))
}

async fn open(config: &Config, directory: &Path) -> Result<Store, StartError> {
    Ok(match config.data.database_url()? {
        Some(url) => Store::connect(url.expose_secret()).await?,
        None => Store::open(&directory.join("consentry.db")).await?,
    })
}

async fn register(
    store: &Store,
    writer: WriterId,
    dependencies: &Dependencies,
) -> Result<(), store::Error> {
    let mut tx = store.write().await?;
    tx.register_writer(writer, dependencies.clock.now()).await?;
    tx.commit().await
}

/// Marks this process as ended, so that others need not wait for its silence.
pub(crate) async fn retire(store: &Store, writer: WriterId) -> Result<(), store::Error> {
    let mut tx = store.write().await?;
    tx.retire_writer(writer).await?;
    tx.commit().await
}

fn fold_metrics(context: &Context, stop: &CancellationToken) {
    let stop = stop.clone();
    context.tasks.spawn(async move {
        let mut turns = interval(FOLD);
        turns.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = stop.cancelled() => return,
                _ = turns.tick() => metrics::upkeep(),
            }
        }
    });
}
