mod follow;
mod since;
mod verify;

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use crate::client::Client;
use crate::exit::Exit;
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
enum Verb {
    /// Read the whole log and its checkpoints: whether a line was changed, or is missing.
    Verify,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Activity {
    #[command(subcommand)]
    verb: Option<Verb>,
    /// Only what went through this connection.
    #[arg(long, value_name = "NAME")]
    connection: Option<String>,
    /// Only this: an operation's id, or a verb such as `connection.rotate`.
    #[arg(long)]
    action: Option<String>,
    /// Only what came after an instant, or within a time such as `2h` or `7d`.
    #[arg(long, value_parser = since::parse)]
    since: Option<Timestamp>,
    /// How many lines at most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// Go on with new lines as they come; with `--json` a line each.
    #[arg(long, short)]
    follow: bool,
}

impl Activity {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        if let Some(Verb::Verify) = self.verb {
            return verify::run(client, output).await;
        }
        if self.follow {
            return follow::run(self, client, output).await;
        }
        let items = client
            .list(self.url(client, self.since), self.limit)
            .await?;
        let names = Names::known(client, output).await?;
        output.show(&items, || table(&items, &names))?;
        Ok(Exit::Success)
    }

    fn url(&self, client: &Client, since: Option<Timestamp>) -> Url {
        let mut url = client.url(["activity"]);
        let since = since.map(|since| since.to_string());
        let filters = [
            ("connection", self.connection.as_deref()),
            ("action", self.action.as_deref()),
            ("since", since.as_deref()),
        ];
        for (name, value) in filters {
            if let Some(value) = value {
                url.query_pairs_mut().append_pair(name, value);
            }
        }
        url
    }
}

/// What connections, keys and members are called, for people who do not know ids by heart.
#[derive(Debug, Default)]
pub(crate) struct Names(BTreeMap<String, String>);

impl Names {
    /// Of all that the caller sees; none for programs, which take ids.
    pub(crate) async fn known(client: &Client, output: Output) -> anyhow::Result<Self> {
        if output.is_json() {
            return Ok(Self::default());
        }
        let connections = client.list(client.url(["connections"]), usize::MAX).await?;
        // Not everybody may list these: the ids do then.
        let keys = client.list(client.url(["keys"]), usize::MAX).await;
        let members = client.list(client.url(["members"]), usize::MAX).await;
        let connections = connections.into_iter().map(|it| (it, "name"));
        let keys = keys.unwrap_or_default().into_iter().map(|it| (it, "name"));
        let members = members
            .unwrap_or_default()
            .into_iter()
            .map(|it| (it, "email"));
        let all = connections.chain(keys).chain(members);
        Ok(Self(
            all.map(|(item, name)| (text(&item, "id"), text(&item, name)))
                .collect(),
        ))
    }

    /// The name of what has this id, or the id where it is gone.
    fn of(&self, id: &str) -> String {
        self.0.get(id).map_or(id, String::as_str).to_owned()
    }
}

fn at(item: &Value) -> Option<Timestamp> {
    item["at"].as_str()?.parse().ok()
}

/// Lines of the log as they are read by people.
pub(crate) fn table<'a>(items: impl IntoIterator<Item = &'a Value>, names: &Names) -> String {
    output::table(
        [
            "at",
            "actor",
            "action",
            "connection",
            "target",
            "outcome",
            "status",
            "ms",
            "bytes",
        ],
        items.into_iter().map(|item| row(item, names)),
    )
}

fn row(item: &Value, names: &Names) -> [String; 9] {
    [
        at(item).map_or_else(String::new, |at| at.strftime("%F %T").to_string()),
        actor(&item["actor"], names),
        text(item, "action"),
        names.of(&text(item, "connection_id")),
        text(item, "target"),
        outcome(item),
        item["status"]
            .as_u64()
            .map_or_else(|| text(item, "code"), |status| status.to_string()),
        item["duration_us"]
            .as_i64()
            .map_or_else(String::new, |micros| (micros / 1000).to_string()),
        bytes(item),
    ]
}

fn actor(actor: &Value, names: &Names) -> String {
    match actor["id"].as_str() {
        Some(id) => names.of(id),
        None => text(actor, "type"),
    }
}

/// Of a file that travelled.
fn bytes(item: &Value) -> String {
    let ways = [("bytes_sent", "sent"), ("bytes_received", "received")];
    let told = ways
        .iter()
        .filter_map(|(field, way)| Some(format!("{} {way}", item[field].as_i64()?)));
    told.collect::<Vec<_>>().join(", ")
}

fn outcome(item: &Value) -> String {
    let outcome = text(item, "outcome");
    if item["phase"] == "intent" {
        format!("intent {outcome}")
    } else {
        outcome
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
