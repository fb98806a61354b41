use clap::{Args, Subcommand};
use model::EventKind;
use serde_json::{Value, json};

use crate::client::Client;
use crate::exit::Exit;
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Webhooks {
    /// Those of the workspace.
    List,
    /// Send events to an address; the secret that signs them is shown once.
    Add(Add),
    /// Events that an address has not taken yet, with their tries.
    Deliveries(Named),
    /// Send no more events to an address.
    Remove(Named),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// Https, and reachable from the internet.
    #[arg(value_name = "URL")]
    address: String,
    /// Only events of this type: `connection.needs_admin`; may be repeated. All, when left out.
    #[arg(long, value_name = "TYPE", value_parser = kind)]
    event: Vec<EventKind>,
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// The webhook's id.
    webhook: String,
}

impl Webhooks {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::List => list(client, output).await,
            Self::Add(add) => add.run(client, output).await,
            Self::Deliveries(named) => deliveries(client, &named.webhook, output).await,
            Self::Remove(named) => {
                let id = &named.webhook;
                client.delete(client.url(["webhooks", id])).await?;
                output.show(&json!({ "removed": id }), || format!("{id} is removed"))?;
                Ok(Exit::Success)
            }
        }
    }
}

impl Add {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let mut body = json!({ "url": self.address });
        if !self.event.is_empty() {
            body["kinds"] = json!(self.event);
        }
        let made = client.post(client.url(["webhooks"]), &body).await?;
        output.show(&made, || text(&made, "secret"))?;
        if !output.is_json() {
            output::note(format_args!(
                "{} is made; keep the line above, it is not shown again",
                text(&made["webhook"], "id")
            ));
        }
        Ok(Exit::Success)
    }
}

async fn list(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let items = client.list(client.url(["webhooks"]), usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|webhook| {
            let state = match webhook["disabled_at"].as_str() {
                Some(at) => format!("off since {at}"),
                None => "active".to_owned(),
            };
            [
                text(webhook, "id"),
                text(webhook, "url"),
                kinds(webhook),
                state,
            ]
        });
        output::table(["id", "url", "events", "state"], rows)
    })?;
    Ok(Exit::Success)
}

async fn deliveries(client: &Client, id: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["webhooks", id, "deliveries"]);
    let items = client.list(url, usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|delivery| {
            [
                text(delivery, "event_id"),
                text(delivery, "type"),
                text(delivery, "timestamp"),
                delivery["attempts"].to_string(),
                text(delivery, "next_at"),
            ]
        });
        output::table(["event", "type", "happened", "tries", "next try"], rows)
    })?;
    Ok(Exit::Success)
}

fn kinds(webhook: &Value) -> String {
    let kinds = webhook["kinds"].as_array();
    kinds.map_or_else(
        || "all".to_owned(),
        |kinds| {
            let names: Vec<_> = kinds.iter().filter_map(Value::as_str).collect();
            names.join(",")
        },
    )
}

fn kind(text: &str) -> Result<EventKind, String> {
    let known = || EventKind::ALL.into_iter();
    known().find(|kind| kind.id() == text).ok_or_else(|| {
        let names: Vec<_> = known().map(EventKind::id).collect();
        format!("known are {}", names.join(", "))
    })
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
