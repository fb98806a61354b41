//! Drives: a tree of items for each person, what was shared of it, and the uploads and copies under way.
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
use tree::Drive;
use upload::UploadSession;

/// Every drive, and what is under way between them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Drives {
    /// By the owner's user id.
    by_owner: BTreeMap<String, Drive>,
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
    /// The drive of a person; none until it was provisioned.
    pub(crate) fn of(&self, user_id: &str) -> Option<&Drive> {
        self.by_owner.get(user_id)
    }

    /// The person whose drive has this id.
    pub(crate) fn owner_of(&self, drive_id: &str) -> Option<&str> {
        let drive = self.by_owner.values().find(|drive| drive.id == drive_id);
        drive.map(|drive| drive.owner.as_str())
    }

    /// Changes a person's drive with the store of contents at hand.
    pub(crate) fn of_mut(&mut self, user_id: &str) -> Option<(&mut Drive, &Files)> {
        Some((self.by_owner.get_mut(user_id)?, &self.files))
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Drive> {
        self.by_owner.values()
    }

    /// A person's drive, made if need be.
    pub(crate) fn provision(
        &mut self,
        owner: &Author,
        now: Timestamp,
        ids: &mut Ids,
    ) -> &mut Drive {
        self.by_owner
            .entry(owner.id.clone())
            .or_insert_with(|| Drive::new(owner, now, ids))
    }

    /// Keeps large contents in files from now on, and forgets the files that nothing refers to any more.
    pub(crate) fn keep_files(&mut self, directory: std::path::PathBuf) {
        let mut used: Vec<&str> = Vec::new();
        let items = self.by_owner.values().flat_map(Drive::items);
        for version in items.flat_map(|(_, item)| item.versions()) {
            used.extend(version.file.content.file_name());
        }
        let begun = self.uploads.values().map(|upload| &upload.content);
        used.extend(begun.filter_map(Content::file_name));
        self.files = Files::open(directory, &used);
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
