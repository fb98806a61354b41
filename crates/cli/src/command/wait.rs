//! Waiting for somebody to consent in a browser.

use std::time::Duration;

use indicatif::ProgressBar;
use jiff::Timestamp;
use model::{Clock, SystemClock};
use serde_json::Value;

use crate::client::Client;
use crate::exit::{Exit, Failure};

/// How often the server is asked whether it is done.
const PERIOD: Duration = Duration::from_secs(1);
/// How long a connect link is good for, where the server did not say.
const LIFETIME: jiff::SignedDuration = jiff::SignedDuration::from_mins(10);

/// The connection, once it changed after `version` and is active. A spinner turns meanwhile when stderr is a terminal.
pub(super) async fn until_active(
    client: &Client,
    id: &str,
    version: i64,
    expires_at: Option<Timestamp>,
) -> anyhow::Result<Value> {
    let spinner = ProgressBar::new_spinner()
        .with_message("waiting for consent in the browser; ctrl-c stops waiting, not the link");
    spinner.enable_steady_tick(Duration::from_millis(120));
    let expires_at = expires_at.unwrap_or_else(|| SystemClock.now() + LIFETIME);
    let outcome = loop {
        let connection = client.get(client.url(["connections", id])).await?;
        let is_new = connection["version"].as_i64().unwrap_or(0) > version;
        if connection["state"] == "active" && is_new {
            break Ok(connection);
        }
        if SystemClock.now() > expires_at {
            break Err(expired(&connection));
        }
        tokio::time::sleep(PERIOD).await;
    };
    spinner.finish_and_clear();
    outcome
}

fn expired(connection: &Value) -> anyhow::Error {
    let name = connection["name"].as_str().unwrap_or_default();
    Failure::new(
        Exit::NeedsSomebody,
        "nobody consented before the connect link expired",
    )
    .hint(format!(
        "run `consentry connections reconnect {name}` for a new link"
    ))
    .into()
}
