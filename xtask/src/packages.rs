//! The system's packages, where we may install them.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Installs a package of Debian's, as root on Debian and its kin. The error says what to install where we may not.
pub(crate) fn install(package: &str) -> Result<()> {
    let has_apt = Command::new("apt-get").arg("--version").output().is_ok();
    if !has_apt || !is_root()? {
        bail!("it is not installed, and may not be installed from here; install `{package}`");
    }
    run(Command::new("apt-get").arg("update")).context("the package lists could not be fetched")?;
    run(Command::new("apt-get")
        .args(["install", "-y", "--no-install-recommends", package])
        .env("DEBIAN_FRONTEND", "noninteractive"))
    .with_context(|| format!("`{package}` could not be installed"))
}

/// Whether the files that we make are root's.
fn is_root() -> Result<bool> {
    let probe = tempfile::tempdir()?;
    Ok(fs::metadata(probe.path())?.uid() == 0)
}

/// Runs to the end in silence; the error carries what was said.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} could not be run"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{command:?} failed: {}", said.trim());
    }
    Ok(())
}
