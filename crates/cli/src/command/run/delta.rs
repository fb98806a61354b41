//! A round of changes, kept once all of it is written.

use reqwest::{Method, Response};
use serde_json::{Value, json};

use super::items;
use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

/// Prints what changed, and then tells the server that it was read: whoever dies before reads the same again.
pub(super) async fn print(
    client: &Client,
    connection: &str,
    name: &str,
    response: Response,
    output: Output,
) -> anyhow::Result<()> {
    let Some(last) = items::print_round(response, output).await? else {
        return Err(Failure::new(
            Exit::Unreachable,
            "the changes broke off before their last line, and the round was not kept",
        )
        .hint("run it again: the same changes come once more")
        .into());
    };
    let keep = &last["@consentry.delta"]["keep"];
    let url = client.url(["connections", connection, "cursors", name]);
    let request = client.request(Method::PUT, url);
    client.send(request.json(&json!({ "keep": keep }))).await?;
    Ok(())
}

/// The server's own lines among the items.
pub(super) enum Mark {
    /// What follows is everything; it goes on to whoever reads the items.
    Resync,
    Last(Value),
}

pub(super) fn mark(line: &[u8]) -> Option<Mark> {
    if line.starts_with(br#"{"@consentry.resync":"#) {
        output::note(
            "Microsoft forgot where this was: what follows is everything, to be compared with what is known",
        );
        return Some(Mark::Resync);
    }
    if !line.starts_with(br#"{"@consentry.delta":"#) {
        return None;
    }
    serde_json::from_slice(line).ok().map(Mark::Last)
}
