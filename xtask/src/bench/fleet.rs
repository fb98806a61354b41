//! Servers as somebody would run them side by side: one keyring, and one database where there are several.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::installation::{CLOUD, socket};
use super::process::Server;
use super::{ask, client};

/// A keyring of one key, which protects nothing.
const KEY: &str = "bench:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n";

pub(super) struct Fleet {
    pub(super) members: Vec<Member>,
    pub(super) keyring: PathBuf,
    // After the servers.
    _folder: TempDir,
}

pub(super) struct Member {
    pub(super) server: Server,
    pub(super) address: String,
    data: PathBuf,
}

/// What the servers are to be like.
pub(super) struct Plan<'a> {
    pub(super) program: &'a Path,
    /// What stands for Microsoft.
    pub(super) cloud_url: &'a str,
    /// SQLite where there is none, and then there is one server.
    pub(super) database_url: Option<&'a str>,
    pub(super) servers: usize,
    /// Whether Microsoft's published limits are kept to.
    pub(super) budgets: bool,
}

impl Fleet {
    pub(super) fn start(runtime: &Runtime, plan: &Plan<'_>) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("consentry-fleet-")
            .tempdir()?;
        let keyring = folder.path().join("keyring");
        fs::write(&keyring, KEY)?;
        let mut members = Vec::new();
        for number in 0..plan.servers {
            let data = folder.path().join(format!("server-{number}"));
            fs::create_dir(&data)?;
            fs::write(data.join("consentry.toml"), config(plan, &keyring))?;
            members.push(Member::start(runtime, plan, data)?);
        }
        Ok(Self {
            members,
            keyring,
            _folder: folder,
        })
    }

    /// A key of the owner's.
    pub(super) async fn key(&self) -> Result<String> {
        let new = json!({ "name": "bench" });
        ask::text(&self.members[0].create("keys", &new).await?, "secret")
    }
}

impl Member {
    fn start(runtime: &Runtime, plan: &Plan<'_>, data: PathBuf) -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut arguments = vec!["up"];
        if let Some(url) = plan.database_url {
            arguments.extend(["--database-url", url]);
        }
        let at = (address.as_str(), "/healthz");
        let server = Server::start(runtime, plan.program, &arguments, &data, at)?;
        Ok(Self {
            server,
            address,
            data,
        })
    }

    /// Posts as the owner; `what` is a path below the API's root.
    pub(super) async fn create(&self, what: &str, new: &Value) -> Result<Value> {
        let request = ask::create(&format!("/api/v1/{what}"), "localhost", new);
        ask::over_socket(&socket(&self.data).await, &request).await
    }

    pub(super) async fn get(&self, path: &str) -> Result<Value> {
        let request = client::get(path, "localhost", None);
        ask::over_socket(&socket(&self.data).await, &request).await
    }
}

fn config(plan: &Plan<'_>, keyring: &Path) -> String {
    format!(
        "[[clouds.custom]]\nid = \"{CLOUD}\"\nsandbox_url = \"{}\"\n[outbound]\nbudgets = {}\n[master_key]\nfile = \"{}\"\n",
        plan.cloud_url,
        plan.budgets,
        keyring.display()
    )
}
