//! Where snapshots are kept: in the data directory, or in memory where there is none.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::{Memory, Snapshot, is_name};
use crate::entra::keys::write_private;

/// Below the data directory.
const DIRECTORY: &str = "snapshots";
/// Below the data directory, and below each snapshot: contents of files that are too large for the state.
const FILES: &str = "files";
/// What [`Snapshot`] says, and the sign that a snapshot is whole.
const LABEL: &str = "snapshot.json";

/// Every snapshot by its name.
pub(crate) enum Shelf {
    Disk(PathBuf),
    Memory(Mutex<BTreeMap<String, (Snapshot, Memory)>>),
}

impl Shelf {
    /// In this data directory, or in memory.
    pub(crate) fn new(data: Option<&Path>) -> Self {
        data.map_or_else(
            || Self::Memory(Mutex::default()),
            |data| Self::Disk(data.to_owned()),
        )
    }

    /// Keeps it, in place of an earlier one of that name.
    pub(crate) fn put(&self, snapshot: &Snapshot, memory: Memory) -> io::Result<()> {
        match self {
            Self::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.insert(snapshot.name.clone(), (snapshot.clone(), memory));
                Ok(())
            }
            Self::Disk(data) => write(data, snapshot, &memory),
        }
    }

    /// None when there is none of that name. Contents of files are in their place again afterwards.
    pub(crate) fn take_down(&self, name: &str) -> io::Result<Option<Memory>> {
        match self {
            Self::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(kept.get(name).map(|(_, memory)| memory.clone()))
            }
            Self::Disk(data) => {
                let folder = folder(data, name);
                if label(&folder).is_none() {
                    return Ok(None);
                }
                copy_files(&folder.join(FILES), &data.join(FILES))?;
                read(&folder).map(Some)
            }
        }
    }

    /// Whether there was one.
    pub(crate) fn remove(&self, name: &str) -> io::Result<bool> {
        match self {
            Self::Memory(kept) => {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                Ok(kept.remove(name).is_some())
            }
            Self::Disk(data) => {
                let folder = folder(data, name);
                let was_there = label(&folder).is_some();
                if was_there {
                    fs::remove_dir_all(folder)?;
                }
                Ok(was_there)
            }
        }
    }

    /// In the order of their names.
    pub(crate) fn list(&self) -> Vec<Snapshot> {
        match self {
            Self::Memory(kept) => {
                let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.values()
                    .map(|(snapshot, _)| snapshot.clone())
                    .collect()
            }
            Self::Disk(data) => {
                let entries = fs::read_dir(data.join(DIRECTORY))
                    .into_iter()
                    .flatten()
                    .flatten();
                let mut found: Vec<_> = entries.filter_map(|entry| label(&entry.path())).collect();
                found.sort_by(|a, b| a.name.cmp(&b.name));
                found
            }
        }
    }
}

fn folder(data: &Path, name: &str) -> PathBuf {
    data.join(DIRECTORY).join(name)
}

/// A folder without its label is of a snapshot that was never finished.
fn label(folder: &Path) -> Option<Snapshot> {
    let name = folder.file_name()?.to_str().filter(|name| is_name(name))?;
    let label: Snapshot = serde_json::from_slice(&fs::read(folder.join(LABEL)).ok()?).ok()?;
    (label.name == name).then_some(label)
}

fn write(data: &Path, snapshot: &Snapshot, memory: &Memory) -> io::Result<()> {
    let folder = folder(data, &snapshot.name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    for (name, json) in &memory.0 {
        write_private(&folder.join(name).with_extension("json"), json)?;
    }
    copy_files(&data.join(FILES), &folder.join(FILES))?;
    let label = serde_json::to_vec(snapshot).map_err(io::Error::other)?;
    write_private(&folder.join(LABEL), &label)
}

fn read(folder: &Path) -> io::Result<Memory> {
    let mut memory = BTreeMap::new();
    for entry in fs::read_dir(folder)?.flatten() {
        let path = entry.path();
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.filter(|_| path.extension().is_some_and(|end| end == "json")) {
            memory.insert(name.to_owned(), fs::read(&path)?);
        }
    }
    Ok(Memory(memory))
}

/// Those that are there already, at the same length, are the same: names of contents are never used twice.
fn copy_files(from: &Path, to: &Path) -> io::Result<()> {
    let Ok(entries) = fs::read_dir(from) else {
        return Ok(());
    };
    fs::create_dir_all(to)?;
    for entry in entries.flatten() {
        let target = to.join(entry.file_name());
        let length = |path: &Path| fs::metadata(path).map(|known| known.len()).ok();
        if length(&target) != length(&entry.path()) {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
