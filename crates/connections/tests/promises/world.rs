//! A workspace against a sandbox, with a clock that is moved by hand, and one browser.

use std::sync::Arc;

use connections::oauth::{AttemptCookie, Callback};
use connections::{
    Apps, Caller, Change, Context, Entras, Federation, Lifecycle, Live, NewApp, NewConnection,
    NewSecret, Seals, Snapshot, TokenBroker,
};
use microsoft::{Clouds, Transport, TransportOptions};
use model::{
    Activity, Actor, AppRegistrationId, Connection, KeyScope, ManualClock, Member, MemberId,
    Policy, Role, Service, SharedClock, SharedRandom, SystemRandom, Workspace, WorkspaceId,
    WriterId,
};
use sandbox::{Control, NewApplication, RegisteredApplication, Sandbox};
use store::journal::{Journal, JournalTask};
use store::{ActivityFilter, Page, Store};
use url::Url;
use vault::{MasterKeys, Vault};

#[path = "../../../store/tests/support/database.rs"]
mod database;
#[path = "world/person.rs"]
mod person;

use database::Database;
pub(crate) use person::Person;

pub(crate) const PUBLIC_URL: &str = "http://localhost:8365/";
pub(crate) const ANA: &str = "ana.reis@contoso.com";
pub(crate) const BEN: &str = "ben.okafor@contoso.com";

pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) context: Context,
    pub(crate) live: Live,
    pub(crate) broker: TokenBroker,
    pub(crate) life: Lifecycle,
    pub(crate) admin: Caller,
    pub(crate) registered: RegisteredApplication,
    pub(crate) secret: String,
    journal: JournalTask,
    pub(crate) database: Option<Database>,
}

impl World {
    /// On the database that this run of the tests is about.
    pub(crate) async fn start() -> Self {
        Self::build(|_| Federation::default()).await
    }

    /// With a server's configuration of where proofs come from.
    pub(crate) async fn build(configure: impl FnOnce(&Sandbox) -> Federation) -> Self {
        let (store, database) = database::fresh().await;
        let world = Self::with(store, TransportOptions::default(), configure).await;
        Self { database, ..world }
    }

    /// With other pauses or budgets than usual.
    pub(crate) async fn with(
        store: Store,
        options: TransportOptions,
        configure: impl FnOnce(&Sandbox) -> Federation,
    ) -> Self {
        Self::as_client(store, options, Entras::default(), configure).await
    }

    /// Declaring that claims challenges are answered.
    pub(crate) async fn answering_challenges() -> Self {
        let store = Store::in_memory().await.unwrap();
        let entras = Entras::answering_challenges();
        Self::as_client(store, TransportOptions::default(), entras, |_| {
            Federation::default()
        })
        .await
    }

    async fn as_client(
        store: Store,
        options: TransportOptions,
        entras: Entras,
        configure: impl FnOnce(&Sandbox) -> Federation,
    ) -> Self {
        let sandbox = Sandbox::start(sandbox::Options::default()).await.unwrap();
        let registered = sandbox
            .control()
            .register_application(NewApplication {
                display_name: "Consentry".to_owned(),
                redirect_uris: vec![format!("{PUBLIC_URL}oauth/callback")],
                delegated: vec![
                    "Mail.Read".to_owned(),
                    "Mail.ReadWrite".to_owned(),
                    "Mail.Send".to_owned(),
                ],
                application: vec!["Mail.ReadWrite".to_owned(), "Mail.Send".to_owned()],
                ..NewApplication::default()
            })
            .unwrap();
        sandbox
            .control()
            .grant_admin_consent(&registered.client_id)
            .unwrap();
        let secret = sandbox
            .control()
            .add_secret(
                &registered.client_id,
                "test",
                std::time::Duration::from_hours(24 * 365),
            )
            .unwrap()
            .secret_text;
        let clock = Arc::new(ManualClock::running());
        let federation = configure(&sandbox);
        let (mut context, journal) = context(&store, &sandbox, options, clock.clone());
        context.federation = Arc::new(federation);
        context.entras = entras;
        let admin = people(&context).await;
        let live = Live::new(context.clone());
        let broker = TokenBroker::new(context.clone(), live.clone());
        let lifecycle = Lifecycle::new(context.clone(), live.clone(), broker.clone());
        Self {
            sandbox,
            clock,
            context,
            live,
            broker,
            life: lifecycle,
            admin,
            registered,
            secret,
            journal,
            database: None,
        }
    }

