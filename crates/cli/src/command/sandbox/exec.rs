//! `sandbox exec`: a program together with a sandbox of its own, which it finds under Microsoft's names.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitStatus;

use anyhow::Context;
use clap::Args;
use sandbox::{Namespace, Options, Sandbox};
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::output;

/// Variables by which programs are given a proxy.
const PROXIES: [&str; 6] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
];

#[derive(Debug, Args)]
pub(super) struct Exec {
    /// Set by the command itself when it runs inside the namespace that it made.
    #[arg(long, hide = true)]
    inside: bool,
    /// The program and its arguments, after `--`.
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<OsString>,
}

impl Exec {
    /// In a namespace where the system has them; else the sandbox is the program's proxy, which it has to honour.
    pub(super) async fn run(&self, global: &Global) -> anyhow::Result<Exit> {
        if self.inside {
            return self.within(global).await;
        }
        match Namespace::probe() {
            Ok(()) => self.enter(global).await,
            Err(missing) => {
                output::note(format_args!(
                    "no namespace here ({missing}): the program is given the sandbox as its proxy"
                ));
                self.beside(global).await
            }
        }
    }

    /// Starts this command again inside.
    async fn enter(&self, global: &Global) -> anyhow::Result<Exit> {
        let program = std::env::current_exe().context("this program cannot find itself")?;
        let mut command = Command::from(Namespace::enter(program));
        if let Some(data) = &global.data {
            command.arg("--data").arg(data);
        }
        command
            .args(["sandbox", "exec", "--inside", "--"])
            .args(&self.command);
        let status = command
            .status()
            .await
            .context("`unshare` could not be started")?;
        // What went wrong inside was told inside.
        Ok(if status.success() {
            Exit::Success
        } else {
            Exit::Failure
        })
    }

    async fn within(&self, global: &Global) -> anyhow::Result<Exit> {
        let namespace = Namespace::open()?;
        let (listen, also_listen) = Namespace::addresses();
        let sandbox = start(Options {
            listen,
            also_listen,
            ..options(global)
        })
        .await?;
        let directory = TempDir::new()?;
        let bundle = namespace.furnish(directory.path(), certificate(&sandbox))?;
        let status = self
            .program(&sandbox, sandbox::through_namespace(&bundle))
            .await;
        sandbox.stop().await;
        self.ended(status?)
    }

    async fn beside(&self, global: &Global) -> anyhow::Result<Exit> {
        let sandbox = start(options(global)).await?;
        let directory = TempDir::new()?;
        let ca = directory.path().join("ca.pem");
        std::fs::write(&ca, certificate(&sandbox))?;
        let variables = sandbox::through_proxy(sandbox.url(), &ca);
        let status = self.program(&sandbox, variables).await;
        sandbox.stop().await;
        self.ended(status?)
    }

    /// Runs the program with what it needs to trust and to sign in.
    async fn program(
        &self,
        sandbox: &Sandbox,
        variables: Vec<(&'static str, String)>,
    ) -> anyhow::Result<ExitStatus> {
        let sample = super::sample::prepare(sandbox)?;
        let field = |name: &str| {
            sample
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_owned()
        };
        let (program, arguments) = self.command.split_first().context("there is no program")?;
        let mut command = Command::new(program);
        for name in PROXIES {
            // One of the person's own leads nowhere in a namespace, and past the sandbox elsewhere.
            command.env_remove(name);
        }
        command
            .args(arguments)
            .envs(variables)
            .env("AZURE_TENANT_ID", field("tenant_id"))
            .env("AZURE_CLIENT_ID", field("client_id"))
            .env("AZURE_CLIENT_SECRET", field("client_secret"))
            .status()
            .await
            .with_context(|| format!("`{}` could not be started", program.display()))
    }

    fn ended(&self, status: ExitStatus) -> anyhow::Result<Exit> {
        if status.success() {
            return Ok(Exit::Success);
        }
        let program = self
            .command
            .first()
            .map(|program| program.display().to_string());
        let message = format!("`{}` ended with {status}", program.unwrap_or_default());
        Err(Failure::new(Exit::Failure, message).into())
    }
}

fn options(global: &Global) -> Options {
    Options {
        data: global.data.clone(),
        tls: true,
        ..Options::default()
    }
}

async fn start(options: Options) -> anyhow::Result<Sandbox> {
    Ok(Sandbox::start(options).await?)
}

fn certificate(sandbox: &Sandbox) -> &str {
    sandbox.ca_certificate().unwrap_or_default()
}

/// What a program beside a sandbox with TLS has to have set, when the sandbox keeps its certificate in `data`.
pub(super) fn proxy_variables(url: &str, data: &Path) -> Value {
    let variables = sandbox::through_proxy(url, &data.join("ca.pem"));
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(value)))
        .collect()
}
