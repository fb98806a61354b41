//! What an operator may say: a TOML file, then the environment, then flags; read once and checked as a whole.
//!
//! A new installation needs none of it. In the environment each key is `CONSENTRY_` and the section, two underscores and
//! the name, as in `CONSENTRY_LIMITS__MAX_BODY_BYTES`; the common ones have short names, such as
//! `CONSENTRY_LISTEN` and `CONSENTRY_MASTER_KEY`.

mod clouds;
mod data;
mod error;
mod federation;
mod limits;
mod listen;
mod log;
mod master_key;
mod outbound;
mod sources;
#[cfg(test)]
mod tests;
mod webhooks;

use std::path::Path;

use serde::Deserialize;

pub use clouds::{Clouds, CustomCloud};
pub use data::Data;
pub use error::ConfigError;
pub use federation::{Federation, FederationSource};
pub use limits::Limits;
pub use listen::Listen;
pub use log::{Log, LogFormat};
pub use master_key::MasterKey;
pub use outbound::Outbound;
pub use sources::{Flags, default_directory};
pub use webhooks::Webhooks;

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    pub listen: Listen,
    pub data: Data,
    pub master_key: MasterKey,
    pub clouds: Clouds,
    pub federation: Federation,
    pub limits: Limits,
    pub log: Log,
    pub outbound: Outbound,
    pub webhooks: Webhooks,
}

impl Config {
    /// Reads the file, the environment and `flags`, later ones winning.
    ///
    /// [`ConfigError`] names the key and where it was set.
    pub fn load(flags: &Flags) -> Result<Self, ConfigError> {
        let config = sources::read(flags)?;
        config.check()?;
        Ok(config)
    }

    /// Everything by default, in `directory`: for tests and demonstrations.
    pub fn in_directory(directory: &Path) -> Self {
        Self {
            data: Data {
                directory: directory.to_owned(),
                ..Data::default()
            },
            ..Self::default()
        }
    }

    fn check(&self) -> Result<(), ConfigError> {
        self.listen.check()?;
        self.master_key.check()?;
        self.limits.check()
    }
}