    /// The owner of one more workspace.
    pub(crate) async fn another_workspace(&self) -> Caller {
        self.clock.advance(jiff::SignedDuration::from_secs(1));
        owner(&self.context).await
    }

    pub(crate) fn control(&self) -> Control {
        self.sandbox.control()
    }

    pub(crate) fn new_app(&self, name: &str) -> NewApp {
        NewApp {
            name: name.to_owned(),
            cloud: "sandbox".to_owned(),
            tenant_id: self.registered.tenant_id.clone(),
            client_id: self.registered.client_id.clone(),
            proof: Some(
                NewSecret {
                    value: self.secret.clone().into(),
                    expires_at: None,
                }
                .into(),
            ),
        }
    }

    pub(crate) async fn register(&self) -> AppRegistrationId {
        let apps = Apps::new(self.context.clone());
        apps.create(&self.admin, self.new_app("Contoso mail"))
            .await
            .unwrap()
            .app
            .id
    }

    /// As an application, with a registration of its own.
    pub(crate) async fn connect_application(&self) -> Connection {
        let new = outlook("reports");
        self.life
            .connect_new_application(&self.admin, new, self.new_app("reports"))
            .await
            .unwrap()
            .connection
    }

    /// As a user, through the sandbox's pages.
    pub(crate) async fn connect_user(&self, person: &str) -> Connection {
        let app = self.register().await;
        let (_, invitation) = self
            .life
            .connect_user(&self.admin, outlook("mail of a person"), app)
            .await
            .unwrap();
        self.follow(&invitation.connect_url, person).await
    }

    /// From the connect link to the end: the account consents, and is confirmed.
    pub(crate) async fn follow(&self, connect_url: &str, person: &str) -> Connection {
        let (callback, cookie) = self.consent(connect_url, person).await;
        let oauth = &self.life.oauth;
        oauth.arrive(callback, Some(&cookie)).await.unwrap();
        oauth.confirm(Some(&cookie)).await.unwrap()
    }

    /// Gives it another policy, as its administrator.
    pub(crate) async fn limit(&self, connection: &Connection, policy: Policy) {
        let change = Change {
            policy: Some(policy),
            ..Change::default()
        };
        let changed = self.life.change(&self.admin, connection.id, change).await;
        changed.unwrap();
    }

    /// From the connect link to Microsoft's answer, as one browser sees it.
    pub(crate) async fn consent(
        &self,
        connect_url: &str,
        person: &str,
    ) -> (Callback, AttemptCookie) {
        let secret = connect_url.rsplit('/').next().unwrap();
        let departure = self.life.oauth.depart(secret).await.unwrap();
        let answer = Person::new(self.sandbox.url())
            .consent(departure.authorize_url.as_str(), person, "accept")
            .await;
        (answer, departure.cookie)
    }

    pub(crate) async fn snapshot(&self, connection: &Connection) -> Arc<Snapshot> {
        self.live
            .reread(connection.workspace_id, connection.id)
            .await
            .unwrap()
    }

    /// How often tokens were asked for.
    pub(crate) fn token_requests(&self) -> usize {
        self.control().count("POST", "/oauth2/v2.0/token")
    }

    /// Both clocks.
    pub(crate) fn advance_all(&self, secs: u64) {
        self.clock
            .advance(jiff::SignedDuration::from_secs(secs.try_into().unwrap()));
        self.control().advance(std::time::Duration::from_secs(secs));
    }

