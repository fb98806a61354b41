//! All of it was written down.

use std::collections::BTreeSet;

use anyhow::{Context, ensure};
use serde_json::Value;

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

pub(in crate::demo) async fn look(scene: &mut Scene) -> anyhow::Result<String> {
    let api = scene.api()?;
    let since = scene.begun.context("nothing was started")?.to_string();
    let mut url = api.url(["activity"]);
    url.query_pairs_mut().append_pair("since", &since);
    let lines = api.list(url, usize::MAX).await?;
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
    Ok(format!(
        "{} lines of {} actions, {failed} of them failures",
        lines.len(),
        actions.len()
    ))
}

fn what(line: &Value) -> (&str, &str) {
    let text = |name: &str| line[name].as_str().unwrap_or_default();
    (text("action"), text("outcome"))
}
