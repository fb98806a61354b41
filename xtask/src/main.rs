//! The command line of `xtask`.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xtask::{LeftOut, bench, check, codegen, dev, test};

#[derive(Parser)]
#[command(about = "What is done to the project: checks, tests, figures")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Format, clippy, documentation, rules on crates and dependencies.
    Check,
    /// `check` and every test, with the servers that they need.
    Test(test::Options),
    /// The demonstration, left running with a link to sign in.
    Dev,
    /// Writes what is made from the catalogue: the reference pages.
    Codegen,
    /// Kills the server at random moments and counts what was lost.
    Kill(test::Kills),
    /// What the release build reaches, against the aims.
    Bench(bench::Options),
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is there to be told when that fails.
            let _ = writeln!(io::stderr(), "error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn carry_out(task: Task) -> Result<()> {
    match task {
        Task::Check => check_alone(),
        Task::Test(options) => test::run(&options),
        Task::Dev => dev::run(),
        Task::Codegen => codegen::run(),
        Task::Kill(kills) => test::kill(&kills),
        Task::Bench(options) => bench::run(&options),
    }
}

fn check_alone() -> Result<()> {
    let mut left_out = LeftOut::default();
    check::run(&mut left_out)?;
    check::rules()?;
    left_out.tell();
    Ok(())
}
