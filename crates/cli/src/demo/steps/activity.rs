//! All of it was written down.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use serde_json::Value;
use store::journal::verify_chain;

use crate::demo::scene::Scene;

/// What has to be among the lines, by action and outcome.
const EXPECTED: [(&str, &str); 7] = [
    ("connection.create", "ok"),
    ("outlook.messages.list", "ok"),
    ("outlook.messages.send", "started"),
    ("outlook.messages.send", "ok"),
    ("outlook.messages.reply", "ok"),
    ("outlook.messages.move", "ok"),
    ("connection.rotate", "ok"),
];

/// Reads that come last wait for each other a tenth of a second, to be written together.
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
const LOOKS: usize = 40;
/// More lines than one demonstration writes.
const LONGEST_CHAIN: i64 = 10_000;

pub(in crate::demo) async fn look(scene: &mut Scene) -> anyhow::Result<String> {
    let lines = lines(scene).await?;
    let seen: BTreeSet<(&str, &str)> = lines.iter().map(what).collect();
    for expected in EXPECTED {
        ensure!(seen.contains(&expected), "no line says {expected:?}");
    }
    let failed = lines
        .iter()
        .filter(|line| line["outcome"] == "failed")
        .count();
    ensure!(failed > 0, "the refused calls left no line");
    let actions: BTreeSet<&str> = seen.iter().map(|(action, _)| *action).collect();
    let seen = format!(
        "{} lines of {} actions, {failed} of them failures",
        lines.len(),
        actions.len()
    );
    scene.lines = lines;
    Ok(seen)
}

/// All lines of this run, newest first, once the last read is among them: reads are written within a moment, not at once.
async fn lines(scene: &Scene) -> anyhow::Result<Vec<Value>> {
    let api = scene.api()?;
    let since = scene.begun.context("nothing was started")?.to_string();
    let mut url = api.url(["activity"]);
    url.query_pairs_mut().append_pair("since", &since);
    for _ in 0..LOOKS {
        let lines = api.list(url.clone(), usize::MAX).await?;
        let newest = lines.first().map(what);
        if newest == Some(("outlook.messages.list", "ok")) {
            return Ok(lines);
        }
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    anyhow::bail!("the last read is not written down")
}

/// Reads the chains in the database itself: an answer over HTTP could not prove what lies there.
pub(in crate::demo) async fn verify(scene: &mut Scene) -> anyhow::Result<String> {
    let server = scene.server()?;
    let mut tx = server.context().store.read().await?;
    let (mut chains, mut links) = (0, 0);
    for workspace in tx.workspaces().await? {
        for writer in tx.chain_writers(workspace.id).await? {
            let chain = tx.chain(workspace.id, writer, 1, LONGEST_CHAIN).await?;
            verify_chain(&chain)?;
            chains += 1;
            links += chain.len();
        }
    }
    ensure!(links > 0, "there is no chain");
    Ok(format!(
        "{links} lines, none changed and none missing; chains: {chains}"
    ))
}

fn what(line: &Value) -> (&str, &str) {
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    (text("action"), text("outcome"))
}
