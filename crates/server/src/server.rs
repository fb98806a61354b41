//! One running server: what `consentry up` is, and what tests and demonstrations start in their own process.

use std::path::{Path, PathBuf};
use std::time::Duration;

use connections::{Context, Lifecycle};
use jiff::Timestamp;
use model::MemberId;
use operations::Runner;
use store::journal::JournalTask;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::start::{self, DataDirectory, Restore, RestoreOutcome};
use crate::{App, Config, Dependencies, StartError, auth};

/// Longest wait at the end for what is under way.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// Serves until shut down. Dropped without that it ends as a crash would: nothing is lost that was answered.
pub struct Server {
    app: App,
    /// Held for its lock.
    directory: DataDirectory,
    socket: Option<PathBuf>,
    journal: JournalTask,
    stop: CancellationToken,
}

/// A link that signs a member in, once, within fifteen minutes.
pub struct SignInLink {
    /// The secret is its fragment.
    pub url: String,
    pub expires_at: Timestamp,
}

impl Server {
    /// Opens the data directory, starts the jobs, and listens. [`StartError`] says what is in the way and what to do.
    pub async fn start(config: Config, dependencies: Dependencies) -> Result<Self, StartError> {
        start::start(config, dependencies).await
    }

    /// Puts a backup back, all of it or nothing, where no server runs.
    pub async fn restore(
        config: &Config,
        dependencies: &Dependencies,
        what: &Restore,
    ) -> Result<RestoreOutcome, StartError> {
        start::restore(config, dependencies, what).await
    }

    pub(crate) fn new(
        app: App,
        directory: DataDirectory,
        socket: Option<PathBuf>,
        journal: JournalTask,
        stop: CancellationToken,
    ) -> Self {
        Self {
            app,
            directory,
            socket,
            journal,
            stop,
        }
    }

    /// Where browsers reach it.
    pub fn url(&self) -> &Url {
        &self.app.context().public_url
    }

    /// The socket for programs of the same user; `None` where the system has none.
    pub fn socket_path(&self) -> Option<&Path> {
        self.socket.as_deref()
    }

    /// The member that the first start made.
    pub fn owner(&self) -> MemberId {
        self.app.owner().member
    }

    /// A link for a member of the first workspace.
    pub async fn sign_in_link(&self, member: MemberId) -> Result<SignInLink, store::Error> {
        let workspace = self.app.owner().workspace;
        let link = auth::new_link(&self.app, workspace, member).await?;
        Ok(SignInLink {
            url: link.url,
            expires_at: link.expires_at,
        })
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn context(&self) -> &Context {
        self.app.context()
    }

    pub fn lifecycle(&self) -> &Lifecycle {
        self.app.lifecycle()
    }

    pub fn runner(&self) -> &Runner {
        self.app.runner()
    }

    /// Takes no more requests, waits ten seconds at most for those under way, and leaves everything written.
    pub async fn shutdown(self) {
        self.stop.cancel();
        let context = self.app.context().clone();
        context.tasks.close();
        if timeout(LAST_WAIT, context.tasks.wait()).await.is_err() {
            tracing::warn!(
                tasks = context.tasks.len(),
                "some work did not end in time and is given up"
            );
        }
        let writer = context.journal.writer();
        self.journal.stop().await;
        if let Err(error) = start::retire(&context.store, writer).await {
            tracing::warn!(error = %error, "this process could not be marked as ended; others notice in a while");
        }
        context.store.close().await;
        if let Some(socket) = &self.socket {
            start::remove_socket(socket);
        }
        drop(self.directory);
    }
}
