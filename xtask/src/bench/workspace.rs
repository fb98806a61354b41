//! A workspace on PostgreSQL with one connection.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use connections::{
    Caller, Context, Lifecycle, Live, NewApp, NewConnection, NewSecret, TokenBroker,
};
use model::{
    Actor, Connection, KeyScope, Member, MemberId, Place, Policy, Role, Service, SystemClock,
    SystemRandom, Workspace, WorkspaceId,
};
use store::Store;
use store::journal::JournalTask;
use vault::MasterKeys;

use super::context::context;
use super::installation::CLOUD;

/// What a server has, without a server.
pub(super) struct Replica {
    pub(super) context: Context,
    pub(super) live: Live,
    pub(super) broker: TokenBroker,
    _journal: JournalTask,
}

impl Replica {
    pub(super) async fn open(database_url: &str, upstream: &str) -> Result<Self> {
        let store = Store::connect(database_url).await?;
        let keys = MasterKeys::generate(&SystemRandom);
        let (context, journal) = context(store, keys, upstream, Arc::new(SystemClock)).await?;
        let live = Live::new(context.clone());
        Ok(Self {
            broker: TokenBroker::new(context.clone(), live.clone()),
            live,
            context,
            _journal: journal,
        })
    }

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
