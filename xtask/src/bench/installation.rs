//! A data directory with a workspace, a key and a connection in it.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::time::sleep;

use super::load::Target;
use super::process::Server;
use super::{ask, client};

/// What the cloud is called that the upstream stands for.
pub(super) const CLOUD: &str = "bench";
const SOCKET_LIMIT: Duration = Duration::from_secs(5);
const POLL: Duration = Duration::from_millis(5);
const MESSAGE: &str = "/v1.0/users/ben.okafor@contoso.com/messages/AAMkAGI2";

pub(super) struct Installation {
    pub(super) folder: TempDir,
    pub(super) address: String,
    pub(super) workspace: String,
    /// To Outlook.
    pub(super) connection: String,
    /// To OneDrive.
    pub(super) drive: String,
    pub(super) key: String,
}

impl Installation {
    /// Made by a server of its own, which is gone afterwards.
    pub(super) fn make(runtime: &Runtime, program: &Path, upstream: &str) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("consentry-bench-")
            .tempdir()?;
        let config = format!(
            "[[clouds.custom]]\nid = \"{CLOUD}\"\nsandbox_url = \"{upstream}\"\n[outbound]\nbudgets = false\n"
        );
        fs::write(folder.path().join("consentry.toml"), config)?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut made = Self {
            folder,
            address,
            workspace: String::new(),
            connection: String::new(),
            drive: String::new(),
            key: String::new(),
        };
        let _server = made.start(runtime, program)?;
        runtime.block_on(made.fill())?;
        Ok(made)
    }

    pub(super) fn start(&self, runtime: &Runtime, program: &Path) -> Result<Server> {
        let at = (self.address.as_str(), "/healthz");
        Server::start(runtime, program, &["up"], self.folder.path(), at)
    }

    /// The pass-through of a small read.
    pub(super) fn through(&self) -> Target {
        Target {
            address: self.address.clone(),
            path: format!(
                "/api/v1/connections/{}/proxy/graph{MESSAGE}",
                self.connection
            ),
            key: Some(self.key.clone()),
        }
    }

    async fn fill(&mut self) -> Result<()> {
        let socket = socket(self.folder.path()).await;
        let me = ask::over_socket(&socket, &client::get("/api/v1/me", "localhost", None)).await?;
        self.workspace = ask::text(&me["workspace"], "id")?;
        let key = create(&socket, "keys", &json!({ "name": "bench" })).await?;
        self.key = ask::text(&key, "secret")?;
        self.connection = connect(&socket, "outlook").await?;
        self.drive = connect(&socket, "onedrive").await?;
        Ok(())
    }
}

/// The socket of the server that runs on this folder. It is there a moment after the port is.
pub(super) async fn socket(folder: &Path) -> PathBuf {
    let socket = folder.join("consentry.sock");
    let deadline = Instant::now() + SOCKET_LIMIT;
    while !socket.exists() && Instant::now() < deadline {
        sleep(POLL).await;
    }
    socket
}

/// The same read without the server.
pub(super) fn direct(upstream: &str) -> Target {
    Target {
        address: upstream.trim_start_matches("http://").to_owned(),
        path: MESSAGE.to_owned(),
        key: None,
    }
}

/// As an application; the connection's id.
async fn connect(socket: &Path, service: &str) -> Result<String> {
    let connection = json!({
        "service": service, "method": "service_principal", "name": service, "cloud": CLOUD,
        "tenant_id": "f0e1d2c3-0000-4000-8000-000000000000",
        "client_id": "a1b2c3d4-0000-4000-8000-000000000000",
        "client_secret": "not-checked-by-anybody-here",
    });
    let made = create(socket, "connections", &connection).await?;
    ask::text(&made["connection"], "id")
}

async fn create(socket: &Path, what: &str, new: &Value) -> Result<Value> {
    let request = ask::create(&format!("/api/v1/{what}"), "localhost", new);
    ask::over_socket(socket, &request).await
}
