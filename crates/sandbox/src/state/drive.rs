//! Drives: a tree of items for each person and each document library, what was shared of it, and the uploads and copies under way.
//!
//! Contents are small and in memory, or large and, with a data directory, in files beside the saved state.

pub(crate) mod content;
pub(crate) mod item;
pub(crate) mod item_id;
pub(crate) mod link_key;
pub(crate) mod quick_xor;
pub(crate) mod tree;
pub(crate) mod upload;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::Ids;
use content::{Content, Files};
use item::Author;
use link_key::LinkKey;
use tree::{Drive, Holder};
use upload::UploadSession;

/// Every drive, and what is under way between them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Drives {
    /// By their holders' keys.
    by_key: BTreeMap<String, Drive>,
    /// By the hash of the secret in their address.
    pub(crate) uploads: BTreeMap<String, UploadSession>,
    /// By the hash of the secret in their monitor's address.
    pub(crate) copies: BTreeMap<String, CopyJob>,
    #[serde(skip)]
    pub(crate) files: Files,
    #[serde(skip)]
    pub(crate) link_key: LinkKey,
}

/// A copy that a client may ask about.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct CopyJob {
    /// The new item's id, or the error code and message that ended the copy.
    pub(crate) outcome: Result<String, (String, String)>,
    /// The first question is answered with a copy still under way, as it mostly is at Microsoft.
    pub(crate) was_asked: bool,
}

impl Drives {
    /// The drive of a holder; a person has none until it was provisioned.
    pub(crate) fn of(&self, key: &str) -> Option<&Drive> {
        self.by_key.get(key)
    }

    /// The drive that clients know by this id.
    pub(crate) fn by_id(&self, drive_id: &str) -> Option<&Drive> {
        self.by_key.values().find(|drive| drive.id == drive_id)
    }

    /// Changes a drive with the store of contents at hand.
    pub(crate) fn of_mut(&mut self, key: &str) -> Option<(&mut Drive, &Files)> {
        Some((self.by_key.get_mut(key)?, &self.files))
    }

    /// Forgets a drive with all that is in it.
    pub(crate) fn remove(&mut self, key: &str) {
        self.by_key.remove(key);
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Drive> {
        self.by_key.values()
    }

    /// The drive of a holder, made if need be in the name of an author.
    pub(crate) fn provision(
        &mut self,
        holder: Holder,
        author: &Author,
        now: Timestamp,
        ids: &mut Ids,
    ) -> &mut Drive {
        self.by_key
            .entry(holder.key())
            .or_insert_with(|| Drive::new(holder, author, now, ids))
    }

    /// Keeps large contents in files from now on, and forgets the files that nothing refers to any more.
    pub(crate) fn keep_files(&mut self, directory: std::path::PathBuf) {
        let mut used: Vec<&str> = Vec::new();
        let items = self.by_key.values().flat_map(Drive::items);
        for version in items.flat_map(|(_, item)| item.versions()) {
            used.extend(version.file.content.file_name());
        }
        let begun = self.uploads.values().map(|upload| &upload.content);
        used.extend(begun.filter_map(Content::file_name));
        self.files = Files::open(directory, &used);
    }

    /// Goes on with the temporary files of another state, which end with whoever has them.
    pub(crate) fn inherit_files(&mut self, other: &mut Self) {
        if !self.files.is_saved() {
            std::mem::swap(&mut self.files, &mut other.files);
        }
    }

    /// Drops uploads that were abandoned.
    pub(crate) fn expire_uploads(&mut self, now: Timestamp) {
        self.uploads.retain(|_, upload| upload.expires_at > now);
    }

    /// The drive and item that a unique id names, whoever owns it.
    pub(crate) fn find(&self, unique: Uuid) -> Option<&Drive> {
        self.all().find(|drive| drive.item(unique).is_some())
    }
}
