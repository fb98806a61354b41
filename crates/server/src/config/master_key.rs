use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;

use super::ConfigError;
use crate::secret;

/// `[master_key]`: the keyring that everything is sealed under; at most one of these. Without any it is the file
/// `master.key` in the data directory, which the first start of an empty SQLite installation makes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MasterKey {
    /// A file of `id:base64` lines, the current key first.
    pub file: Option<PathBuf>,
    /// The same text itself, from the environment variable `CONSENTRY_MASTER_KEY`.
    #[serde(deserialize_with = "secret::optional")]
    pub value: Option<SecretString>,
    /// A command line whose output is that text, as a key store's client prints it.
    pub command: Option<String>,
}

impl MasterKey {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let given = [
            self.file.is_some(),
            self.value.is_some(),
            self.command.is_some(),
        ];
        if given.into_iter().filter(|is_given| *is_given).count() > 1 {
            return Err(ConfigError::value(
                "master_key",
                "give one of `file`, `value` and `command`",
            ));
        }
        Ok(())
    }
}
