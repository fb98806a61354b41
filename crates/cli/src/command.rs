//! The commands, a file each.

pub(crate) mod activity;
pub(crate) mod apps;
pub(crate) mod backup;
pub(crate) mod completions;
pub(crate) mod connect;
pub(crate) mod connections;
pub(crate) mod demo;
pub(crate) mod doctor;
pub(crate) mod events;
pub(crate) mod keys;
pub(crate) mod master_key;
pub(crate) mod members;
pub(crate) mod operations;
pub(crate) mod restore;
pub(crate) mod run;
pub(crate) mod sandbox;
pub(crate) mod sign_in_link;
pub(crate) mod up;
mod wait;
pub(crate) mod webhooks;

use anyhow::Context;
use tokio::runtime::Builder;

use crate::arguments::{Arguments, Command};
use crate::client::Client;
use crate::exit::Exit;
use crate::output::Output;

/// Carries out what was asked for.
pub(crate) fn run(arguments: Arguments, output: Output) -> anyhow::Result<Exit> {
    let Arguments { global, command } = arguments;
    let client = || Client::open(&global);
    match command {
        Command::Up(up) => serving(up.run(&global, output)),
        Command::Demo(demo) => serving(demo.run(&global, output)),
        Command::Sandbox(sandbox) => serving(sandbox.run(&global, output)),
        Command::Connect(connect) => {
            connect.check()?;
            asking(connect.run(&client()?, output))
        }
        Command::Apps(apps) => asking(apps.run(&client()?, output)),
        Command::Connections(connections) => asking(connections.run(&client()?, output)),
        Command::Operations(operations) => operations.run(output),
        Command::Run(run) => asking(run.run(&client()?, output)),
        Command::Activity(activity) => asking(activity.run(&client()?, output)),
        Command::Events(events) => asking(events.run(&client()?, output)),
        Command::Webhooks(webhooks) => asking(webhooks.run(&client()?, output)),
        Command::Members(members) => asking(members.run(&client()?, output)),
        Command::Keys(keys) => asking(keys.run(&client()?, output)),
        Command::MasterKey(keys) => asking(keys.run(&client()?, output)),
        Command::SignInLink(link) => asking(link.run(&client()?, output)),
        Command::Backup(backup) => asking(backup.run(&client()?, output)),
        Command::Restore(restore) => asking(restore.run(&global, output)),
        Command::Doctor(doctor) => asking(doctor.run(&global, output)),
        Command::Completions(completions) => completions.run(output),
    }
}

/// For a command that serves others: a thread for each core.
fn serving(command: impl Future<Output = anyhow::Result<Exit>>) -> anyhow::Result<Exit> {
    let runtime = Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("no threads can be started")?;
    runtime.block_on(command)
}

/// For a command that asks a server and ends: no threads, since starting them is most of what it would do.
fn asking(command: impl Future<Output = anyhow::Result<Exit>>) -> anyhow::Result<Exit> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .context("the runtime cannot be started")?;
    runtime.block_on(command)
}
