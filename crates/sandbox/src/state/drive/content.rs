//! The bytes of files: small ones in memory, large ones in files of the data directory when there is one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::quick_xor::QuickXor;
use crate::entra::secrets;

/// Larger contents go to a file, so that saving the state does not write them again and again.
const IN_MEMORY: usize = 64 * 1024;

/// Where large contents are kept; without a directory, in memory too.
#[derive(Debug, Default)]
pub(crate) struct Files {
    directory: Option<PathBuf>,
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
        }
    }

    /// Where a large content is.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        Some(self.directory.as_ref()?.join(name))
    }

    /// Keeps a whole content.
    pub(crate) fn store(&self, bytes: Bytes) -> io::Result<FileData> {
        let (size, hash) = (bytes.len() as u64, QuickXor::of(&bytes));
        let content = match &self.directory {
            Some(directory) if bytes.len() > IN_MEMORY => {
                let name = secrets::nonce();
                File::create_new(directory.join(&name))?.write_all(&bytes)?;
                Content::File(name)
            }
            _ => Content::Memory(bytes),
        };
        Ok(FileData {
            content,
            size,
            hash,
        })
    }

    /// An empty content that grows.
    pub(crate) fn begin(&self) -> Content {
        match self.directory {
            Some(_) => Content::File(secrets::nonce()),
            None => Content::Memory(Bytes::new()),
        }
    }

    /// Adds a piece at the end of a content that is `at` bytes long.
    pub(crate) fn append(&self, content: &mut Content, at: u64, piece: &Bytes) -> io::Result<()> {
        match content {
            Content::Memory(bytes) => {
                let grown = std::mem::take(bytes);
                // Nobody else holds an upload's bytes, so they grow in place.
                let mut grown = grown
                    .try_into_mut()
                    .unwrap_or_else(|shared| shared[..].into());
                grown.extend_from_slice(piece);
                *bytes = grown.freeze();
                Ok(())
            }
            Content::File(name) => {
                let path = self.path(name).ok_or(io::ErrorKind::NotFound)?;
                let mut file = OpenOptions::new().create(true).append(true).open(path)?;
                // A piece that was cut while it was written must not shift what follows.
                file.set_len(at)?;
                file.write_all(piece)
            }
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
