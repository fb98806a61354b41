//! The test runner: nextest where it is installed, `cargo test` where not. Its output is passed on and read along.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, Result, bail};

use super::totals::Totals;
use crate::command::{cargo, has_cargo, line};
use crate::say;

/// How often the server is killed in the course of all tests.
const KILLS: &str = "12";
/// The suites that take their database from `crates/store/tests/support/database.rs`: their promises hold on both.
const ON_BOTH: &str = "binary_id(connections::promises) | binary_id(operations::promises)";

pub(super) struct Runner {
    has_nextest: bool,
    database_url: Option<String>,
}

impl Runner {
    pub(super) fn new(database_url: Option<String>) -> Self {
        Self {
            has_nextest: has_cargo("nextest"),
            database_url,
        }
    }

    pub(super) fn examples(&self, totals: &mut Totals) -> Result<()> {
        self.run(
            &["test", "--workspace", "--locked", "--doc", "--no-fail-fast"],
            totals,
        )
    }

    pub(super) fn tests(&self, totals: &mut Totals) -> Result<()> {
        if self.has_nextest {
            return self.run(
                &[
                    "nextest",
                    "run",
                    "--workspace",
                    "--locked",
                    "--no-fail-fast",
                ],
                totals,
            );
        }
        let all = ["--lib", "--bins", "--tests"];
        self.run(
            &[
                &["test", "--workspace", "--locked", "--no-fail-fast"],
                &all[..],
            ]
            .concat(),
            totals,
        )
    }

    /// Once more, on PostgreSQL, those whose promises hold on both databases.
    pub(super) fn tests_on_postgres(&self, totals: &mut Totals) -> Result<()> {
        let common = ["--workspace", "--locked", "--no-fail-fast"];
        let arguments = if self.has_nextest {
            [&["nextest", "run"], &common[..], &["-E", ON_BOTH]].concat()
        } else {
            // By the name of the file: only those suites have it.
            [&["test"], &common[..], &["--test", "promises"]].concat()
        };
        self.run_on("postgres", &arguments, totals)
    }

    fn run(&self, arguments: &[&str], totals: &mut Totals) -> Result<()> {
        self.run_on("sqlite", arguments, totals)
    }

    /// A failed test is counted; an error is that nothing was run.
    fn run_on(&self, store: &str, arguments: &[&str], totals: &mut Totals) -> Result<()> {
        let mut command = cargo(arguments);
        command
            .env("CARGO_TERM_COLOR", "never")
            .env("TEST_KILLS", KILLS)
            .env("TEST_STORE", store);
        match &self.database_url {
            Some(url) => command.env("TEST_DATABASE_URL", url),
            None => command.env_remove("TEST_DATABASE_URL"),
        };
        let before = totals.runs();
        let success = watch(&mut command, totals)?;
        if !success {
            totals.a_run_failed();
            if totals.runs() == before {
                bail!("`{}` failed before any test ran", line(&command));
            }
        }
        Ok(())
    }
}

/// Passes both outputs on, and counts their closing lines.
fn watch(command: &mut Command, totals: &mut Totals) -> Result<bool> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{}` could not be run", line(command)))?;
    let out = child.stdout.take().context("a pipe was asked for")?;
    let err = child.stderr.take().context("a pipe was asked for")?;
    let aside = thread::spawn(move || {
        let mut totals = Totals::default();
        let outcome = pass_on(err, &mut totals, |line| {
            say::note(line);
            Ok(())
        });
        outcome.map(|()| totals)
    });
    pass_on(out, totals, say::line)?;
    let seen_aside = aside
        .join()
        .map_err(|_| anyhow::anyhow!("the thread that reads errors panicked"))??;
    totals.add(&seen_aside);
    Ok(child.wait()?.success())
}

fn pass_on(
    from: impl Read,
    totals: &mut Totals,
    to: impl Fn(String) -> std::io::Result<()>,
) -> Result<()> {
    let mut lines = BufReader::new(from);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\n', '\r']);
        totals.read(text);
        to(text.to_owned())?;
        line.clear();
    }
    Ok(())
}
