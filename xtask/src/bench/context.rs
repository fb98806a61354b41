//! What the product's crates need to work in this process.

use std::sync::Arc;

use anyhow::Result;
use connections::{Context, Entras, Seals};
use microsoft::{Budgets, Cloud, Clouds, Outside, Transport, TransportOptions};
use model::{SharedClock, SystemRandom, WriterId};
use store::Store;
use store::journal::{Journal, JournalTask};
use tokio_util::task::TaskTracker;
use vault::{MasterKeys, Vault};

use super::installation::CLOUD;

/// On this database, with `upstream` for Microsoft, whose limits are not kept to.
pub(super) async fn context(
    store: Store,
    keys: MasterKeys,
    upstream: &str,
    clock: SharedClock,
) -> Result<(Context, JournalTask)> {
    let random = Arc::new(SystemRandom);
    let writer = WriterId::generate(&*clock, &*random);
    let mut tx = store.write().await?;
    tx.register_writer(writer, clock.now()).await?;
    tx.commit().await?;
    let (journal, task) = Journal::start(store.clone(), writer);
    let cloud = Cloud {
        id: CLOUD.to_owned(),
        ..Clouds::sandbox(upstream)
    };
    let options = TransportOptions {
        budgets: Budgets::off(),
        ..TransportOptions::default()
    };
    let vault = Arc::new(Vault::new(keys, random.clone()));
    let context = Context {
        seals: Seals::new(vault, store.clone(), clock.clone(), random.clone()),
        store,
        journal,
        clouds: Arc::new(Clouds::built_in().with(cloud)?),
        transport: Transport::new(options, clock.clone(), random.clone())?,
        clock,
        random,
        tasks: TaskTracker::new(),
        public_url: "http://127.0.0.1/".parse()?,
        federation: Arc::default(),
        entras: Entras::default(),
        outside: Outside {
            allow_loopback: true,
        },
    };
    Ok((context, task))
}
