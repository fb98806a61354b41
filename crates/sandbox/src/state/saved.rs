//! The state as a file of the data directory.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::State;
use super::part::Parts;
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

    /// Whether an earlier run left this part.
    pub(crate) fn has(&self, part: &str) -> bool {
        self.file(part).exists()
    }

    /// Gives each part what an earlier run left of it.
    pub(crate) fn load_parts(&self, parts: &Parts) -> Result<(), Error> {
        for mut part in parts.iter() {
            let path = self.file(part.name());
            match fs::read(&path) {
                Ok(json) => part.restore(&json).map_err(|_| Error::Damaged { path })?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Error::Data { path, source }),
            }
        }
        Ok(())
    }

    fn file(&self, part: &str) -> PathBuf {
        self.directory.join(part).with_extension("json")
    }

    /// Saves shortly after changes, and once more when cancelled: after `notified`, so that a change is either still to be told or
    /// among what is to be posted.
    pub(crate) async fn keep(
        self,
        shared: Shared,
        stop: CancellationToken,
        notified: CancellationToken,
    ) {
        let mut written = Written::default();
        self.save(&shared, &mut written).await;
        loop {
            tokio::select! {
                () = shared.changed() => {}
                () = stop.cancelled() => break,
            }
            let began = Instant::now();
            self.save(&shared, &mut written).await;
            // What is large is written less often, so that writing takes no more than a tenth of the time.
            let pause = BETWEEN_SAVES.max(began.elapsed() * 9);
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => break,
            }
        }
        notified.cancelled().await;
        self.save(&shared, &mut written).await;
    }

    /// Writes what has changed since it was written last.
    async fn save(&self, shared: &Shared, written: &mut Written) {
        let mut files = Vec::new();
        let version = shared.version();
        if written.changed(FILE, version) {
            let json = shared.to_json().map_err(io::Error::other);
            files.push((self.directory.join(FILE), json));
        }
        for part in shared.parts().iter() {
            if written.changed(part.name(), part.version()) {
                let json = part.to_json().map_err(io::Error::other);
                files.push((self.file(part.name()), json));
            }
        }
        let write = move || {
            files
                .into_iter()
                .try_for_each(|(path, json)| write_private(&path, &json?))
        };
        let outcome = tokio::task::spawn_blocking(write).await;
        let outcome = outcome.unwrap_or_else(|error| Err(io::Error::other(error)));
        if let Err(error) = outcome {
            // The next change tries again.
            *written = Written::default();
            tracing::error!(error = %error, "the sandbox could not save its state");
        }
    }
}

/// Which version of what was written last.
#[derive(Default)]
struct Written(BTreeMap<&'static str, u64>);

impl Written {
    /// Whether this version is another than the last, which it now is.
    fn changed(&mut self, name: &'static str, version: u64) -> bool {
        self.0.insert(name, version) != Some(version)
    }
}
