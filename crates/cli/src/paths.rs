//! Where things lie on this machine.

use std::path::{Path, PathBuf};

use crate::arguments::Global;
use crate::environment;

/// The data directory that was named, or the one of an installation that nothing was said of.
pub(crate) fn data_directory(global: &Global) -> PathBuf {
    let named = global.data.clone().or_else(environment::data_directory);
    named.unwrap_or_else(server::config::default_directory)
}

/// Where a server listens for whoever owns its data directory.
pub(crate) fn socket(data: &Path) -> PathBuf {
    data.join("consentry.sock")
}
