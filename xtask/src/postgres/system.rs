//! Where the machine keeps PostgreSQL, and as whom it may run.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use crate::packages;

/// Where Debian and its kin put each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";

/// The folder of `initdb` and `postgres`; empty when they are found by name.
#[derive(Debug)]
pub(super) struct Binaries(PathBuf);

/// Whom to be when we are root.
#[derive(Debug)]
pub(super) struct User {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Binaries {
    /// The newest of Debian's versions, or what is on the path.
    pub(super) fn find() -> Option<Self> {
        let mut folders: Vec<_> = fs::read_dir(DEBIAN)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| entry.path().join("bin"))
            .collect();
        folders.sort_by_key(|folder| version(folder));
        folders.reverse();
        folders.push(PathBuf::new());
        folders.into_iter().map(Self).find(Self::are_there)
    }

    pub(super) fn command(&self, program: &str, user: Option<&User>, folder: &Path) -> Command {
        let mut command = Command::new(self.0.join(program));
        // The folder that we are in may be closed to the other user.
        command.current_dir(folder);
        if let Some(user) = user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }

    fn are_there(&self) -> bool {
        ["initdb", "postgres"].iter().all(|program| {
            Command::new(self.0.join(program))
                .arg("--version")
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|status| status.success())
        })
    }
}

/// `15` of `/usr/lib/postgresql/15/bin`.
fn version(folder: &Path) -> u32 {
    let name = folder.parent().and_then(Path::file_name);
    name.and_then(|name| name.to_str()?.parse().ok())
        .unwrap_or(0)
}

impl User {
    /// `None` when we are not root: then we run as ourselves. `ours` is something that we have just made.
    pub(super) fn to_run_as(ours: &Path) -> Result<Option<Self>> {
        if fs::metadata(ours)?.uid() != 0 {
            return Ok(None);
        }
        let passwd = fs::read_to_string("/etc/passwd").context("`/etc/passwd` cannot be read")?;
        let user = ["postgres", "nobody"]
            .iter()
            .find_map(|name| Self::named(name, &passwd));
        user.map(Some)
            .context("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody` to run it as")
    }

    fn named(name: &str, passwd: &str) -> Option<Self> {
        let line = passwd
            .lines()
            .find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Self {
            uid: fields.next()?.parse().ok()?,
            gid: fields.next()?.parse().ok()?,
        })
    }
}

/// Installs the server from the system's packages.
pub(super) fn install() -> Result<Binaries> {
    packages::install("postgresql").context("PostgreSQL")?;
    Binaries::find().context(
        "PostgreSQL was installed, but `initdb` and `postgres` are not where they should be",
    )
}
