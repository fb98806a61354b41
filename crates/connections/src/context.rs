use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use microsoft::{Cloud, Clouds, Entra, Outside, Transport};
use model::{
    Activity, ActivityId, ActivityKind, Actor, ConnectionId, Outcome, Phase, RemoteIds,
    SharedClock, SharedRandom, WorkspaceId, WriterId,
};
use store::Store;
use store::journal::Journal;
use tokio_util::task::TaskTracker;
use url::Url;

use crate::jobs::DEAD_AFTER_SECS;
use crate::{Caller, Error, Federation, Result, Seals};

/// What every part of a connection's life needs. Cheap to clone.
#[derive(Clone)]
pub struct Context {
    pub store: Store,
    pub seals: Seals,
    pub journal: Journal,
    pub clouds: Arc<Clouds>,
    pub transport: Transport,
    pub clock: SharedClock,
    pub random: SharedRandom,
    /// Work that outlives the call that began it; shutdown waits for it.
    pub tasks: TaskTracker,
    /// Where browsers reach this installation; the redirect URI is made of it.
    pub public_url: Url,
    /// How applications prove themselves without a secret of ours.
    pub federation: Arc<Federation>,
    pub entras: Entras,
    /// How webhooks are reached.
    pub outside: Outside,
}

/// One client for each cloud's Entra, so that its signing keys are fetched once a day and not once a sign-in.
#[derive(Clone, Default)]
pub struct Entras {
    known: Arc<Mutex<HashMap<String, Entra>>>,
    answers_challenges: bool,
}

impl Entras {
    /// Clients that declare that they answer claims challenges: continuous access evaluation.
    pub fn answering_challenges() -> Self {
        Self {
            answers_challenges: true,
            ..Self::default()
        }
    }

    pub(crate) fn answer_challenges(&self) -> bool {
        self.answers_challenges
    }
}

impl Context {
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn cloud(&self, id: &str) -> Result<Arc<Cloud>> {
        self.clouds.get(id).cloned().ok_or_else(|| Error::Invalid {
            field: "cloud",
            message: format!(
                "`{id}` is not configured here; known are {}",
                self.clouds.ids().collect::<Vec<_>>().join(", ")
            ),
        })
    }

    pub(crate) fn entra(&self, cloud: &Arc<Cloud>) -> Entra {
        let known = &self.entras.known;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let entra = Entra::new(
                self.transport.clone(),
                Arc::clone(cloud),
                Arc::clone(&self.clock),
            );
            if self.entras.answers_challenges {
                entra.answering_challenges()
            } else {
                entra
            }
        };
        known.entry(cloud.id.clone()).or_insert_with(new).clone()
    }

    /// The other processes that work on this database. On SQLite there is none, however lately one was heard of: the data
    /// directory's lock says so.
    pub async fn others_alive(&self) -> Result<Vec<WriterId>> {
        if self.store.backend() == "sqlite" {
            return Ok(Vec::new());
        }
        let mut alive = self
            .store
            .read()
            .await?
            .writers_alive(DEAD_AFTER_SECS)
            .await?;
        alive.retain(|writer| *writer != self.journal.writer());
        Ok(alive)
    }

    /// The one redirect URI, to be registered exactly like this.
    pub fn redirect_uri(&self) -> String {
        format!(
            "{}/oauth/callback",
            self.public_url.as_str().trim_end_matches('/')
        )
    }

    /// A line for the activity log of a change that was made; callers fill in what they know beyond it.
    pub fn line(&self, workspace: WorkspaceId, actor: Actor, action: &str) -> Activity {
        Activity {
            id: ActivityId::generate(&*self.clock, &*self.random),
            workspace_id: workspace,
            at: self.now(),
            actor,
            kind: ActivityKind::Change,
            action: action.to_owned(),
            connection_id: None,
            target: None,
            phase: Phase::Result,
            intent_id: None,
            outcome: Outcome::Ok,
            status: None,
            code: None,
            duration_us: None,
            bytes_sent: None,
            bytes_received: None,
            remote: RemoteIds::default(),
        }
    }

    /// Records a change that was made, or refused with `code`.
    pub(crate) async fn record(
        &self,
        caller: &Caller,
        action: &str,
        connection: Option<ConnectionId>,
        refused: Option<&Error>,
    ) -> Result<()> {
        let remote = refused.map_or_else(RemoteIds::default, Error::remote_ids);
        self.record_with(caller, action, connection, refused, remote)
            .await
    }

    /// The same with the ids that Microsoft knows it by.
    pub(crate) async fn record_with(
        &self,
        caller: &Caller,
        action: &str,
        connection: Option<ConnectionId>,
        refused: Option<&Error>,
        remote: RemoteIds,
    ) -> Result<()> {
        let mut line = self.line(caller.workspace_id, caller.actor.clone(), action);
        line.connection_id = connection;
        line.remote = remote;
        if let Some(error) = refused {
            line.outcome = Outcome::Failed;
            line.code = Some(error.evidence_code());
        }
        Ok(self.journal.record(line).await?)
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("public_url", &self.public_url.as_str())
            .finish_non_exhaustive()
    }
}
