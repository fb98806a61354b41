use std::io;
use std::path::PathBuf;

/// Sorted by what the caller can do about it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Start with the key that sealed this database: the one given has its id, but is another.
    #[error("master key `{key_id}` is not the key of that name which sealed this database")]
    WrongMasterKey { key_id: String },
    /// Add the named key to the keyring.
    #[error("master key `{key_id}` is not in the keyring")]
    UnknownMasterKey { key_id: String },
    /// The value was changed, moved to another row, or put back from an older generation. Nothing but the original helps.
    #[error("a sealed value was changed, or does not belong where it was found")]
    Tampered,
    /// These bytes were never an envelope of this vault, or are cut short.
    #[error("a sealed value is not an envelope that this version knows")]
    Malformed,
    /// The keyring's text has to be corrected. The line counts from one; its content is never repeated.
    #[error("line {line} of the master keys {reason}")]
    Keyring { line: usize, reason: &'static str },
    #[error("cannot {action} the master key file `{}`", path.display())]
    KeyFile {
        action: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl Error {
    /// Stable, for answers, logs and documentation.
    pub fn code(&self) -> &'static str {
        match self {
            Self::WrongMasterKey { .. } => "vault.wrong_master_key",
            Self::UnknownMasterKey { .. } => "vault.unknown_master_key",
            Self::Tampered => "vault.tampered",
            Self::Malformed => "vault.malformed",
            Self::Keyring { .. } => "vault.keyring",
            Self::KeyFile { .. } => "vault.key_file",
        }
    }

    /// The next step, for a person.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::WrongMasterKey { .. } => {
                "restore the master key that this database was created with; a backup does not hold it"
            }
            Self::UnknownMasterKey { .. } => {
                "add a line `id:key` for it below the current master key, and start again"
            }
            Self::Tampered | Self::Malformed => {
                "restore the row from a backup, or reconnect the connection that it belongs to"
            }
            Self::Keyring { .. } => {
                "write one `id:base64 of 32 bytes` a line, the current key first; `openssl rand -base64 32` makes one"
            }
            Self::KeyFile { .. } => {
                "check that the file and its directory belong to the user that runs Consentry"
            }
        }
    }
}
