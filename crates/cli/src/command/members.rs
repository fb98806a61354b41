use clap::{Args, Subcommand};
use model::Role;
use serde_json::{Value, json};

use crate::client::Client;
use crate::exit::Exit;
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Members {
    /// Who may sign in here.
    List,
    /// Add a member; `consentry sign-in-link` then lets them in.
    Add(Add),
}

#[derive(Debug, Args)]
pub(crate) struct Add {
    /// The mail address they sign in with; unique in the workspace.
    email: String,
    /// Their name, for people.
    #[arg(long)]
    name: String,
    /// auditor, member, builder, admin or owner; below your own, unless you are an owner.
    #[arg(long)]
    role: Role,
}

impl Members {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::List => list(client, output).await,
            Self::Add(add) => {
                let body = json!({ "email": add.email, "name": add.name, "role": add.role });
                let made = client.post(client.url(["members"]), &body).await?;
                output.show(&made, || {
                    format!("{}  {}  {}", text(&made, "id"), add.email, add.role)
                })?;
                Ok(Exit::Success)
            }
        }
    }
}

async fn list(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let items = client.list(client.url(["members"]), usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|member| {
            let state = match member["disabled_at"].as_str() {
                Some(at) => format!("disabled {at}"),
                None => "active".to_owned(),
            };
            let [id, email, name, role] = ["id", "email", "name", "role"].map(|f| text(member, f));
            [id, email, name, role, state]
        });
        output::table(["id", "email", "name", "role", "state"], rows)
    })?;
    Ok(Exit::Success)
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
