//! Records that a promise needs before it can begin.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use model::{
    Activity, ActivityId, ActivityKind, Actor, ApiKeyId, AppRegistration, AppRegistrationId,
    AttemptId, Connection, ConnectionId, ConnectionMethod, ConnectionState, DataKeyId, EventId,
    IssuerKeyId, ManualClock, Member, MemberId, OperationKind, Outcome, Permission, PermissionSet,
    Phase, Policy, ProofId, Random, RemoteIds, Role, Sealed, SeededRandom, Service, SessionId,
    WebhookId, Workspace, WorkspaceId, WriterId, sha256,
};
use store::{Attempt, AttemptState, Claim, DataKeyRow, NewToken, Store, Transaction};

/// A store, a clock that stands still, and the same random numbers each time.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) random: Arc<SeededRandom>,
}

/// A workspace with one of each.
#[derive(Clone)]
pub(crate) struct Tenant {
    pub(crate) workspace: WorkspaceId,
    pub(crate) member: Member,
    pub(crate) app: AppRegistration,
    pub(crate) connection: Connection,
    pub(crate) data_key: DataKeyRow,
}

impl World {
    pub(crate) fn new(store: Store) -> Self {
        let start: Timestamp = "2026-11-23T12:00:00.123456Z".parse().unwrap();
        Self {
            store,
            clock: Arc::new(ManualClock::fixed(start)),
            random: Arc::new(SeededRandom::new(1)),
        }
    }

    pub(crate) async fn read(&self) -> Box<dyn Transaction> {
        self.store.read().await.unwrap()
    }

    pub(crate) async fn write(&self) -> Box<dyn Transaction> {
        self.store.write().await.unwrap()
    }

    pub(crate) fn now(&self) -> Timestamp {
        model::Clock::now(&*self.clock)
    }

    pub(crate) fn later(&self, seconds: i64) -> Timestamp {
        self.now() + SignedDuration::from_secs(seconds)
    }

    /// Ids made after this sort behind those made before.
    pub(crate) fn tick(&self) {
        self.clock.advance(SignedDuration::from_secs(1));
    }

    pub(crate) fn hash(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.random.fill(&mut bytes);
        bytes
    }

    pub(crate) fn sealed(&self) -> Sealed {
        Sealed::from_bytes(self.hash().to_vec())
    }

