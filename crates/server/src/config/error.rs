use std::io;
use std::path::PathBuf;

/// The configuration cannot be used. Nothing was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    #[error("`{key}` in {origin}: {message}")]
    Invalid {
        /// `listen.public_url`.
        key: String,
        /// The file, `the environment`, or `a flag`.
        origin: String,
        message: String,
    },
    #[error("cannot read `{}`, which `{key}` names", path.display())]
    File {
        key: &'static str,
        path: PathBuf,
        source: io::Error,
    },
}

impl ConfigError {
    pub(crate) fn value(key: &str, message: impl Into<String>) -> Self {
        Self::Invalid {
            key: key.to_owned(),
            origin: "the configuration".to_owned(),
            message: message.into(),
        }
    }
}
