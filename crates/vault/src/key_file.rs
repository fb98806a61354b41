//! The master key of an installation that configured none: a file beside its database, readable by its owner alone.

use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use secrecy::ExposeSecret;
use zeroize::Zeroizing;

use crate::{Error, MasterKeys};

/// The keyring in the file; `None` when there is no such file.
pub fn read_key_file(path: &Path) -> Result<Option<MasterKeys>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => MasterKeys::parse(&Zeroizing::new(text)).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed("read", path, error)),
    }
}

/// Writes a new key file with mode 0600, whole or not at all, and on disk before this returns. Whether a new key may be made is
/// the caller's to decide: over a database with sealed rows it would lock them up for good. A file that exists is an error.
pub fn create_key_file(path: &Path, keys: &MasterKeys) -> Result<(), Error> {
    let draft = path.with_extension("new");
    write_private(&draft, keys)
        // Unlike a rename, a link never replaces a key that another process has just put there.
        .and_then(|()| fs::hard_link(&draft, path))
        .and_then(|()| fs::remove_file(&draft))
        .and_then(|()| sync_directory(path))
        .map_err(|error| failed("create", path, error))
}

fn write_private(path: &Path, keys: &MasterKeys) -> io::Result<()> {
    // A draft that a crash left behind; its key was never used.
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(keys.to_text().expose_secret().as_bytes())?;
    file.sync_all()
}

/// A new name is durable only once its directory is.
fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(directory) if cfg!(unix) && directory != Path::new("") => {
            fs::File::open(directory)?.sync_all()
        }
        _ => Ok(()),
    }
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> Error {
    Error::KeyFile {
        action,
        path: path.to_owned(),
        source,
    }
}
