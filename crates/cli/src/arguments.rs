//! What can be said on the command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use url::Url;

use crate::command::{
    activity::Activity, apps::Apps, backup::Backup, completions::Completions, connect::Connect,
    connections::Connections, demo::Demo, doctor::Doctor, events::Events, keys::Keys,
    master_key::MasterKey, members::Members, operations::Operations, restore::Restore, run::Run,
    sandbox::Sandbox, sign_in_link::SignInLink, up::Up, webhooks::Webhooks,
};
use crate::output::Output;

const EXIT_CODES: &str = "\
Exit codes:
  0  it worked
  1  it failed
  2  the command line or the input is wrong
  3  what was named does not exist
  4  it was refused: role, key, policy or permission
  5  somebody has to act first; the diagnosis says who and how
  6  the server, or Microsoft, cannot be reached
  7  it is uncertain whether it happened

Environment:
  CONSENTRY_URL      the server to talk to; without it, the one of the data directory
  CONSENTRY_API_KEY  the key to talk to it with
  CONSENTRY_DATA     the data directory";

/// Options of every command are listed apart from its own.
const HEADING: &str = "Everywhere";

/// Connects an organisation to Microsoft 365 and Dynamics 365, and lets programs use that safely.
#[derive(Debug, Parser)]
#[command(name = "consentry", version, after_help = EXIT_CODES, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Print one JSON document on stdout instead of tables and text.
    #[arg(long, global = true, help_heading = HEADING)]
    pub(crate) json: bool,
    /// Where a server keeps its data, and where its socket is found.
    #[arg(
        long,
        global = true,
        help_heading = HEADING,
        value_name = "DIR"
    )]
    pub(crate) data: Option<PathBuf>,
    /// The server to talk to, instead of the one of the data directory.
    #[arg(
        long,
        global = true,
        help_heading = HEADING,
        value_name = "URL",
        env = "CONSENTRY_URL",
        hide_env = true
    )]
    pub(crate) url: Option<Url>,
}

impl Global {
    pub(crate) fn output(&self) -> Output {
        Output::new(self.json)
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve: API, pages and jobs, until interrupted.
    Up(Up),
    /// See it all work, with a sandbox in place of Microsoft.
    Demo(Demo),
    /// Run a local Microsoft cloud with a sample organisation.
    Sandbox(Sandbox),
    /// Connect a service, as a user or as an application.
    Connect(Box<Connect>),
    /// App registrations, and how they prove themselves.
    #[command(subcommand)]
    Apps(Apps),
    /// Look at connections and take care of them.
    #[command(subcommand)]
    Connections(Connections),
    /// Find out what can be done; needs no server.
    #[command(subcommand)]
    Operations(Operations),
    /// Run an operation through a connection.
    Run(Run),
    /// Read the activity log.
    Activity(Activity),
    /// Read what happened to connections, oldest first.
    Events(Events),
    /// Addresses that events are sent to.
    #[command(subcommand)]
    Webhooks(Webhooks),
    /// Who may sign in.
    #[command(subcommand)]
    Members(Members),
    /// Keys that programs talk to the server with.
    #[command(subcommand)]
    Keys(Keys),
    /// The key that everything sealed hangs on.
    #[command(subcommand)]
    MasterKey(MasterKey),
    /// Make a link that signs a member in, once.
    SignInLink(SignInLink),
    /// Write the whole installation to a file while it runs, without the master key.
    Backup(Backup),
    /// Put a backup back, while no server runs.
    Restore(Restore),
    /// Check an installation, or one connection.
    Doctor(Doctor),
    /// Print a completion script for a shell.
    Completions(Completions),
}
