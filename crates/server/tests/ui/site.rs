//! A server and a sandbox on this machine, and browsers of the people who use them.

use std::ops::Deref;
use std::time::Duration;

use model::{ConnectionState, MemberId, Outcome, Role};
use sandbox::NewApplication;
use store::{ActivityFilter, Page as StorePage};

use crate::browser::{Browser, Page};
use crate::chromium::Tab;
use crate::support::{Registered, TestServer};

/// Somebody of Contoso who may consent for themselves.
pub(crate) const ANA: &str = "ana.reis@contoso.com";
pub(crate) const PASSWORD: &str = "Sandbox-1";
const PERMISSIONS: [&str; 3] = ["Mail.Read", "Mail.ReadWrite", "Mail.Send"];
/// Longest wait for a line of the log.
const PATIENCE: Duration = Duration::from_secs(5);
const HALF_A_YEAR: Duration = Duration::from_hours(180 * 24);

/// What one test needs. It is gone when dropped.
pub(crate) struct Site(TestServer);

impl Deref for Site {
    type Target = TestServer;

    fn deref(&self) -> &TestServer {
        &self.0
    }
}

impl Site {
    pub(crate) async fn start() -> Self {
        Self(TestServer::start().await.unwrap())
    }

    /// With more in the server's configuration.
    pub(crate) async fn with(change: impl FnOnce(&mut server::Config)) -> Self {
        Self(TestServer::with(change).await.unwrap())
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("{}{path}", self.server.url().as_str().trim_end_matches('/'))
    }

    /// A browser that nobody is signed in to.
    pub(crate) fn browser(&self) -> Browser {
        Browser::new(&self.url("/"))
    }

    /// A tab of a real browser that nobody is signed in to.
    pub(crate) async fn tab(&self) -> Tab {
        Tab::new(&self.url("/")).await
    }

    /// Signs a member of that role in by a link.
    pub(crate) async fn enter(&self, tab: &Tab, role: Role) {
        let secret = self.link_of(self.member_of(role)).await;
        tab.open(&format!("/sign-in#{secret}")).await;
        tab.reads("Integrations").await;
    }

    fn member_of(&self, role: Role) -> MemberId {
        let client = match role {
            Role::Auditor => &self.auditor,
            Role::Member => &self.member,
            Role::Builder => &self.builder,
            Role::Admin => &self.admin,
            Role::Owner => &self.owner,
        };
        client.member.unwrap()
    }

    /// A browser in which a member of that role is signed in.
    pub(crate) async fn signed_in(&self, role: Role) -> Browser {
        let mut browser = self.browser();
        let secret = self.link_of(self.member_of(role)).await;
        let page = browser.open("/sign-in").await;
        let home = browser
            .submit(&page, "/sign-in/link", &[("secret", &secret)])
            .await;
        assert_eq!(
            (home.status, home.url.path()),
            (200, "/integrations"),
            "{}",
            home.html
        );
        browser
    }

    /// The secret of a new sign-in link.
    pub(crate) async fn link_of(&self, member: MemberId) -> String {
        let link = self.server.sign_in_link(member).await.unwrap();
        link.url.split_once('#').unwrap().1.to_owned()
    }

    /// An application that nobody has consented to yet.
    pub(crate) fn application_at(&self, redirect_uri: &str) -> Registered {
        let names = || PERMISSIONS.map(str::to_owned).to_vec();
        let control = self.sandbox.control();
        let registered = control
            .register_application(NewApplication {
                display_name: "Consentry of Contoso".to_owned(),
                redirect_uris: vec![redirect_uri.to_owned()],
                delegated: names(),
                application: names(),
                ..NewApplication::default()
            })
            .unwrap();
        let secret = control
            .add_secret(&registered.client_id, "for the pages", HALF_A_YEAR)
            .unwrap();
        Registered {
            tenant_id: registered.tenant_id,
            client_id: registered.client_id,
            secret: secret.secret_text,
        }
    }

    /// One more client secret of that application.
    pub(crate) fn fresh_secret(&self, app: &Registered) -> String {
        let control = self.sandbox.control();
        control
            .add_secret(&app.client_id, "the next one", HALF_A_YEAR)
            .unwrap()
            .secret_text
    }

