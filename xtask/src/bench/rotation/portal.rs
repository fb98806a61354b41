//! The sandbox, and what an administrator does in its portal.

use std::net::TcpListener;
use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::bench::process::Server;
use crate::bench::{ask, client};

const HEALTH: &str = "/_sandbox/health";
const TOKENS: &str = "/_sandbox/requests?method=POST&path_contains=/oauth2/v2.0/token";

pub(super) struct Portal {
    address: String,
    _server: Server,
    // After the server.
    _folder: TempDir,
}

/// An application with a client secret.
pub(super) struct Application {
    pub(super) client_id: String,
    pub(super) tenant_id: String,
    pub(super) secret: String,
}

impl Portal {
    pub(super) fn start(runtime: &Runtime, program: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("consentry-portal-")
            .tempdir()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let at = (address.as_str(), HEALTH);
        let server = Server::start(runtime, program, &["sandbox"], folder.path(), at)?;
        Ok(Self {
            address,
            _server: server,
            _folder: folder,
        })
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Whose access tokens live this long.
    pub(super) async fn register(&self, token_secs: u32) -> Result<Application> {
        let lifetime = json!({ "access_token_lifetime": token_secs });
        self.create("settings", &lifetime).await?;
        let new =
            json!({ "display_name": "Bench", "application": ["Mail.Read"], "admin_consent": true });
        let made = self.create("applications", &new).await?;
        let client_id = ask::text(&made, "client_id")?;
        Ok(Application {
            secret: self.add_secret(&client_id).await?,
            tenant_id: ask::text(&made, "tenant_id")?,
            client_id,
        })
    }

    pub(super) async fn add_secret(&self, client_id: &str) -> Result<String> {
        let path = format!("applications/{client_id}/secrets");
        ask::text(&self.create(&path, &Value::Null).await?, "secret_text")
    }

    pub(super) async fn add_certificate(&self, client_id: &str, public: &str) -> Result<()> {
        let path = format!("applications/{client_id}/certificates");
        let new = json!({ "name": "made by Consentry", "certificate": public });
        self.create(&path, &new).await.map(drop)
    }

    pub(super) async fn expire_secrets(&self, client_id: &str) -> Result<()> {
        let path = format!("applications/{client_id}/expire-secrets");
        self.create(&path, &Value::Null).await.map(drop)
    }

    /// How many of the requests that it remembers were for a token.
    pub(super) async fn token_requests(&self) -> Result<usize> {
        let found = ask::at(&self.address, &client::get(TOKENS, &self.address, None)).await?;
        Ok(found.as_array().map_or(0, Vec::len))
    }

    pub(super) async fn forget_requests(&self) -> Result<()> {
        let request = format!(
            "DELETE /_sandbox/requests HTTP/1.1\r\nhost: {}\r\n\r\n",
            self.address
        );
        ask::at(&self.address, request.as_bytes()).await.map(drop)
    }

    async fn create(&self, what: &str, new: &Value) -> Result<Value> {
        let request = ask::create(&format!("/_sandbox/{what}"), &self.address, new);
        ask::at(&self.address, &request).await
    }
}
