//! A server and a Microsoft cloud in this process, with a client for each role.
//!
//! On SQLite only: what a call stores is promised on both databases below this, in `store`, `connections` and `operations`, and
//! `cli/tests/system` runs whole servers on PostgreSQL.

use std::sync::Arc;

use jiff::SignedDuration;
use model::{
    ApiKey, ApiKeyId, KeyScope, ManualClock, Member, MemberId, Role, SharedClock, SystemRandom,
    random_token, sha256,
};
use reqwest::redirect;
use sandbox::{NewApplication, Sandbox};
use serde_json::{Value, json};
use server::config::CustomCloud;
use server::{Config, Dependencies, Server};
use tempfile::TempDir;
use tokio::time::{Duration, Instant};

#[path = "client.rs"]
pub(crate) mod client;

use client::Client;

pub(crate) type Outcome = Result<(), Box<dyn std::error::Error>>;

pub(crate) struct TestServer {
    pub(crate) server: Server,
    pub(crate) sandbox: Sandbox,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) directory: TempDir,
    pub(crate) anonymous: Client,
    pub(crate) owner: Client,
    pub(crate) admin: Client,
    pub(crate) builder: Client,
    pub(crate) member: Client,
    pub(crate) auditor: Client,
}

/// An application as the sandbox knows it.
pub(crate) struct Registered {
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

impl TestServer {
    pub(crate) async fn start() -> Result<Self, Box<dyn std::error::Error>> {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(
        change: impl FnOnce(&mut Config),
    ) -> Result<Self, Box<dyn std::error::Error>> {
        let sandbox = Sandbox::start(sandbox::Options::default()).await?;
        let directory = tempfile::tempdir()?;
        let mut config = config(&directory, &sandbox)?;
        change(&mut config);
        let clock = Arc::new(ManualClock::running());
        let server = Server::start(config, dependencies(&clock)).await?;
        let base = server.url().as_str().trim_end_matches('/').to_owned();
        let http = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .build()?;
        let client = |key, member| Client {
            base: base.clone(),
            http: http.clone(),
            key,
            member,
        };
        let mut clients = Vec::new();
        for role in [Role::Admin, Role::Builder, Role::Member, Role::Auditor] {
            let (member, key) = member_with_key(&server, role).await?;
            clients.push(client(Some(key), Some(member)));
        }
        let owner_key = key_of(&server, server.owner(), Role::Owner).await?;
        let [admin, builder, member, auditor] =
            <[Client; 4]>::try_from(clients).map_err(|_| "one client a role")?;
        Ok(Self {
            anonymous: client(None, None),
            owner: client(Some(owner_key), Some(server.owner())),
            server,
            sandbox,
            clock,
            directory,
            admin,
            builder,
            member,
            auditor,
        })
    }

    /// Ends the server and starts it again on the same data, as after a deployment. The data lasts as long as the
    /// directory.
    pub(crate) async fn restart(self) -> Result<(Server, TempDir), Box<dyn std::error::Error>> {
        let config = config(&self.directory, &self.sandbox)?;
        self.server.shutdown().await;
        let server = Server::start(config, dependencies(&self.clock)).await?;
        Ok((server, self.directory))
    }

    pub(crate) fn advance(&self, by: SignedDuration) {
        self.clock.advance(by);
    }

    /// An application with both kinds of mail permission, consented to by the tenant's administrator.
    pub(crate) fn application(&self) -> Result<Registered, Box<dyn std::error::Error>> {
        let control = self.sandbox.control();
        let registered = control.register_application(NewApplication {
            display_name: "Contoso automation".to_owned(),
            redirect_uris: vec![format!("{}oauth/callback", self.server.url())],
            delegated: ["Mail.Read", "Mail.ReadWrite", "Mail.Send", "User.Read"]
                .map(str::to_owned)
                .into(),
            application: ["Mail.Read", "Mail.ReadWrite", "Mail.Send"]
                .map(str::to_owned)
                .into(),
            admin_consent: true,
            ..NewApplication::default()
        })?;
        let secret = control.add_secret(&registered.client_id, "test", Duration::from_hours(24))?;
        Ok(Registered {
            tenant_id: registered.tenant_id,
            client_id: registered.client_id,
            secret: secret.secret_text,
        })
    }

    /// An app registration of that application; its id.
    pub(crate) async fn app_registration(&self) -> Result<String, Box<dyn std::error::Error>> {
        let app = self.application()?;
        let answer = self
            .admin
            .post(
                "/app-registrations",
                json!({
                    "name": format!("app {}", app.client_id), "cloud": "sandbox", "tenant_id": app.tenant_id,
                    "client_id": app.client_id, "client_secret": app.secret,
                }),
            )
            .await?;
        Ok(answer.expect(201)?["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// A connection to Outlook as the application; its id.
    pub(crate) async fn service_principal(
        &self,
        name: &str,
    ) -> Result<String, Box<dyn std::error::Error>> {
        let registration = self.app_registration().await?;
        let answer = self
            .admin
            .post(
                "/connections",
                json!({
                    "service": "outlook", "method": "service_principal", "name": name,
                    "app_registration_id": registration,
                }),
            )
            .await?;
        Ok(answer.expect(201)?["connection"]["id"]
            .as_str()
            .unwrap_or_default()
            .to_owned())
    }

    /// The action and outcome of each line of the log, newest first.
    pub(crate) async fn log(
        &self,
        prefix: &str,
    ) -> Result<Vec<(String, String, Value)>, Box<dyn std::error::Error>> {
        let answer = self
            .owner
            .get(&format!("/activity?limit=200&action={prefix}"))
            .await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = answer.expect(200)?["items"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        Ok(items
            .iter()
            .map(|line| {
                (
                    text(&line["action"]),
                    text(&line["outcome"]),
                    line["code"].clone(),
                )
            })
            .collect())
    }

    /// Waits for lines that are written within a tenth of a second of their answer.
    pub(crate) async fn logged(&self, action: &str, code: &str) -> Outcome {
        let deadline = Instant::now() + Duration::from_secs(10);
        while Instant::now() < deadline {
            let lines = self.log(action).await?;
            if lines
                .iter()
                .any(|(known, _, known_code)| known == action && known_code == code)
            {
                return Ok(());
            }
        }
        Err(format!(
            "no line `{action}` with `{code}` in {:?}",
            self.log("").await?
        )
        .into())
    }
}

pub(crate) fn dependencies(clock: &Arc<ManualClock>) -> Dependencies {
    let clock: SharedClock = Arc::<ManualClock>::clone(clock);
    Dependencies {
        clock,
        random: Arc::new(SystemRandom),
    }
}

/// Defaults in `directory`, on a free port, with the sandbox as a cloud.
pub(crate) fn config(
    directory: &TempDir,
    sandbox: &Sandbox,
) -> Result<Config, Box<dyn std::error::Error>> {
    let mut config = Config::in_directory(&directory.path().join("data"));
    config.listen.address = "127.0.0.1:0".parse()?;
    config
        .clouds
        .custom
        .push(CustomCloud::sandbox(sandbox.url()));
    Ok(config)
}

async fn member_with_key(
    server: &Server,
    role: Role,
) -> Result<(MemberId, String), Box<dyn std::error::Error>> {
    let context = server.context();
    let mut tx = context.store.write().await?;
    let workspace = tx
        .workspaces()
        .await?
        .first()
        .ok_or("the start makes a workspace")?
        .id;
    let member = Member {
        id: MemberId::generate(&*context.clock, &*context.random),
        workspace_id: workspace,
        email: format!("{role}@contoso.com"),
        name: format!("The {role}"),
        role,
        password_hash: None,
        disabled_at: None,
        created_at: context.now(),
    };
    tx.create_member(&member).await?;
    tx.commit().await?;
    Ok((member.id, key_of(server, member.id, role).await?))
}

async fn key_of(
    server: &Server,
    member: MemberId,
    role: Role,
) -> Result<String, Box<dyn std::error::Error>> {
    let context = server.context();
    let secret = format!("csk_{}", random_token(&*context.random));
    let mut tx = context.store.write().await?;
    let workspace = tx
        .workspaces()
        .await?
        .first()
        .ok_or("the start makes a workspace")?
        .id;
    tx.create_api_key(&ApiKey {
        id: ApiKeyId::generate(&*context.clock, &*context.random),
        workspace_id: workspace,
        member_id: member,
        name: format!("{role}'s"),
        role,
        scope: KeyScope::default(),
        secret_hash: sha256(secret.as_bytes()),
        expires_at: None,
        revoked_at: None,
        created_at: context.now(),
    })
    .await?;
    tx.commit().await?;
    Ok(secret)
}
