//! What the steps find, make and leave to each other.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use jiff::SignedDuration;
use model::ManualClock;
use sandbox::Sandbox;
use serde_json::{Value, json};
use server::Server;

use super::browser::{Browser, Page};
use super::portal::Portal;
use crate::client::{Client, Endpoint};
use crate::paths;

/// Whose mailbox the user connection is.
pub(super) const ANA: &str = "ana.reis@contoso.com";
/// Who gets mail, and whose mailbox the application reads.
pub(super) const BEN: &str = "ben.okafor@contoso.com";
/// Everyone's password at the sandbox, as its sign-in page says.
pub(super) const PASSWORD: &str = "Sandbox-1";

/// The world of the demonstration. What a step needs and no earlier one made is an error of that step.
pub(super) struct Scene {
    pub(super) listen: SocketAddr,
    pub(super) data: PathBuf,
    /// The server's time. It runs, and jumps when moved.
    pub(super) clock: Arc<ManualClock>,
    pub(super) sandbox: Option<Sandbox>,
    pub(super) server: Option<Server>,
    pub(super) portal: Option<Portal>,
    /// Speaks to the API with the key that was made.
    pub(super) api: Option<Client>,
    /// The administrator's.
    pub(super) browser: Browser,
    /// Ana's, and the page it shows.
    pub(super) visitor: Browser,
    pub(super) page: Option<Page>,
    /// Ends every name of this run; empty in a new data directory.
    pub(super) suffix: String,
    pub(super) administrator: Administrator,
    pub(super) application: Application,
    /// State of the authorize request, to be found again in the answer.
    pub(super) state: String,
    /// A message that the user got, and that is answered and moved.
    pub(super) message: Option<Value>,
    /// What the activity log says of this run, newest first.
    pub(super) lines: Vec<Value>,
    /// When it began, by the server's clock.
    pub(super) begun: Option<jiff::Timestamp>,
}

#[derive(Default)]
pub(super) struct Administrator {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) link: String,
}

#[derive(Default)]
pub(super) struct Application {
    pub(super) client_id: String,
    pub(super) tenant_id: String,
    pub(super) secret: String,
    /// Its id in Consentry.
    pub(super) registration: String,
}

impl Scene {
    pub(super) fn new(listen: SocketAddr, data: PathBuf) -> Self {
        Self {
            listen,
            data,
            clock: Arc::new(ManualClock::running()),
            sandbox: None,
            server: None,
            portal: None,
            api: None,
            browser: Browser::default(),
            visitor: Browser::default(),
            page: None,
            suffix: String::new(),
            administrator: Administrator::default(),
            application: Application::default(),
            state: String::new(),
            message: None,
            lines: Vec::new(),
            begun: None,
        }
    }

    pub(super) fn portal(&self) -> anyhow::Result<&Portal> {
        self.portal.as_ref().context("no sandbox is running")
    }

    pub(super) fn api(&self) -> anyhow::Result<&Client> {
        self.api.as_ref().context("there is no API key yet")
    }

    pub(super) fn server(&self) -> anyhow::Result<&Server> {
        self.server.as_ref().context("no server is running")
    }

    /// As whoever installed it: over the socket in the data directory.
    pub(super) fn installer(&self) -> anyhow::Result<Client> {
        Client::at(Endpoint::Socket(paths::socket(&self.data)), None)
    }

    /// Where the sandbox keeps what it knows.
    pub(super) fn sandbox_directory(&self) -> PathBuf {
        Path::new(&self.data).join("sandbox")
    }

    /// The user connection's name.
    pub(super) fn as_user(&self) -> String {
        format!("outlook-ana{}", self.suffix)
    }

    /// The application connection's name.
    pub(super) fn as_application(&self) -> String {
        format!("outlook-organisation{}", self.suffix)
    }

    /// Runs an operation through a connection; Microsoft's JSON.
    pub(super) async fn run(
        &self,
        connection: &str,
        operation: &str,
        input: Value,
    ) -> anyhow::Result<Value> {
        let api = self.api()?;
        let url = api.url(["connections", connection, "operations", operation]);
        api.post(url, &input).await
    }

    /// Time goes by for everyone.
    pub(super) async fn wait(&self, time: SignedDuration) -> anyhow::Result<()> {
        self.portal()?.wait(time).await?;
        self.clock.advance(time);
        Ok(())
    }

    /// A link that signs the administrator in, once.
    pub(super) async fn fresh_sign_in_link(&self) -> anyhow::Result<String> {
        let installer = self.installer()?;
        let url = installer.url(["members", &self.administrator.id, "sign-in-link"]);
        let made = installer.post(url, &json!({})).await?;
        text(&made, "url")
    }

    /// Stops what was started, the server first.
    pub(super) async fn end(mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
        if let Some(sandbox) = self.sandbox.take() {
            sandbox.stop().await;
        }
    }
}

/// A text that an answer must have.
pub(super) fn text(value: &Value, field: &str) -> anyhow::Result<String> {
    value[field]
        .as_str()
        .map(str::to_owned)
        .with_context(|| format!("the answer has no `{field}`"))
}

/// The items of a page.
pub(super) fn items(page: &Value) -> anyhow::Result<&Vec<Value>> {
    page["value"].as_array().context("the answer is no page")
}
