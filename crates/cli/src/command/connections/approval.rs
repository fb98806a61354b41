//! Asking for more, and asking an administrator of Microsoft's tenant.

use clap::Args;
use serde_json::{Value, json};

use super::{Named, consent};
use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

#[derive(Debug, Args)]
pub(crate) struct AddPermissions {
    #[command(flatten)]
    named: Named,
    /// By Microsoft's names.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    permissions: Vec<String>,
    /// By what shall be possible: the least that these operations need.
    #[arg(long, value_name = "IDS", value_delimiter = ',')]
    operations: Vec<String>,
    /// Print the connect link and end, without waiting for the consent.
    #[arg(long)]
    no_wait: bool,
}

impl AddPermissions {
    pub(super) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        if self.permissions.is_empty() && self.operations.is_empty() {
            return Err(Failure::new(Exit::Usage, "nothing to ask for is named")
                .hint("give `--permissions` or `--operations`")
                .into());
        }
        let before = client
            .get(client.url(["connections", &self.named.connection]))
            .await?;
        let body = json!({ "permissions": self.permissions, "operations": self.operations });
        let url = client.url(["connections", &text(&before, "id"), "permissions"]);
        let invitation = client.post(url, &body).await?;
        consent::follow(client, &before, &invitation, self.no_wait, output).await
    }
}

/// A link for an administrator of the tenant.
pub(super) async fn ask(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, "ask-administrator"]);
    let request = client.post(url, &json!({})).await?;
    output.show(&request, || text(&request, "admin_url"))?;
    if !output.is_json() {
        output::note(
            "send the link above to an administrator of the Microsoft tenant, who consents on Microsoft's own page",
        );
    }
    Ok(Exit::Success)
}

/// What waits for one.
pub(super) async fn list(client: &Client, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["consent-requests"]);
    let items = client.list(url, usize::MAX).await?;
    output.show(&items, || {
        let rows = items.iter().map(|request| {
            [
                "connection",
                "answer",
                "requester",
                "created_at",
                "admin_url",
            ]
            .map(|field| text(request, field))
        });
        output::table(["connection", "answer", "asked by", "asked", "link"], rows)
    })?;
    Ok(Exit::Success)
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
