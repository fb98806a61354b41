//! A sandbox of its own, with an application that may read mail and write files.

use std::fmt::Write;
use std::fs;
use std::net::TcpListener;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;

use crate::bench::client::{self, Connection};
use crate::bench::load::Target;
use crate::bench::process::Server;

/// Whose mail and files are used.
pub(super) const MAIL: &str = "/v1.0/users/ana.reis@contoso.com";
const HEALTH: &str = "/_sandbox/health";
const GRAPH: &str = "https://graph.microsoft.com";

pub(super) struct Cloud {
    pub(super) server: Server,
    pub(super) address: String,
    folder: TempDir,
    token: String,
}

pub(super) struct Page {
    pub(super) items: usize,
    pub(super) next: Option<String>,
}

impl Cloud {
    pub(super) fn start(runtime: &Runtime, program: &Path, large: bool) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("consentry-sandbox-bench-")
            .tempdir()?;
        Self::within(runtime, program, folder, large)
    }

    /// The same signing key, and a new seed.
    pub(super) fn anew(self, runtime: &Runtime, program: &Path) -> Result<Self> {
        let Self { server, folder, .. } = self;
        drop(server);
        for entry in fs::read_dir(folder.path())? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() {
                fs::remove_dir_all(&path)?;
            } else if !name.contains("key") {
                fs::remove_file(&path)?;
            }
        }
        Self::within(runtime, program, folder, false)
    }

    fn within(runtime: &Runtime, program: &Path, folder: TempDir, large: bool) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let arguments: &[&str] = if large {
            &["sandbox", "--scale"]
        } else {
            &["sandbox"]
        };
        let server = Server::start(
            runtime,
            program,
            arguments,
            folder.path(),
            (&address, HEALTH),
        )?;
        let mut cloud = Self {
            server,
            address,
            folder,
            token: String::new(),
        };
        cloud.token = runtime.block_on(cloud.sign_in())?;
        Ok(cloud)
    }

    pub(super) fn start_ms(&self) -> f64 {
        self.server.start.as_secs_f64() * 1000.0
    }

    pub(super) fn target(&self, path: &str) -> Target {
        Target {
            address: self.address.clone(),
            path: path.to_owned(),
            key: Some(self.token.clone()),
        }
    }

    /// The path of a message in the mailbox, as small as an answer should be.
    pub(super) async fn first_message(&self) -> Result<String> {
        let page = self
            .get(&format!("{MAIL}/messages?$top=1&$select=id"))
            .await?;
        let id = page["value"][0]["id"]
            .as_str()
            .context("the mailbox is empty")?;
        Ok(format!(
            "{MAIL}/messages/{id}?$select=subject,receivedDateTime,isRead,from,bodyPreview"
        ))
    }

    pub(super) async fn page(&self, path: &str) -> Result<Page> {
        // Reading all of it as JSON would be our own time, not the sandbox's.
        let body = self
            .send(client::get(path, &self.address, Some(&self.token)))
            .await?;
        let text = String::from_utf8_lossy(&body);
        let next = text
            .split_once("\"@odata.nextLink\":\"")
            .and_then(|(_, rest)| {
                let url = rest.split('"').next()?;
                let (_, path) = url.split_once(&self.address)?;
                Some(path.to_owned())
            });
        Ok(Page {
            items: text.matches("\"receivedDateTime\"").count(),
            next,
        })
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        let body = self
            .send(client::get(path, &self.address, Some(&self.token)))
            .await?;
        Ok(serde_json::from_slice(&body)?)
    }

    /// Posts as the application.
    pub(super) async fn post(&self, path: &str, json: &Value) -> Result<Value> {
        let header = format!(
            "content-type: application/json\r\nauthorization: Bearer {}\r\n",
            self.token
        );
        self.submit(path, &header, &json.to_string()).await
    }

    async fn sign_in(&self) -> Result<String> {
        let json_header = "content-type: application/json\r\n";
        let new = json!({
            "display_name": "Bench", "application": ["Mail.Read", "Files.ReadWrite.All"], "admin_consent": true,
        });
        let made = self
            .submit("/_sandbox/applications", json_header, &new.to_string())
            .await?;
        let client_id = made["client_id"].as_str().context("no client id")?;
        let path = format!("/_sandbox/applications/{client_id}/secrets");
        let secret = self.submit(&path, json_header, "{}").await?;
        let secret = secret["secret_text"].as_str().context("no secret")?;
        let mut encoded = String::new();
        for byte in secret.bytes() {
            write!(encoded, "%{byte:02X}")?;
        }
        let form = format!(
            "grant_type=client_credentials&client_id={client_id}&client_secret={encoded}&scope={GRAPH}/.default"
        );
        let header = "content-type: application/x-www-form-urlencoded\r\n";
        let answer = self
            .submit("/contoso.onmicrosoft.com/oauth2/v2.0/token", header, &form)
            .await?;
        let token = answer["access_token"].as_str().context("no token")?;
        Ok(token.to_owned())
    }

    async fn submit(&self, path: &str, headers: &str, body: &str) -> Result<Value> {
        let request = format!(
            "POST {path} HTTP/1.1\r\nhost: {}\r\n{headers}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let answer = self.send(request.into_bytes()).await?;
        Ok(serde_json::from_slice(&answer)?)
    }

    async fn send(&self, request: Vec<u8>) -> Result<Vec<u8>> {
        let mut connection = Connection::new(TcpStream::connect(&self.address).await?);
        let answer = connection.send(&request).await?;
        ensure!(
            (200..400).contains(&answer.status),
            "the sandbox answered {}: {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
        Ok(answer.body.to_vec())
    }
}
