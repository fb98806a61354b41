//! The state as a file of the data directory.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::State;
use crate::Error;
use crate::entra::keys::write_private;
use crate::shared::Shared;

const FILE: &str = "state.json";
/// Shortest time between two saves, so that a busy sandbox does not spend itself on writing.
const BETWEEN_SAVES: Duration = Duration::from_secs(1);

/// Where a sandbox keeps its state.
pub(crate) struct Saved {
    directory: PathBuf,
}

impl Saved {
    /// The directory, made if need be.
    pub(crate) fn open(directory: PathBuf) -> Result<Self, Error> {
        match fs::create_dir_all(&directory) {
            Ok(()) => Ok(Self { directory }),
            Err(source) => Err(Error::Data {
                path: directory,
                source,
            }),
        }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// What an earlier run left, or none.
    pub(crate) fn load(&self) -> Result<Option<State>, Error> {
        let path = self.directory.join(FILE);
        match fs::read(&path) {
            Ok(json) => match serde_json::from_slice(&json) {
                Ok(state) => Ok(Some(state)),
                Err(_) => Err(Error::Damaged { path }),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(Error::Data { path, source }),
        }
    }

    /// Saves shortly after changes, and once more when cancelled.
    pub(crate) async fn keep(self, shared: Shared, stop: CancellationToken) {
        self.save(&shared).await;
        loop {
            tokio::select! {
                () = shared.changed() => {}
                () = stop.cancelled() => break,
            }
            self.save(&shared).await;
            tokio::select! {
                () = tokio::time::sleep(BETWEEN_SAVES) => {}
                () = stop.cancelled() => break,
            }
        }
        self.save(&shared).await;
    }

    async fn save(&self, shared: &Shared) {
        let path = self.directory.join(FILE);
        let json = shared.to_json();
        let written = tokio::task::spawn_blocking(move || {
            let json = json.map_err(io::Error::other)?;
            write_private(&path, &json)
        })
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = written {
            tracing::error!(error = %error, "the sandbox could not save its state");
        }
    }
}
