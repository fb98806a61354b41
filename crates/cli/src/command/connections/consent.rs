//! Consent once more, for a connection that exists.

use serde_json::{Value, json};

use super::show;
use crate::client::Client;
use crate::command::wait;
use crate::exit::Exit;
use crate::output::{self, Output};

pub(super) async fn again(
    client: &Client,
    name: &str,
    no_wait: bool,
    output: Output,
) -> anyhow::Result<Exit> {
    let before = client.get(client.url(["connections", name])).await?;
    let id = before["id"].as_str().unwrap_or(name);
    let url = client.url(["connections", id, "reconnect"]);
    let invitation = client.post(url, &json!({})).await?;
    follow(client, &before, &invitation, no_wait, output).await
}

/// Shows the link, and waits until somebody has consented there.
pub(super) async fn follow(
    client: &Client,
    before: &Value,
    invitation: &Value,
    no_wait: bool,
    output: Output,
) -> anyhow::Result<Exit> {
    let id = before["id"].as_str().unwrap_or_default();
    let link = invitation["connect_url"].as_str().unwrap_or_default();
    if no_wait {
        output.show(invitation, || link.to_owned())?;
        return Ok(Exit::Success);
    }
    output::note(format_args!(
        "open this link in the browser of whoever's account it is:\n  {link}"
    ));
    let expires_at = invitation["expires_at"]
        .as_str()
        .and_then(|at| at.parse().ok());
    let version = before["version"].as_i64().unwrap_or(0);
    let connection = wait::until_active(client, id, version, expires_at).await?;
    output.show(&connection, || show::state(&connection))?;
    Ok(Exit::Success)
}
