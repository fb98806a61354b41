//! Every test, with the servers that they need.

mod runner;
mod totals;

use std::process::Command;

use anyhow::{Result, bail};
use clap::Args;
use clap::builder::FalseyValueParser;

use crate::{LeftOut, check, command, packages, postgres, say};
use runner::Runner;
use totals::Totals;

/// How often the server is killed when nobody says how often.
const KILLS_BY_HAND: u32 = 200;

#[derive(Debug, Args)]
pub struct Options {
    /// Leave out what needs another server, and the examples in the documentation.
    #[arg(long)]
    quick: bool,
    /// Leaving anything out is a failure.
    #[arg(long, env = "CI", value_parser = FalseyValueParser::new())]
    ci: bool,
}

#[derive(Debug, Args)]
pub struct Kills {
    /// How often.
    #[arg(long, default_value_t = KILLS_BY_HAND)]
    times: u32,
}

/// Checks, then tests. The last line is `N passed, N failed`, over all runs.
pub fn run(options: &Options) -> Result<()> {
    let mut left_out = LeftOut::default();
    check::run(&mut left_out)?;
    let server = database(options, &mut left_out);
    rclone(options, &mut left_out);
    chromium();
    let database_url = server.as_ref().map(postgres::Server::url);
    let runner = Runner::new(database_url);

    let mut totals = Totals::default();
    if options.quick {
        left_out.add("the examples in the documentation, as `--quick` asks");
    } else {
        // First, so that the closing lines of the greater run come last.
        say::step("examples in the documentation");
        runner.examples(&mut totals)?;
    }
    if server.is_some() {
        say::step("promises on PostgreSQL");
        runner.tests_on_postgres(&mut totals)?;
    }
    say::step("tests");
    runner.tests(&mut totals)?;
    drop(server);

    left_out.tell();
    say::line(&totals)?;
    left_out.refuse_in_ci(options.ci)?;
    if !totals.are_good() {
        bail!("tests failed");
    }
    Ok(())
}

/// Kills the server so often, and says what was found.
pub fn kill(kills: &Kills) -> Result<()> {
    command::run(
        command::cargo(&[
            "test",
            "--package",
            "cli",
            "--test",
            "system",
            "kill",
            "--",
            "--nocapture",
        ])
        .env("TEST_KILLS", kills.times.to_string()),
    )
}

/// PostgreSQL, where it is to be had.
fn database(options: &Options, left_out: &mut LeftOut) -> Option<postgres::Server> {
    if options.quick {
        left_out.add("everything on PostgreSQL, as `--quick` asks");
        return None;
    }
    say::step("PostgreSQL");
    match postgres::start() {
        Ok(server) => Some(server),
        Err(error) => {
            left_out.add(format!("everything on PostgreSQL: {error:#}"));
            None
        }
    }
}

/// The browser that the pages are tried in. Where it is not to be had, those tests fail: they cannot be left out.
fn chromium() {
    let is_there = Command::new("chromium").arg("--version").output().is_ok();
    if is_there {
        return;
    }
    say::step("Chromium");
    if let Err(error) = packages::install("chromium") {
        say::note(format_args!(
            "the pages cannot be tried in a browser: {error:#}"
        ));
    }
}

/// A client of OneDrive that is not ours, where it is to be had. The Python ones bring themselves.
fn rclone(options: &Options, left_out: &mut LeftOut) {
    let is_there = Command::new("rclone").arg("version").output().is_ok();
    if is_there || options.quick {
        return;
    }
    if let Err(error) = packages::install("rclone") {
        left_out.add(format!("rclone against the sandbox: {error:#}"));
    }
}