    /// The same, with the redirect URI that it needs.
    pub(crate) fn unconsented(&self) -> Registered {
        self.application_at(&self.url("/oauth/callback"))
    }

    /// Fills in and sends the form that makes a connect link; answers the link.
    pub(crate) async fn connect_link(
        &self,
        browser: &mut Browser,
        app: &Registered,
        name: &str,
    ) -> String {
        const FORM: &str = "/integrations/outlook/connect/oauth";
        let page = browser.open(FORM).await;
        let fields = [
            ("name", name),
            ("app_registration_id", "new"),
            ("app_name", name),
            ("tenant_id", &app.tenant_id),
            ("client_id", &app.client_id),
            ("client_secret", &app.secret),
        ];
        let made = browser.submit(&page, FORM, &fields).await;
        assert_eq!(made.status, 200, "{}", made.html);
        made.attribute("main a.button", "href").unwrap()
    }

    /// Opens the link and goes on to Microsoft's sign-in.
    pub(crate) async fn leave(&self, browser: &mut Browser, link: &str) -> Page {
        let welcome = browser.open(link).await;
        assert_eq!(welcome.status, 200, "{}", welcome.html);
        let start = format!("{}/start", welcome.url.path());
        browser.submit(&welcome, &start, &[]).await
    }

    /// Signs in on Microsoft's page.
    pub(crate) async fn sign_in_at_microsoft(
        &self,
        browser: &mut Browser,
        page: &Page,
        person: &str,
    ) -> Page {
        let action = page.attribute("form#sign-in", "action").unwrap();
        browser
            .submit(page, &action, &[("login", person), ("passwd", PASSWORD)])
            .await
    }

    /// Accepts or cancels on Microsoft's consent page.
    pub(crate) async fn decide(&self, browser: &mut Browser, page: &Page, decision: &str) -> Page {
        let action = page.attribute("form#consent", "action").unwrap();
        browser
            .submit(page, &action, &[("decision", decision)])
            .await
    }

    /// The whole way to the page that asks whether it is the right account.
    pub(crate) async fn consent(&self, browser: &mut Browser, link: &str) -> Page {
        let page = self.leave(browser, link).await;
        let page = self.sign_in_at_microsoft(browser, &page, ANA).await;
        let page = self.decide(browser, &page, "accept").await;
        assert_eq!(
            (page.status, page.url.path()),
            (200, "/connect/confirm"),
            "{}",
            page.html
        );
        page
    }

    /// The connections there are, by name and state.
    pub(crate) async fn connections(&self) -> Vec<(String, ConnectionState)> {
        let mut tx = self.server.context().store.read().await.unwrap();
        let workspace = tx.workspaces().await.unwrap().remove(0);
        let found = tx
            .connections(workspace.id, StorePage::first(200))
            .await
            .unwrap();
        found
            .into_iter()
            .map(|connection| (connection.name, connection.state))
            .collect()
    }

    /// How many app registrations there are.
    pub(crate) async fn registrations(&self) -> usize {
        let mut tx = self.server.context().store.read().await.unwrap();
        let workspace = tx.workspaces().await.unwrap().remove(0);
        tx.app_registrations(workspace.id).await.unwrap().len()
    }

    /// Whether the log has a line of that action, outcome and code. Some are written a tenth of a second later.
    pub(crate) async fn logged(&self, action: &str, outcome: Outcome, code: &str) -> bool {
        let written = async {
            while !self.has_line(action, outcome, code).await {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, written).await.is_ok()
    }

    async fn has_line(&self, action: &str, outcome: Outcome, code: &str) -> bool {
        let mut tx = self.server.context().store.read().await.unwrap();
        let workspace = tx.workspaces().await.unwrap().remove(0);
        let filter = ActivityFilter {
            action: Some(action.to_owned()),
            ..ActivityFilter::default()
        };
        let lines = tx
            .activities(workspace.id, &filter, StorePage::first(200))
            .await
            .unwrap();
        lines
            .iter()
            .any(|line| line.outcome == outcome && line.code.as_deref().unwrap_or_default() == code)
    }
}
