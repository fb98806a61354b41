//! A workspace on PostgreSQL with one connection, and processes that share the database.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use connections::{
    Caller, Context, Entras, Lifecycle, Live, NewApp, NewConnection, NewSecret, Seals, TokenBroker,
};
use microsoft::{Budgets, Cloud, Clouds, Transport, TransportOptions};
use model::{
    Actor, Connection, KeyScope, ManualClock, Member, MemberId, Place, Policy, Role, Service,
    SystemRandom, Workspace, WorkspaceId, WriterId,
};
use store::Store;
use store::journal::{Journal, JournalTask};
use tokio_util::task::TaskTracker;
use vault::{ExposeSecret, MasterKeys, SecretString, Vault};

use super::installation::CLOUD;

/// A process' own part.
pub(super) struct Replica {
    pub(super) context: Context,
    pub(super) live: Live,
    pub(super) broker: TokenBroker,
    _journal: JournalTask,
}

/// What the processes share.
pub(super) struct Shared {
    pub(super) url: String,
    pub(super) upstream: String,
    pub(super) clock: Arc<ManualClock>,
    keys: SecretString,
}

impl Shared {
    pub(super) fn new(url: String, upstream: String) -> Self {
        Self {
            url,
            upstream,
            clock: Arc::new(ManualClock::running()),
            keys: MasterKeys::generate(&SystemRandom).to_text(),
        }
    }

    pub(super) async fn replica(&self) -> Result<Replica> {
        let random = Arc::new(SystemRandom);
        let clock = self.clock.clone();
        let store = Store::connect(&self.url).await?;
        let vault = Arc::new(Vault::new(
            MasterKeys::parse(self.keys.expose_secret())?,
            random.clone(),
        ));
        let writer = WriterId::generate(&*clock, &*random);
        let mut tx = store.write().await?;
        tx.register_writer(writer, model::Clock::now(&*clock))
            .await?;
        tx.commit().await?;
        let (journal, task) = Journal::start(store.clone(), writer);
        let cloud = Cloud {
            id: CLOUD.to_owned(),
            ..Clouds::sandbox(&self.upstream)
        };
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
        let live = Live::new(context.clone());
        Ok(Replica {
            broker: TokenBroker::new(context.clone(), live.clone()),
            live,
            context,
            _journal: task,
        })
    }
}

impl Replica {
    /// The first workspace, and a connection as an application.
    pub(super) async fn fill(&self) -> Result<Connection> {
        let caller = self.owner().await?;
        let life = Lifecycle::new(self.context.clone(), self.live.clone(), self.broker.clone());
        let new = NewConnection {
            name: "bench".to_owned(),
            service: Service::Outlook,
            permissions: None,
            policy: Policy::default(),
            shared: false,
            place: Place::default(),
        };
        let secret = NewSecret {
            value: "not-checked-by-anybody-here".into(),
            expires_at: None,
        };
        let app = NewApp {
            name: "bench".to_owned(),
            cloud: CLOUD.to_owned(),
            tenant_id: "f0e1d2c3-0000-4000-8000-000000000000".to_owned(),
            client_id: "a1b2c3d4-0000-4000-8000-000000000000".to_owned(),
            proof: Some(secret.into()),
        };
        let made = life.connect_new_application(&caller, new, app).await;
        Ok(made.context("the connection cannot be made")?.connection)
    }

    async fn owner(&self) -> Result<Caller> {
        let Context {
            store,
            clock,
            random,
            ..
        } = &self.context;
        let workspace = Workspace {
            id: WorkspaceId::generate(&**clock, &**random),
            name: "bench".to_owned(),
            created_at: self.context.now(),
        };
        let member = Member {
            id: MemberId::generate(&**clock, &**random),
            workspace_id: workspace.id,
            email: "bench@example.test".to_owned(),
            name: "Bench".to_owned(),
            role: Role::Owner,
            password_hash: None,
            disabled_at: None,
            created_at: self.context.now(),
        };
        let mut tx = store.write().await?;
        tx.create_workspace(&workspace).await?;
        tx.create_member(&member).await?;
        tx.commit().await?;
        Ok(Caller {
            workspace_id: workspace.id,
            member_id: member.id,
            role: member.role,
            actor: Actor::Member(member.id.to_string()),
            scope: KeyScope::default(),
        })
    }
}
