//! The product's own crates on the installation that a server left, without a server.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use connections::{Context, Entras, Live, Seals, Snapshot};
use microsoft::{Budgets, Cloud, Clouds, Transport, TransportOptions};
use model::{ConnectionId, SystemClock, SystemRandom, WorkspaceId, WriterId};
use store::Store;
use store::journal::Journal;
use tokio_util::task::TaskTracker;
use vault::Vault;

use super::installation::{CLOUD, Installation};

pub(super) struct InProcess {
    pub(super) context: Context,
    pub(super) live: Live,
    pub(super) workspace: WorkspaceId,
}

impl InProcess {
    pub(super) async fn open(installation: &Installation, upstream: &str) -> Result<Self> {
        let (clock, random) = (Arc::new(SystemClock), Arc::new(SystemRandom));
        let data = installation.folder.path();
        let store = Store::open(&data.join("consentry.db")).await?;
        let keys =
            vault::read_key_file(&data.join("master.key"))?.context("there is no master key")?;
        let vault = Arc::new(Vault::new(keys, random.clone()));
        let cloud = Cloud {
            id: CLOUD.to_owned(),
            ..Clouds::sandbox(upstream)
        };
        let writer = WriterId::generate(&*clock, &*random);
        let (journal, _task) = Journal::start(store.clone(), writer);
        let options = TransportOptions {
            budgets: Budgets::off(),
            ..TransportOptions::default()
        };
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
            outside: microsoft::Outside {
                allow_loopback: true,
            },
        };
        let workspace = installation.workspace.parse();
        Ok(Self {
            live: Live::new(context.clone()),
            context,
            workspace: workspace.ok().context("the workspace's id is none")?,
        })
    }

    pub(super) async fn snapshot(&self, connection: &str) -> Result<Arc<Snapshot>> {
        let id: Option<ConnectionId> = connection.parse().ok();
        let id = id.context("the connection's id is none")?;
        Ok(self.live.get(self.workspace, id).await?)
    }
}
