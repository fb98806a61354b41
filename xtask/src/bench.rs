//! What the release build reaches, against the aims.
//!
//! Both ends of the pass-through are ours: a load generator that keeps its connections, and an upstream that answers
//! prepared bytes. They take the same time whether the server stands between them or not, so that the ratio of two
//! figures from one run says what the server costs, on any machine.

mod ask;
#[cfg(feature = "product")]
mod broker;
mod client;
#[cfg(feature = "product")]
mod context;
mod curl;
mod figures;
#[cfg(feature = "product")]
mod fleet;
#[cfg(feature = "product")]
mod in_process;
mod installation;
mod load;
mod measure;
#[cfg(feature = "product")]
mod operations;
mod process;
#[cfg(feature = "product")]
mod rotation;
#[cfg(feature = "product")]
mod rows;
mod sandbox;
mod upstream;
#[cfg(feature = "product")]
mod wave;
#[cfg(feature = "product")]
mod workspace;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Args;

use crate::command::{self, cargo, root};
use crate::say;

#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
#[derive(Debug, Args)]
pub struct Options {
    /// One line of JSON instead of a table.
    #[arg(long)]
    json: bool,
    /// How often each figure is taken; the median counts.
    #[arg(long, default_value_t = 5)]
    runs: usize,
    /// The sandbox's own figures instead of the product's.
    #[arg(long)]
    sandbox: bool,
    /// Lists, files and commands: what operations cost, beside curl.
    #[arg(long, conflicts_with = "sandbox")]
    operations: bool,
    /// Many connections whose tokens end in the same minute, on three servers and one PostgreSQL; ten minutes.
    #[arg(long, conflicts_with_all = ["sandbox", "operations"])]
    wave: bool,
    /// What reads and sweeps cost at ten thousand connections and at so many, on PostgreSQL; a million where no number is given.
    #[arg(long, value_name = "CONNECTIONS", num_args = 0..=1, default_missing_value = "1000000",
        conflicts_with_all = ["sandbox", "operations", "wave"])]
    rows: Option<u32>,
    /// Everything that proves and seals, replaced under load: on SQLite, and on two replicas with PostgreSQL.
    #[arg(long, conflicts_with_all = ["sandbox", "operations", "wave", "rows"])]
    rotation: bool,
    /// Connections of the wave.
    #[arg(long, default_value_t = 10_000)]
    connections: usize,
    /// Measure this program, being a release build ourselves.
    #[arg(long, hide = true)]
    program: Option<PathBuf>,
}

/// Builds with `--release`, then measures in such a build: what takes part must not be slow itself.
pub fn run(options: &Options) -> Result<()> {
    if let Some(program) = &options.program {
        if options.sandbox {
            return sandbox::run(program, options.runs.max(1), options.json);
        }
        #[cfg(feature = "product")]
        if options.wave {
            return wave::run(program, options.connections, options.json);
        }
        #[cfg(feature = "product")]
        if options.rotation {
            return rotation::run(program, options.json);
        }
        #[cfg(feature = "product")]
        if let Some(rows) = options.rows {
            return rows::run(rows, options.json);
        }
        #[cfg(feature = "product")]
        if options.operations {
            return operations::run(program, options.runs.max(1), options.json);
        }
        return measure::run(program, options.runs.max(1), options.json);
    }
    say::step("release build");
    command::run(&mut cargo(&[
        "build",
        "--release",
        "--locked",
        "--package",
        "cli",
        "--package",
        "xtask",
        "--features",
        "xtask/product",
    ]))?;
    let built = built()?;
    let mut ourselves = Command::new(built.join("xtask"));
    ourselves.args(["bench", "--runs", &options.runs.to_string(), "--program"]);
    ourselves.arg(built.join("consentry")).current_dir(root());
    if options.sandbox {
        ourselves.arg("--sandbox");
    }
    if options.operations {
        ourselves.arg("--operations");
    }
    if options.wave {
        ourselves.args(["--wave", "--connections", &options.connections.to_string()]);
    }
    if options.rotation {
        ourselves.arg("--rotation");
    }
    if let Some(rows) = options.rows {
        ourselves.args(["--rows", &rows.to_string()]);
    }
    if options.json {
        ourselves.arg("--json");
    }
    command::run(&mut ourselves)
}

/// The folder of release builds, beside the one that this program lies in.
fn built() -> Result<PathBuf> {
    let ours = std::env::current_exe()?;
    let target = ours.parent().and_then(|folder| folder.parent());
    Ok(target
        .context("this program lies in no target folder")?
        .join("release"))
}
