//! The bytes of files: small ones in memory, large ones in files of the data directory, or of one that ends with the sandbox.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use tempfile::TempDir;

use super::quick_xor::QuickXor;
use crate::entra::secrets;

/// Larger contents go to a file, so that saving the state does not write them again and again.
const IN_MEMORY: usize = 64 * 1024;

/// Where large contents are kept.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// The one beside the saved state.
    directory: Option<PathBuf>,
    /// Without a saved state: made with the first large content, none where that is not possible.
    temporary: OnceLock<Option<TempDir>>,
}

/// What a file holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Content {
    #[serde(serialize_with = "to_base64", deserialize_with = "from_base64")]
    Memory(Bytes),
    /// Name in the directory of [`Files`].
    File(String),
}

/// A file's content with what is told about it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct FileData {
    pub(crate) content: Content,
    /// In bytes.
    pub(crate) size: u64,
    /// Base64 of the `quickXorHash`.
    pub(crate) hash: String,
}

impl Content {
    pub(crate) fn file_name(&self) -> Option<&str> {
        match self {
            Self::Memory(_) => None,
            Self::File(name) => Some(name),
        }
    }
}

impl Files {
    /// The directory, made if need be, without the files that are not `used`.
    pub(super) fn open(directory: PathBuf, used: &[&str]) -> Self {
        if let Err(error) = fs::create_dir_all(&directory) {
            tracing::error!(error = %error, "contents of drives stay in memory");
            return Self::default();
        }
        for entry in fs::read_dir(&directory).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if !used.iter().any(|used| name == *used) {
                // What cannot be removed now is tried again at the next start.
                let _ = fs::remove_file(entry.path());
            }
        }
        Self {
            directory: Some(directory),
            temporary: OnceLock::new(),
        }
    }

    /// Whether contents outlive the sandbox.
    pub(super) fn is_saved(&self) -> bool {
        self.directory.is_some()
    }

    fn directory(&self) -> Option<&Path> {
        if let Some(directory) = &self.directory {
            return Some(directory);
        }
        let made = self.temporary.get_or_init(|| {
            let made = tempfile::Builder::new().prefix("sandbox-files-").tempdir();
            if let Err(error) = &made {
                tracing::warn!(error = %error, "large contents of drives stay in memory");
            }
            made.ok()
        });
        made.as_ref().map(TempDir::path)
    }

    /// Where a large content is.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory()?.join(name))
    }

    /// Keeps a whole content.
    pub(crate) fn store(&self, bytes: Bytes) -> io::Result<FileData> {
        let (size, hash) = (bytes.len() as u64, QuickXor::of(&bytes));
        let directory = (bytes.len() > IN_MEMORY).then(|| self.directory());
        let content = match directory.flatten() {
            Some(directory) => {
                let name = secrets::nonce();
                File::create_new(directory.join(&name))?.write_all(&bytes)?;
                Content::File(name)
            }
            None => Content::Memory(bytes),
        };
        Ok(FileData {
            content,
            size,
            hash,
        })
    }

    /// An empty content that grows.
    pub(crate) fn begin(&self) -> Content {
        match self.directory() {
            Some(_) => Content::File(secrets::nonce()),
            None => Content::Memory(Bytes::new()),
        }
    }
}

fn to_base64<S: Serializer>(bytes: &Bytes, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&STANDARD.encode(bytes))
}

fn from_base64<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Bytes, D::Error> {
    let text = String::deserialize(deserializer)?;
    STANDARD
        .decode(text)
        .map(Bytes::from)
        .map_err(de::Error::custom)
}
