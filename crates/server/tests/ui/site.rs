//! A server and a sandbox on this machine, with an application in the sandbox that its members can connect with.

use std::net::SocketAddr;

use model::{Member, MemberId, Role};
use sandbox::{Clock, Control, NewApplication, Options, Sandbox};
use server::config::{CustomCloud, Listen};
use server::{Config, Dependencies, Server};
use tempfile::TempDir;

use crate::browser::{Browser, Page};

const PERMISSIONS: [&str; 3] = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"];

/// What one test needs. It is gone when dropped.
pub(crate) struct Site {
    pub(crate) server: Server,
    pub(crate) cloud: Sandbox,
    pub(crate) clock: std::sync::Arc<model::ManualClock>,
    _directory: TempDir,
}

/// An application as an administrator knows it from the portal.
pub(crate) struct Application {
    pub(crate) tenant_id: String,
    pub(crate) client_id: String,
    pub(crate) secret: String,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let cloud = Sandbox::start(Options { clock: Clock::real(), ..Options::default() }).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut config = Config::in_directory(directory.path());
        config.listen = Listen { address: SocketAddr::from(([127, 0, 0, 1], 0)), ..Listen::default() };
        config.clouds.custom = vec![CustomCloud::sandbox(cloud.url())];
        let clock = std::sync::Arc::new(model::ManualClock::running());
        let dependencies = Dependencies { clock: clock.clone(), ..Dependencies::system() };
        let server = Server::start(config, dependencies).await.unwrap();
        Self { server, cloud, clock, _directory: directory }
    }

    pub(crate) fn control(&self) -> Control {
        self.cloud.control()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url().as_str().trim_end_matches('/'))
    }

    /// A browser that nobody is signed in to.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.url(""))
    }

    /// A browser in which the first owner is signed in.
    pub(crate) async fn owner(&self) -> Browser {
        self.browser_of(self.server.owner()).await
    }

    /// A new member of that role, signed in.
    pub(crate) async fn member(&self, role: Role) -> Browser {
        let context = self.server.context();
        let mut tx = context.store.write().await.unwrap();
        let workspace = tx.workspaces().await.unwrap().remove(0);
        let member = Member {
            id: MemberId::generate(&*context.clock, &*context.random),
            workspace_id: workspace.id,
            email: format!("{role}@contoso.example"),
            name: format!("Some {role}"),
            role,
            password_hash: None,
            disabled_at: None,
            created_at: context.now(),
        };
        tx.create_member(&member).await.unwrap();
        tx.commit().await.unwrap();
        self.browser_of(member.id).await
    }

    async fn browser_of(&self, member: MemberId) -> Browser {
        let link = self.server.sign_in_link(member).await.unwrap();
        let secret = link.url.split_once('#').unwrap().1.to_owned();
        let mut browser = self.browser();
        let page = browser.open("/sign-in").await;
        let home = browser.submit(&page, "/sign-in/link", &[("secret", &secret)]).await;
        assert_eq!(home.status, 200, "{}", home.html);
        browser
    }

    /// One that works: its redirect URI is ours, and it has a secret.
    pub(crate) fn application(&self) -> Application {
        self.application_with(&self.url("/oauth/callback"), true)
    }

    pub(crate) fn application_with(&self, redirect_uri: &str, admin_consent: bool) -> Application {
        let names = || PERMISSIONS.map(str::to_owned).to_vec();
        let registered = self
            .control()
            .register_application(NewApplication {
                display_name: "Consentry of Contoso".to_owned(),
                redirect_uris: vec![redirect_uri.to_owned()],
                delegated: names(),
                application: names(),
                admin_consent: false,
                ..NewApplication::default()
            })
            .unwrap();
        if admin_consent {
            self.control().grant_admin_consent(&registered.client_id).unwrap();
        }
        let secret = self
            .control()
            .add_secret(&registered.client_id, "ui", std::time::Duration::from_hours(24 * 180))
            .unwrap();
        Application {
            tenant_id: registered.tenant_id,
            client_id: registered.client_id,
            secret: secret.secret_text,
        }
    }
}

/// Every line of the activity log, newest first: action, outcome, code.
pub(crate) async fn log(site: &Site) -> Vec<(String, model::Outcome, Option<String>)> {
    let mut tx = site.server.context().store.read().await.unwrap();
    let workspace = tx.workspaces().await.unwrap().remove(0);
    let lines = tx
        .activities(workspace.id, &store::ActivityFilter::default(), store::Page::first(200))
        .await
        .unwrap();
    lines.into_iter().map(|line| (line.action, line.outcome, line.code)).collect()
}

/// The connections there are, by name and state.
pub(crate) async fn connections(site: &Site) -> Vec<(String, model::ConnectionState)> {
    let mut tx = site.server.context().store.read().await.unwrap();
    let workspace = tx.workspaces().await.unwrap().remove(0);
    let found = tx.connections(workspace.id, store::Page::first(200)).await.unwrap();
    found.into_iter().map(|connection| (connection.name, connection.state)).collect()
}

/// Fills in and sends the form that makes a connect link; answers the link.
pub(crate) async fn connect_link(browser: &mut Browser, app: &Application, name: &str) -> String {
    let page = browser.open("/integrations/outlook/connect/oauth").await;
    let made = browser
        .submit(
            &page,
            "/integrations/outlook/connect/oauth",
            &[
                ("name", name),
                ("app_registration_id", "new"),
                ("app_name", name),
                ("tenant_id", &app.tenant_id),
                ("client_id", &app.client_id),
                ("client_secret", &app.secret),
            ],
        )
        .await;
    assert_eq!(made.status, 200, "{}", made.html);
    link_on(&made)
}

/// The connect link that a page shows.
pub(crate) fn link_on(page: &Page) -> String {
    page.attribute("main a.button", "href").unwrap()
}
