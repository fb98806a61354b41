use std::sync::Arc;

use connections::bootstrap::Bootstraps;
use connections::jobs::Pulse;
use connections::{Apps, Context, Lifecycle, Webhooks};
use jiff::Timestamp;
use model::{MemberId, WorkspaceId};
use operations::Runner;
use store::Store;
use tokio::sync::Semaphore;

use crate::Config;
use crate::api::health::Figures;
use crate::auth::Identities;
use crate::http::{Hosts, RequestIds};

/// What every handler is given. Cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Parts>);

pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) context: Context,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) apps: Apps,
    pub(crate) bootstraps: Bootstraps,
    pub(crate) runner: Runner,
    pub(crate) identities: Identities,
    pub(crate) hosts: Hosts,
    pub(crate) request_ids: RequestIds,
    pub(crate) owner: FirstOwner,
    /// For backups that are being made.
    pub(crate) backups: Arc<Semaphore>,
    /// Whether the database takes changes.
    pub(crate) pulse: Pulse,
    pub(crate) figures: Figures,
}

/// Whoever installed this: the owner of the first workspace, as which the local socket acts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FirstOwner {
    pub(crate) workspace: WorkspaceId,
    pub(crate) member: MemberId,
}

impl App {
    pub(crate) fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    pub fn config(&self) -> &Config {
        &self.0.config
    }

    pub fn context(&self) -> &Context {
        &self.0.context
    }

    pub fn store(&self) -> &Store {
        &self.0.context.store
    }

    pub(crate) fn backups(&self) -> Arc<Semaphore> {
        Arc::clone(&self.0.backups)
    }

    pub(crate) fn figures(&self) -> &Figures {
        &self.0.figures
    }

    pub(crate) fn pulse(&self) -> &Pulse {
        &self.0.pulse
    }

    pub fn lifecycle(&self) -> &Lifecycle {
        &self.0.lifecycle
    }

    pub fn apps(&self) -> &Apps {
        &self.0.apps
    }

    pub(crate) fn webhooks(&self) -> Webhooks {
        Webhooks::new(self.0.context.clone())
    }

    pub(crate) fn bootstraps(&self) -> &Bootstraps {
        &self.0.bootstraps
    }

    pub fn runner(&self) -> &Runner {
        &self.0.runner
    }

    pub fn now(&self) -> Timestamp {
        self.0.context.now()
    }

    /// Whether browsers reach this installation by TLS.
    pub(crate) fn is_https(&self) -> bool {
        self.0.context.public_url.scheme() == "https"
    }

    pub(crate) fn identities(&self) -> &Identities {
        &self.0.identities
    }

    pub(crate) fn hosts(&self) -> &Hosts {
        &self.0.hosts
    }

    pub(crate) fn request_ids(&self) -> &RequestIds {
        &self.0.request_ids
    }

    pub(crate) fn owner(&self) -> FirstOwner {
        self.0.owner
    }
}
