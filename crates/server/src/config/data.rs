use std::fs;
use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::ConfigError;
use crate::secret;

/// `[data]`: where everything is kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// Database, master key, socket and lock lie here; mode 0700. One process at a time.
    pub directory: PathBuf,
    /// `postgres://…` when one machine is not enough. SQLite in the directory otherwise.
    #[serde(deserialize_with = "secret::optional")]
    pub database_url: Option<SecretString>,
    /// A file that holds the database URL, since that holds a password.
    pub database_url_file: Option<PathBuf>,
}

impl Data {
    /// The database URL, read from its file if it has one.
    pub(crate) fn database_url(&self) -> Result<Option<SecretString>, ConfigError> {
        let Some(path) = &self.database_url_file else {
            return Ok(self.database_url.clone());
        };
        let text = fs::read_to_string(path).map_err(|source| ConfigError::File {
            key: "data.database_url_file",
            path: path.clone(),
            source,
        })?;
        Ok(Some(text.trim().into()))
    }
}
