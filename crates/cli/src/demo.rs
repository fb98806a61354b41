//! The newcomer's command: everything that the product is for, done once on a sandbox, as a client would do it.
//!
//! Only starting things and moving clocks happens in process. All else goes over HTTP: to the API with a key, to the pages as
//! a browser would, and to the sandbox's control API as an administrator would to the portal.

mod browser;
mod plan;
mod portal;
mod scene;
mod steps;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use anyhow::Context;
use server::config::Log;

use crate::command::activity::{self, Names};
use crate::demo::plan::Report;
use crate::demo::scene::Scene;
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::log;
use crate::output::{self, Output};

/// What to do when all steps are done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stay {
    /// Leave the pages up until interrupted.
    Serve,
    Leave,
}

/// Goes through all steps in `data`, or in a directory that is gone afterwards.
pub(crate) async fn run(
    listen: SocketAddr,
    data: Option<PathBuf>,
    stay: Stay,
    output: Output,
) -> anyhow::Result<Exit> {
    // What is refused on purpose is not worth a line; what fails inside is.
    log::start(&Log {
        level: "error".to_owned(),
        ..Log::default()
    })?;
    let (data, _removed_at_the_end) = directory(data)?;
    let mut interrupt = Interrupt::watch()?;
    let mut scene = Scene::new(listen, data);
    let outcome = tokio::select! {
        outcome = play(&mut scene, stay, output) => outcome,
        () = interrupt.asked() => Ok(Exit::Failure),
    };
    if matches!(outcome, Ok(Exit::Success)) && stay == Stay::Serve {
        interrupt.asked().await;
    }
    scene.end().await;
    outcome
}

async fn play(scene: &mut Scene, stay: Stay, output: Output) -> anyhow::Result<Exit> {
    let report = plan::carry_out(scene, output).await?;
    show_lines(scene, output).await?;
    if stay == Stay::Serve && report.ok {
        invite(scene, &report, output).await?;
        return Ok(Exit::Success);
    }
    finish(&report, output)?;
    Ok(if report.ok {
        Exit::Success
    } else {
        Exit::Failure
    })
}

/// Leaves the pages to whoever watched.
async fn invite(scene: &Scene, report: &Report, output: Output) -> anyhow::Result<()> {
    let link = scene.fresh_sign_in_link().await?;
    finish(report, output)?;
    output::note(format_args!(
        "\nlook around: this link signs you in, once\n  {link}\nctrl-c ends the demonstration"
    ));
    Ok(())
}

/// The activity log of all of it, oldest line first.
async fn show_lines(scene: &Scene, output: Output) -> anyhow::Result<()> {
    if scene.lines.is_empty() {
        return Ok(());
    }
    let names = Names::known(scene.api()?, Output::new(false)).await?;
    let table = activity::table(scene.lines.iter().rev(), &names);
    if output.is_json() {
        output::note(format_args!("\n{table}\n"));
    } else {
        output::line(format_args!("\n{table}\n"))?;
    }
    Ok(())
}

fn finish(report: &Report, output: Output) -> anyhow::Result<()> {
    if output.is_json() {
        // Scripts take the last line, so it is one line even on a terminal.
        output::line(serde_json::to_string(report)?)?;
    } else {
        output::line(report.summary())?;
    }
    Ok(())
}

/// The directory, and what removes it when it was made for this run only.
fn directory(data: Option<PathBuf>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    if let Some(data) = data {
        refuse_installation(&data)?;
        return Ok((data, None));
    }
    let made = tempfile::Builder::new()
        .prefix("consentry-demo-")
        .tempdir()
        .context("no temporary directory can be made")?;
    Ok((made.path().to_owned(), Some(made)))
}

/// Clocks are moved and people are made up here: nothing for a directory that somebody works with.
fn refuse_installation(data: &Path) -> Result<(), Failure> {
    let is_used = data.join("consentry.db").exists();
    if is_used && !data.join("sandbox").exists() {
        let message = format!("`{}` holds an installation", data.display());
        return Err(Failure::usage(message).hint("give the demonstration a directory of its own"));
    }
    Ok(())
}
