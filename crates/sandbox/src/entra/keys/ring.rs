//! The signing keys in use: one signs, and those before it still verify.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{FILE, SigningKey};
use crate::Error;

/// All keys of a sandbox, the one that signs first. Never empty.
pub(crate) struct KeyRing {
    keys: Vec<Arc<SigningKey>>,
    directory: Option<PathBuf>,
}

impl KeyRing {
    /// The keys of a data directory, or this process's own.
    pub(crate) fn open(data: Option<&Path>) -> Result<Self, Error> {
        let mut keys = vec![SigningKey::open(data)?];
        if let Some(directory) = data {
            let mut number = 1;
            while let Some(key) = SigningKey::read(&directory.join(earlier_file(number)))? {
                keys.insert(1, Arc::new(key));
                number += 1;
            }
        }
        Ok(Self {
            keys,
            directory: data.map(Path::to_owned),
        })
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> Arc<SigningKey> {
        Arc::clone(&self.keys[0])
    }

    /// Every key that verifies, newest first.
    pub(crate) fn all(&self) -> Vec<Arc<SigningKey>> {
        self.keys.clone()
    }

    /// From now on a new key signs.
    pub(crate) fn roll(&mut self) -> Result<(), Error> {
        let key = SigningKey::generate()?;
        if let Some(directory) = &self.directory {
            let current = directory.join(FILE);
            let kept = directory.join(earlier_file(self.keys.len()));
            // The old key is safe in its new place before the new one takes the old place.
            fs::rename(&current, &kept).map_err(|source| Error::Data { path: kept, source })?;
            key.write(&current)?;
        }
        self.keys.insert(0, Arc::new(key));
        Ok(())
    }
}

/// Where the `number`th key is kept once another signs.
fn earlier_file(number: usize) -> String {
    format!("signing-key-{number}.der")
}
