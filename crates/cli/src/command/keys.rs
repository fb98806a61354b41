use clap::{Args, Subcommand};
use jiff::Timestamp;
use model::{OperationKind, Role};
use serde_json::{Value, json};

use crate::client::Client;
use crate::exit::Exit;
use crate::explain;
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Keys {
    /// Make a key; its secret is shown once.
    Create(Create),
    /// Those that you may see.
    List,
    /// End a key at once, everywhere.
    Revoke(Revoke),
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    /// What it is for.
    name: String,
    /// auditor, member, builder, admin or owner; your own role at most, and that when left out.
    #[arg(long)]
    role: Option<Role>,
    /// Let it reach this connection only; may be repeated.
    #[arg(long, value_name = "NAME")]
    connection: Vec<String>,
    /// Let it do this only: read, write, delete or action; may be repeated.
    #[arg(long)]
    kind: Vec<OperationKind>,
    /// When it ends: `2027-11-23T00:00:00Z`. Never, when left out.
    #[arg(long, value_name = "INSTANT")]
    expires_at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct Revoke {
    /// The key's id.
    key: String,
}

impl Keys {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::Create(create) => create.run(client, output).await,
            Self::List => list(client, output).await,
            Self::Revoke(revoke) => {
                client.delete(client.url(["keys", &revoke.key])).await?;
                output.show(&json!({ "revoked": revoke.key }), || {
                    format!("{} is revoked", revoke.key)
                })?;
                Ok(Exit::Success)
            }
        }
    }
}

impl Create {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let mut body = json!({ "name": self.name });
        if let Some(role) = self.role {
            body["role"] = json!(role);
        }
        if let Some(expires_at) = self.expires_at {
            body["expires_at"] = json!(expires_at);
        }
        let scope = self.scope(client).await?;
        if scope.as_object().is_some_and(|scope| !scope.is_empty()) {
            body["scope"] = scope;
        }
        let made = client.post(client.url(["keys"]), &body).await?;
        output.show(&made, || text(&made, "secret"))?;
        if !output.is_json() {
            output::note(format_args!(
                "{} is made; keep the line above, it is not shown again",
                text(&made["key"], "id")
            ));
        }
        Ok(Exit::Success)
    }

    async fn scope(&self, client: &Client) -> anyhow::Result<Value> {
        let mut scope = json!({});
        if !self.connection.is_empty() {
            let mut ids = Vec::new();
            for name in &self.connection {
                let connection = client.get(client.url(["connections", name])).await?;
                ids.push(connection["id"].clone());
            }
            scope["connections"] = json!(ids);
        }
        if !self.kind.is_empty() {
            scope["kinds"] = json!(self.kind);
        }
        Ok(scope)
    }
}

async fn list(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let items = client.list(client.url(["keys"]), usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|key| {
            [
                text(key, "id"),
                text(key, "name"),
                text(key, "role"),
                text(key, "member_id"),
                limits(&key["scope"]),
                state(key),
            ]
        });
        output::table(
            ["id", "name", "role", "member", "limited to", "state"],
            rows,
        )
    })?;
    Ok(Exit::Success)
}

/// The kinds and the number of connections that it is for; nothing where it is for all.
fn limits(scope: &Value) -> String {
    let kinds = scope["kinds"]
        .as_array()
        .map(|_| explain::names(&scope["kinds"]));
    let connections = scope["connections"].as_array().map(Vec::len);
    let connections = connections.map(|number| match number {
        1 => "1 connection".to_owned(),
        number => format!("{number} connections"),
    });
    let parts: Vec<_> = [kinds, connections].into_iter().flatten().collect();
    parts.join("; ")
}

fn state(key: &Value) -> String {
    if let Some(at) = key["revoked_at"].as_str() {
        return format!("revoked {at}");
    }
    key["expires_at"]
        .as_str()
        .map_or_else(|| "good".to_owned(), |at| format!("until {at}"))
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
