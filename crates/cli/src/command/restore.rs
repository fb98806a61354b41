use std::path::PathBuf;

use clap::Args;
use serde_json::json;
use server::{Config, Dependencies, Flags, Restore as Wanted, Server};

use super::up::failure;
use crate::arguments::Global;
use crate::exit::Exit;
use crate::output::{self, Output};

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What `consentry backup` wrote.
    file: PathBuf,
    /// A newer backup, or a list of `consentry backup --deletions`: what was removed since stays removed.
    #[arg(long, value_name = "FILE")]
    deletions: Option<PathBuf>,
    /// Give up the installation that is there. Its own list of deletions is carried out once more, and keys that were revoked
    /// stay revoked.
    #[arg(long)]
    replace: bool,
    /// `postgres://…`; SQLite in the data directory when left out.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// The configuration file: `consentry.toml` in the data directory when left out.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl Restore {
    /// Without a server: none may run on the database meanwhile.
    pub(crate) async fn run(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        let flags = Flags {
            config: self.config.clone(),
            data: global.data.clone(),
            database_url: self.database_url.clone().map(Into::into),
            ..Flags::default()
        };
        let config = Config::load(&flags).map_err(|error| failure(&error.into()))?;
        let wanted = Wanted {
            backup: self.file.clone(),
            deletions: self.deletions.clone(),
            replace: self.replace,
        };
        let outcome = Server::restore(&config, &Dependencies::system(), &wanted)
            .await
            .map_err(|error| failure(&error))?;
        let restored = &outcome.restored;
        let document = json!({
            "made_at": restored.made_at,
            "rows": restored.rows,
            "removed_again": restored.removed_again,
            "master_key": outcome.key.is_ok(),
        });
        output.show(&document, || {
            format!(
                "{} rows of {} are back; {} connections, proofs and the like that were removed since were removed again",
                restored.rows, restored.made_at, restored.removed_again
            )
        })?;
        if let Err(error) = &outcome.key {
            let failure = failure(error).after_output();
            return Err(anyhow::Error::new(failure)
                .context("everything is back, and what is sealed in it cannot be opened yet"));
        }
        output::note(
            "`consentry up` serves it; people sign in anew, and keys made since the backup are gone",
        );
        Ok(Exit::Success)
    }
}