    pub(crate) fn writer(&self) -> WriterId {
        WriterId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn activity_id(&self) -> ActivityId {
        self.tick();
        ActivityId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn connection_id(&self) -> ConnectionId {
        self.tick();
        ConnectionId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn app_id(&self) -> AppRegistrationId {
        self.tick();
        AppRegistrationId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn event_id(&self) -> EventId {
        self.tick();
        EventId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn webhook_id(&self) -> WebhookId {
        self.tick();
        WebhookId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn issuer_key_id(&self) -> IssuerKeyId {
        self.tick();
        IssuerKeyId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn proof_id(&self) -> ProofId {
        self.tick();
        ProofId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn session_id(&self) -> SessionId {
        SessionId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn api_key_id(&self) -> ApiKeyId {
        self.tick();
        ApiKeyId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn data_key_id(&self) -> DataKeyId {
        self.tick();
        DataKeyId::generate(&*self.clock, &*self.random)
    }

    pub(crate) fn workspace(&self, name: &str) -> Workspace {
        self.tick();
        Workspace {
            id: WorkspaceId::generate(&*self.clock, &*self.random),
            name: name.to_owned(),
            created_at: self.now(),
        }
    }

    pub(crate) fn member(&self, workspace: WorkspaceId, email: &str) -> Member {
        self.tick();
        Member {
            id: MemberId::generate(&*self.clock, &*self.random),
            workspace_id: workspace,
            email: email.to_owned(),
            name: "Adele Vance".to_owned(),
            role: Role::Admin,
            password_hash: None,
            disabled_at: None,
            created_at: self.now(),
        }
    }

    pub(crate) fn app(&self, member: &Member, name: &str) -> AppRegistration {
        AppRegistration {
            auto_rotate: false,
            id: self.app_id(),
            workspace_id: member.workspace_id,
            name: name.to_owned(),
            cloud: "public".to_owned(),
            tenant_id: "contoso.onmicrosoft.com".to_owned(),
            client_id: "11111111-2222-3333-4444-555555555555".to_owned(),
            created_by: member.id,
            data_key_id: Some(self.data_key_id()),
            version: 1,
            created_at: self.now(),
        }
    }

    pub(crate) fn data_key(
        &self,
        workspace: WorkspaceId,
        id: DataKeyId,
        owner: &str,
    ) -> DataKeyRow {
        DataKeyRow {
            id,
            workspace_id: workspace,
            owner: owner.to_owned(),
            master_key_id: "old".to_owned(),
            wrapped: self.hash().to_vec(),
        }
    }

    pub(crate) fn connection(&self, app: &AppRegistration, name: &str) -> Connection {
        Connection {
            id: self.connection_id(),
            workspace_id: app.workspace_id,
            name: name.to_owned(),
            service: Service::Outlook,
            method: ConnectionMethod::OAuth,
            app_registration_id: app.id,
            owner: app.created_by,
            shared: false,
            place: model::Place::default(),
            identity: None,
            requested: [Permission::new("Mail.Read")].into(),
            granted: None,
            policy: Policy::default(),
            state: ConnectionState::Pending,
            diagnosis: None,
            data_key_id: Some(self.data_key_id()),
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub(crate) fn attempt(&self, connection: &Connection) -> Attempt {
        self.tick();
        Attempt {
            id: AttemptId::generate(&*self.clock, &*self.random),
            workspace_id: connection.workspace_id,
            connection_id: connection.id,
            requested_by: connection.owner,
            secret_hash: self.hash(),
            state_hash: None,
            cookie_hash: None,
            sealed: None,
            state: AttemptState::Open,
            permissions: PermissionSet::new(),
            note: None,
            created_at: self.now(),
            expires_at: self.later(600),
        }
    }

    pub(crate) fn token(&self) -> NewToken {
        NewToken {
            sealed: self.sealed(),
            expires_at: self.later(3600),
            renew_at: self.later(3300),
        }
    }

    pub(crate) fn claim(&self, connection: &Connection, key: &str, writer: WriterId) -> Claim {
        Claim {
            key: key.to_owned(),
            request_hash: sha256(b"request"),
            connection_id: connection.id,
            writer,
            intent_id: self.activity_id(),
            created_at: self.now(),
            expires_at: self.later(86_400),
        }
    }

    pub(crate) fn line(&self, workspace: WorkspaceId, action: &str) -> Activity {
        Activity {
            id: self.activity_id(),
            workspace_id: workspace,
            at: self.now(),
            actor: Actor::System,
            kind: ActivityKind::Operation(OperationKind::Read),
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

    /// The line that announces a write.
    pub(crate) fn intent(&self, workspace: WorkspaceId) -> Activity {
        Activity {
            kind: ActivityKind::Operation(OperationKind::Write),
            phase: Phase::Intent,
            outcome: Outcome::Started,
            ..self.line(workspace, "outlook.messages.send")
        }
    }

    /// The line that tells how it ended.
    pub(crate) fn result(&self, intent: &Activity) -> Activity {
        Activity {
            intent_id: Some(intent.id),
            ..self.line(intent.workspace_id, &intent.action)
        }
    }

    /// A workspace with a member, an app registration, a connection and the connection's data key.
    pub(crate) async fn tenant(&self, name: &str) -> Tenant {
        let workspace = self.workspace(name);
        let member = self.member(workspace.id, &format!("adele@{name}.example"));
        let app = self.app(&member, "first");
        let connection = self.connection(&app, "mail");
        let key_id = connection.data_key_id.unwrap();
        let data_key = self.data_key(workspace.id, key_id, &connection.id.to_string());

        let mut tx = self.write().await;
        tx.create_workspace(&workspace).await.unwrap();
        tx.create_member(&member).await.unwrap();
        tx.create_app_registration(&app).await.unwrap();
        tx.create_connection(&connection).await.unwrap();
        tx.create_data_key(&data_key).await.unwrap();
        tx.commit().await.unwrap();
        Tenant {
            workspace: workspace.id,
            member,
            app,
            connection,
            data_key,
        }
    }
}

/// The name of what was taken.
pub(crate) fn taken<T>(result: store::Result<T>) -> String {
    match result {
        Err(store::Error::Exists { what }) => what,
        Err(error) => panic!("another error: {error:?}"),
        Ok(_) => panic!("nothing was taken"),
    }
}
