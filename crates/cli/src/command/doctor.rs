mod clouds;
mod connection;
mod files;
mod installation;
mod public_url;

use clap::Args;
use serde::Serialize;
use serde_json::json;

use crate::arguments::Global;
use crate::client::Client;
use crate::exit::Exit;
use crate::output::{Mark, Output};

#[derive(Debug, Args)]
pub(crate) struct Doctor {
    /// Check this connection, by name or id, instead of the installation.
    connection: Option<String>,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    ok: bool,
    detail: String,
    /// What to do, when it is not well.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
}

impl Doctor {
    pub(crate) async fn run(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        if let Some(name) = &self.connection {
            return connection::examine(&Client::open(global)?, name, output).await;
        }
        show(&installation::examine(global).await, output)
    }
}

impl Check {
    fn good(name: &'static str, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok: true,
            detail: detail.into(),
            hint: None,
        }
    }

    fn bad(name: &'static str, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self {
            name,
            ok: false,
            detail: detail.into(),
            hint: Some(hint.into()),
        }
    }

    fn line(&self) -> String {
        let mark = Mark::of(self.ok).plain();
        let line = format!("{mark} {}: {}", self.name, self.detail);
        match &self.hint {
            Some(hint) => format!("{line}\n  hint: {hint}"),
            None => line,
        }
    }
}

fn show(checks: &[Check], output: Output) -> anyhow::Result<Exit> {
    let is_well = checks.iter().all(|check| check.ok);
    output.show(&json!({ "ok": is_well, "checks": checks }), || {
        let lines: Vec<_> = checks.iter().map(Check::line).collect();
        lines.join("\n")
    })?;
    Ok(if is_well {
        Exit::Success
    } else {
        Exit::Failure
    })
}
