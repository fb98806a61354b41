use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::ConfigError;

/// Why it did not start. Nothing was changed that a second try would trip over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    #[error("the configuration cannot be used")]
    Config(#[from] ConfigError),
    #[error("data directory `{}` in use by another process", path.display())]
    InUse { path: PathBuf },
    #[error("cannot {action} `{}`", path.display())]
    Directory {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
    #[error("cannot listen on `{address}`")]
    Listen {
        address: SocketAddr,
        source: io::Error,
    },
    #[error("{}", what_failed(.0))]
    Store(#[from] store::Error),
    /// None was found, and none may be made: there may be something that only the right one opens.
    #[error("there is no master key: {why}")]
    NoMasterKey { why: &'static str },
    #[error("the master key cannot be used")]
    MasterKey(#[from] vault::Error),
    #[error("the master key command `{command}` {outcome}")]
    MasterKeyCommand { command: String, outcome: String },
    #[error("{count} processes of this installation run")]
    Running { count: usize },
    #[error("requests to Microsoft cannot be sent")]
    Outbound(#[from] microsoft::Error),
}

/// A backup that is no good says nothing against the database.
fn what_failed(error: &store::Error) -> &'static str {
    match error {
        store::Error::Backup(_) => "nothing was put back",
        _ => "the database cannot be used",
    }
}

impl StartError {
    /// Stable, for programs.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Config(_) => "config_invalid",
            Self::InUse { .. } => "data_in_use",
            Self::Directory { .. } => "data_directory",
            Self::Listen { .. } => "listen",
            Self::Store(store::Error::Backup(_)) => "backup_unusable",
            Self::Store(_) => "database",
            Self::NoMasterKey { .. } => "master_key_missing",
            Self::MasterKey(_) => "master_key_wrong",
            Self::MasterKeyCommand { .. } => "master_key_command",
            Self::Running { .. } => "installation_running",
            Self::Outbound(_) => "outbound",
        }
    }

    /// The next step, for a person.
    pub fn next_step(&self) -> &'static str {
        match self {
            Self::Config(_) => "correct the key where it was set, and start again",
            Self::InUse { .. } => "stop the other process, or give this one its own with `--data`",
            Self::Directory { action: "read", .. } => "name a file that is there and may be read",
            Self::Directory { .. } => {
                "make it belong to the user that runs Consentry, with mode 0700"
            }
            Self::Listen { .. } => {
                "give another address with `--listen`, or stop what uses this one"
            }
            Self::Store(store::Error::Backup(_)) => {
                "give a whole backup of this version or an older one; over an installation that is there, `--replace` gives that one up"
            }
            Self::Store(_) => "check that the database answers and belongs to this version",
            Self::NoMasterKey { .. } => {
                "give it with `CONSENTRY_MASTER_KEY`, `master_key.file` or `master_key.command`, or put `master.key` back into the data directory; \
                 for a new installation `openssl rand -base64 32` makes one"
            }
            Self::MasterKey(error) => error.hint(),
            Self::MasterKeyCommand { .. } => "run the command by hand and see what it prints",
            Self::Running { .. } => "stop every server on this database, and wait half a minute",
            Self::Outbound(error) => error.hint(),
        }
    }
}
