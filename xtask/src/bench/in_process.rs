//! The product's own crates on the installation that a server left, without a server.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use connections::{Context, Live, Snapshot};
use model::{ConnectionId, SystemClock, WorkspaceId};
use store::Store;

use super::context::context;
use super::installation::Installation;

pub(super) struct InProcess {
    pub(super) context: Context,
    pub(super) live: Live,
    pub(super) workspace: WorkspaceId,
}

impl InProcess {
    pub(super) async fn open(installation: &Installation, upstream: &str) -> Result<Self> {
        let data = installation.folder.path();
        let store = Store::open(&data.join("consentry.db")).await?;
        let keys =
            vault::read_key_file(&data.join("master.key"))?.context("there is no master key")?;
        let (context, _task) = context(store, keys, upstream, Arc::new(SystemClock)).await?;
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
