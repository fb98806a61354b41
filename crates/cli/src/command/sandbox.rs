mod exec;
mod sample;

use std::net::SocketAddr;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::{self, Output};

const ADDRESS: &str = "127.0.0.1:8366";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sandbox {
    #[command(flatten)]
    place: Place,
    /// Hold much more: a mailbox of 10,000 messages, a library of 100,000 items. For a new sandbox only.
    #[arg(long)]
    scale: bool,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Debug, Args)]
struct Place {
    /// Address and port of the sandbox; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = ADDRESS)]
    listen: SocketAddr,
    /// Speak TLS too, under Microsoft's names, and be a proxy to them: takes `--data`, where the certificate is kept.
    #[arg(long)]
    tls: bool,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Print what to set so that a server knows the sandbox as a cloud: `eval "$(consentry sandbox env)"`.
    Env(Place),
    /// Run a program with a sandbox of its own, which it finds under Microsoft's names.
    Exec(exec::Exec),
}

impl Sandbox {
    pub(crate) async fn run(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        match &self.what {
            None => self.serve(global, output).await,
            Some(What::Env(place)) => place.print_environment(global, output),
            Some(What::Exec(exec)) => exec.run(global).await,
        }
    }

    async fn serve(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        let mut interrupt = Interrupt::watch()?;
        self.place.check(global)?;
        let sandbox = sandbox::Sandbox::start(sandbox::Options {
            listen: self.place.listen,
            tls: self.place.tls,
            data: global.data.clone(),
            scale: if self.scale {
                sandbox::Scale::Large
            } else {
                sandbox::Scale::Small
            },
            ..sandbox::Options::default()
        })
        .await?;
        let sample = sample::prepare(&sandbox)?;
        if output.is_json() {
            output::line(&sample)?;
        } else {
            output::line(sample::text(&sample))?;
        }
        interrupt.asked().await;
        output::note("stopping");
        sandbox.stop().await;
        Ok(Exit::Success)
    }
}

impl Place {
    /// TLS without a place for the certificate is of no use to anybody.
    fn check(&self, global: &Global) -> Result<(), Failure> {
        if self.tls && global.data.is_none() {
            return Err(
                Failure::usage("`--tls` keeps its certificate in a data directory")
                    .hint("add `--data DIR`; clients then trust `DIR/ca.pem`"),
            );
        }
        Ok(())
    }

    fn print_environment(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        self.check(global)?;
        if self.listen.port() == 0 {
            return Err(Failure::usage("port 0 does not say where the sandbox is")
                .hint("give the address that `consentry sandbox` printed with `--listen`")
                .into());
        }
        let url = format!("http://{}", self.listen);
        let variables = match &global.data {
            Some(data) if self.tls => exec::proxy_variables(&url, data),
            _ => environment(&url),
        };
        output.show(&variables, || exports(&variables))?;
        Ok(Exit::Success)
    }
}

/// What makes a server know the sandbox at `url` as the cloud `sandbox`.
fn environment(url: &str) -> Value {
    json!({ "CONSENTRY_CLOUDS__CUSTOM": format!(r#"[{{id="sandbox",sandbox_url="{url}"}}]"#) })
}

fn exports(variables: &Value) -> String {
    let lines: Vec<_> = variables
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| format!("export {name}='{}'", value.as_str().unwrap_or_default()))
        .collect();
    lines.join("\n")
}
