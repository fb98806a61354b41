//! A backup put back, while no server runs on it.

use std::path::{Path, PathBuf};

use store::Store;
use store::archive::{self, Removed, Restored};
use tokio::fs::File;
use tokio::io::BufReader;

use super::{DataDirectory, keyring, open};
use crate::{Config, Dependencies, StartError};

/// Processes whose last sign of life is younger run, in seconds.
const ALIVE: i64 = 30;

/// What to put back.
#[derive(Debug)]
pub struct Restore {
    pub backup: PathBuf,
    /// A newer backup, or list of deletions: what was removed since stays removed.
    pub deletions: Option<PathBuf>,
    /// Whether the installation that is there is given up.
    pub replace: bool,
}

/// How it ended.
#[derive(Debug)]
pub struct Outcome {
    pub restored: Restored,
    /// Why a server would not start on it yet: backups hold no master key.
    pub key: Result<(), StartError>,
}

pub(crate) async fn restore(
    config: &Config,
    dependencies: &Dependencies,
    what: &Restore,
) -> Result<Outcome, StartError> {
    let directory = DataDirectory::open(&config.data.directory)?;
    let store = open(config, directory.path()).await?;
    let restored = put_back(&store, what).await;
    let outcome = match restored {
        Ok(restored) => {
            let key = keyring::unlock(&config.master_key, directory.path(), &store, dependencies);
            let key = key.await.map(drop);
            Ok(Outcome { restored, key })
        }
        Err(error) => Err(error),
    };
    store.close().await;
    outcome
}

async fn put_back(store: &Store, what: &Restore) -> Result<Restored, StartError> {
    let running = store.read().await?.writers_alive(ALIVE).await?;
    // One process at a time holds the data directory; a database that is shared has to be free of others as well.
    if store.backend() == "postgres" && !running.is_empty() {
        return Err(StartError::Running {
            count: running.len(),
        });
    }
    let removed = match &what.deletions {
        Some(path) => archive::removed(lines(path).await?).await?,
        None => Removed::default(),
    };
    let backup = lines(&what.backup).await?;
    Ok(archive::restore(store, backup, removed, what.replace).await?)
}

async fn lines(path: &Path) -> Result<BufReader<File>, StartError> {
    let file = File::open(path).await;
    let file = file.map_err(|source| StartError::Directory {
        action: "read",
        path: path.to_owned(),
        source,
    })?;
    Ok(BufReader::with_capacity(256 * 1024, file))
}
