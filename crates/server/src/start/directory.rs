use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use crate::StartError;

/// The data directory, locked: database, socket and master key belong to one process at a time.
pub(crate) struct DataDirectory {
    path: PathBuf,
    /// The lock ends with it, however the process ends.
    _lock: File,
}

impl DataDirectory {
    /// Makes it if needed, for its owner alone. [`StartError::InUse`] while another process has it.
    pub(crate) fn open(path: &Path) -> Result<Self, StartError> {
        make_private(path).map_err(|source| failed("make the data directory", path, source))?;
        let file = path.join("consentry.lock");
        let lock = lock_file(&file).map_err(|source| failed("open the lock", &file, source))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(StartError::InUse {
                path: path.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(failed("lock", &file, source)),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// A directory that others could read before is closed to them now.
fn make_private(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

fn lock_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> StartError {
    StartError::Directory {
        action,
        path: path.to_owned(),
        source,
    }
}