    /// Every line there is, newest first; waits until all that was noted is committed.
    pub(crate) async fn activities(&self) -> Vec<Activity> {
        let marker = self
            .context
            .store
            .read()
            .await
            .unwrap()
            .workspaces()
            .await
            .unwrap()[0]
            .id;
        let line = self.context.line(marker, Actor::System, "test.marker");
        self.context.journal.record(line).await.unwrap();
        let mut tx = self.context.store.read().await.unwrap();
        tx.activities(marker, &ActivityFilter::default(), Page::first(500))
            .await
            .unwrap()
    }

    pub(crate) async fn actions(&self) -> Vec<String> {
        let mut actions: Vec<_> = self
            .activities()
            .await
            .into_iter()
            .map(|line| line.action)
            .collect();
        actions.retain(|action| action != "test.marker");
        actions
    }

    pub(crate) async fn stop(self) {
        self.context.tasks.close();
        self.context.tasks.wait().await;
        self.journal.stop().await;
        self.sandbox.stop().await;
        if let Some(database) = self.database {
            self.context.store.close().await;
            database.remove().await;
        }
    }
}

pub(crate) fn outlook(name: &str) -> NewConnection {
    NewConnection {
        name: name.to_owned(),
        service: Service::Outlook,
        permissions: None,
        policy: Policy::default(),
        shared: false,
        place: model::Place::default(),
    }
}

fn context(
    store: &Store,
    sandbox: &Sandbox,
    options: TransportOptions,
    clock: SharedClock,
) -> (Context, JournalTask) {
    let random: SharedRandom = Arc::new(SystemRandom);
    let writer = WriterId::generate(&*clock, &*random);
    let (journal, task) = Journal::start(store.clone(), writer);
    let vault = Arc::new(Vault::new(
        MasterKeys::generate(&*random),
        Arc::clone(&random),
    ));
    let clouds = Clouds::built_in()
        .with(Clouds::sandbox(sandbox.url()))
        .unwrap();
    let context = Context {
        store: store.clone(),
        seals: Seals::new(
            vault,
            store.clone(),
            Arc::clone(&clock),
            Arc::clone(&random),
        ),
        journal,
        clouds: Arc::new(clouds),
        transport: Transport::new(options, Arc::clone(&clock), Arc::clone(&random)).unwrap(),
        clock,
        random,
        tasks: tokio_util::task::TaskTracker::new(),
        public_url: Url::parse(PUBLIC_URL).unwrap(),
        federation: Arc::default(),
        entras: Entras::default(),
        outside: microsoft::Outside {
            allow_loopback: true,
        },
    };
    (context, task)
}

async fn people(context: &Context) -> Caller {
    let caller = owner(context).await;
    let mut tx = context.store.write().await.unwrap();
    tx.register_writer(context.journal.writer(), context.now())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    caller
}

/// A new workspace's.
async fn owner(context: &Context) -> Caller {
    let workspace = Workspace {
        id: WorkspaceId::generate(&*context.clock, &*context.random),
        name: "default".to_owned(),
        created_at: context.now(),
    };
    let member = Member {
        id: MemberId::generate(&*context.clock, &*context.random),
        workspace_id: workspace.id,
        email: "admin@example.test".to_owned(),
        name: "Administrator".to_owned(),
        role: Role::Owner,
        password_hash: None,
        disabled_at: None,
        created_at: context.now(),
    };
    let mut tx = context.store.write().await.unwrap();
    tx.create_workspace(&workspace).await.unwrap();
    tx.create_member(&member).await.unwrap();
    tx.commit().await.unwrap();
    Caller {
        workspace_id: workspace.id,
        member_id: member.id,
        role: member.role,
        actor: Actor::Member(member.id.to_string()),
        scope: KeyScope::default(),
    }
}
