//! One drive as a tree: names, places, changes.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::content::FileData;
use super::item::{Author, Item, ItemTimes, Kind, Version};
use super::item_id;
use crate::state::ids::Ids;

/// What a drive for work holds: 1 TiB.
const QUOTA: u64 = 1 << 40;
/// Deletions that delta remembers; who asks for older ones starts afresh.
const TOMBSTONES: usize = 100_000;
/// Crawls whose pages are remembered; who asks for a page of an older one starts afresh.
const CRAWLS: usize = 64;

/// One person's drive.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Drive {
    /// `b!…`
    pub(crate) id: String,
    /// User id.
    pub(crate) owner: String,
    pub(crate) root: Uuid,
    pub(crate) created: Timestamp,
    /// In bytes.
    pub(crate) quota: u64,
    /// What its item ids begin with.
    mark: [u8; 4],
    items: BTreeMap<Uuid, Item>,
    /// Number of the last change.
    pub(crate) changes: u64,
    gone: BTreeMap<u64, Tombstone>,
    /// Changes up to this one cannot be told any more.
    pub(crate) forgotten: u64,
    #[serde(skip)]
    pub(crate) crawls: BTreeMap<u64, Crawl>,
}

/// What remains of a deleted item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Tombstone {
    pub(crate) unique: Uuid,
    pub(crate) parent: Option<Uuid>,
    pub(crate) name: String,
    pub(crate) is_folder: bool,
    pub(crate) at: Timestamp,
}

/// The changes that one round of delta tells, fixed at its first page so that none is lost between pages.
#[derive(Clone, Debug)]
pub(crate) struct Crawl {
    pub(crate) items: Vec<Uuid>,
    /// Number of the last change that it covers.
    pub(crate) until: u64,
}

/// What to do when a name is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Conflict {
    Fail,
    Replace,
    Rename,
}

/// Who changes something, and when.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) author: Author,
    pub(crate) at: Timestamp,
}

/// The name is taken.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NameTaken;

impl Conflict {
    /// `fail`, `replace` or `rename`.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "fail" => Some(Self::Fail),
            "replace" => Some(Self::Replace),
            "rename" => Some(Self::Rename),
            _ => None,
        }
    }
}

impl Drive {
    pub(super) fn new(owner: &Author, now: Timestamp, ids: &mut Ids) -> Self {
        let (first, second) = (ids.bytes(), ids.bytes());
        let id = [&first[..], &second[..16]].concat();
        let root = ids.uuid();
        let change = Change {
            author: owner.clone(),
            at: now,
        };
        let mut item = new_item("root", None, Kind::Folder(BTreeMap::new()), &change);
        item.changed = 1;
        Self {
            id: format!("b!{}", URL_SAFE_NO_PAD.encode(id)),
            owner: owner.id.clone(),
            root,
            created: now,
            quota: QUOTA,
            mark: [second[16], second[17], second[18], second[19]],
            items: BTreeMap::from([(root, item)]),
            changes: 1,
            gone: BTreeMap::new(),
            forgotten: 0,
            crawls: BTreeMap::new(),
        }
    }

    pub(crate) fn item(&self, unique: Uuid) -> Option<&Item> {
        self.items.get(&unique)
    }

    /// An item to be changed; [`Self::touch`] makes the change known.
    pub(crate) fn item_mut(&mut self, unique: Uuid) -> Option<&mut Item> {
        self.items.get_mut(&unique)
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = (Uuid, &Item)> {
        self.items.iter().map(|(unique, item)| (*unique, item))
    }

    /// The id that clients see.
    pub(crate) fn id_of(&self, unique: Uuid) -> String {
        item_id::write(self.mark, unique)
    }

    /// The item that an id names.
    pub(crate) fn find(&self, id: &str) -> Option<Uuid> {
        if id.eq_ignore_ascii_case("root") {
            return Some(self.root);
        }
        item_id::parse(self.mark, id).filter(|unique| self.items.contains_key(unique))
    }

    /// The child of a folder by name, whatever its case.
    pub(crate) fn child(&self, folder: Uuid, name: &str) -> Option<Uuid> {
        let children = self.item(folder)?.children()?;
        children.get(&name.to_lowercase()).copied()
    }

    /// Follows names from a folder.
    pub(crate) fn descend(&self, from: Uuid, path: &[String]) -> Option<Uuid> {
        path.iter().try_fold(from, |at, name| self.child(at, name))
    }

    /// The item and everything above it.
    pub(crate) fn ancestors(&self, unique: Uuid) -> impl Iterator<Item = Uuid> {
        std::iter::successors(Some(unique), |at| self.item(*at)?.parent)
    }

    /// Names from the root down, without the root's own.
    pub(crate) fn path_of(&self, unique: Uuid) -> Vec<&str> {
        let below_root = self.ancestors(unique).filter(|at| *at != self.root);
        let mut names: Vec<&str> = below_root
            .filter_map(|at| Some(self.item(at)?.name.as_str()))
            .collect();
        names.reverse();
        names
    }

    /// The item and everything below it, parents first.
    pub(crate) fn subtree(&self, unique: Uuid) -> Vec<Uuid> {
        let mut found = vec![unique];
        let mut next = 0;
        while let Some(at) = found.get(next).copied() {
            let children = self.item(at).and_then(Item::children);
            found.extend(children.into_iter().flat_map(BTreeMap::values));
            next += 1;
        }
        found
    }

    /// Bytes of a file, or of all files in a folder.
    pub(crate) fn size_of(&self, unique: Uuid) -> u64 {
        let files = self.subtree(unique).into_iter();
        files
            .filter_map(|at| Some(self.item(at)?.file()?.size))
            .sum()
    }

    /// Bytes of all versions of all files.
    pub(crate) fn used(&self) -> u64 {
        let versions = self.items.values().flat_map(Item::versions);
        versions.map(|version| version.file.size).sum()
    }

    pub(crate) fn has_room(&self, size: u64) -> bool {
        self.used().saturating_add(size) <= self.quota
    }

    /// Counts a change of an item, so that tags and delta tell it.
    pub(crate) fn touch(&mut self, unique: Uuid, change: &Change) {
        self.changes += 1;
        if let Some(item) = self.items.get_mut(&unique) {
            item.revision += 1;
            item.changed = self.changes;
            item.modified = change.at;
            item.modified_by = change.author.clone();
        }
    }

    /// Makes a folder; one that is there already is answered by `Replace`.
    pub(crate) fn add_folder(
        &mut self,
        parent: Uuid,
        name: &str,
        conflict: Conflict,
        change: &Change,
        ids: &mut Ids,
    ) -> Result<Uuid, NameTaken> {
        match (self.child(parent, name), conflict) {
            (Some(there), Conflict::Replace) if self.is_folder(there) => Ok(there),
            (Some(_), Conflict::Fail | Conflict::Replace) => Err(NameTaken),
            (Some(_), Conflict::Rename) => {
                let name = self.free_name(parent, name);
                Ok(self.insert(parent, &name, Kind::Folder(BTreeMap::new()), change, ids))
            }
            (None, _) => Ok(self.insert(parent, name, Kind::Folder(BTreeMap::new()), change, ids)),
        }
    }

    /// Puts a file into a folder; tells whether it is a new one.
    pub(crate) fn put_file(
        &mut self,
        parent: Uuid,
        name: &str,
        file: FileData,
        conflict: Conflict,
        change: &Change,
        ids: &mut Ids,
    ) -> Result<(Uuid, bool), NameTaken> {
        let free = match (self.child(parent, name), conflict) {
            (Some(there), Conflict::Replace) if !self.is_folder(there) => {
                self.replace(there, file, change);
                return Ok((there, false));
            }
            (Some(_), Conflict::Fail | Conflict::Replace) => return Err(NameTaken),
            (Some(_), Conflict::Rename) => self.free_name(parent, name),
            (None, _) => name.to_owned(),
        };
        let version = Version {
            number: 1,
            at: change.at,
            by: change.author.clone(),
            file,
        };
        let kind = Kind::File(vec![version]);
        Ok((self.insert(parent, &free, kind, change, ids), true))
    }

    /// Gives a file new content, which becomes its current version.
    pub(crate) fn replace(&mut self, unique: Uuid, file: FileData, change: &Change) {
        self.touch(unique, change);
        let Some(item) = self.items.get_mut(&unique) else {
            return;
        };
        item.content_revision += 1;
        item.times.modified = None;
        if let Kind::File(versions) = &mut item.kind {
            let number = versions.last().map_or(1, |last| last.number + 1);
            versions.push(Version {
                number,
                at: change.at,
                by: change.author.clone(),
                file,
            });
        }
    }

    /// Moves an item below another folder, under a name that is free there unless told otherwise.
    pub(crate) fn relocate(
        &mut self,
        unique: Uuid,
        parent: Uuid,
        name: &str,
        conflict: Conflict,
        change: &Change,
    ) -> Result<(), NameTaken> {
        let name = match (self.child(parent, name), conflict) {
            (Some(there), _) if there == unique => name.to_owned(),
            (Some(_), Conflict::Fail) => return Err(NameTaken),
            (Some(there), Conflict::Replace) => {
                self.remove(there, change.at);
                name.to_owned()
            }
            (Some(_), Conflict::Rename) => self.free_name(parent, name),
            (None, _) => name.to_owned(),
        };
        self.unlink(unique);
        if let Some(item) = self.items.get_mut(&unique) {
            item.name.clone_from(&name);
            item.parent = Some(parent);
        }
        self.link(parent, &name, unique);
        self.touch(unique, change);
        Ok(())
    }

    /// Copies an item with all below it; permissions stay behind.
    pub(crate) fn copy_in(
        &mut self,
        from: &Branch,
        parent: Uuid,
        name: &str,
        change: &Change,
        ids: &mut Ids,
    ) -> Uuid {
        let kind = match &from.item.kind {
            Kind::Folder(_) => Kind::Folder(BTreeMap::new()),
            Kind::File(versions) => Kind::File(
                versions
                    .last()
                    .cloned()
                    .map_or_else(Vec::new, |last| vec![Version { number: 1, ..last }]),
            ),
        };
        let copy = self.insert(parent, name, kind, change, ids);
        if let Some(item) = self.items.get_mut(&copy) {
            item.times = from.item.times;
        }
        for child in &from.children {
            self.copy_in(child, copy, &child.item.name, change, ids);
        }
        copy
    }

    /// An item with all below it, as it is now.
    pub(crate) fn branch(&self, unique: Uuid) -> Option<Branch> {
        let item = self.item(unique)?.clone();
        let children = item.children().into_iter().flat_map(BTreeMap::values);
        let children = children.filter_map(|child| self.branch(*child)).collect();
        Some(Branch { item, children })
    }

    /// Deletes an item with all below it.
    pub(crate) fn remove(&mut self, unique: Uuid, at: Timestamp) {
        self.unlink(unique);
        // What is deepest goes first, as delta promises of folders.
        for gone in self.subtree(unique).into_iter().rev() {
            if let Some(item) = self.items.remove(&gone) {
                self.changes += 1;
                let tombstone = Tombstone {
                    unique: gone,
                    parent: item.parent,
                    is_folder: item.is_folder(),
                    name: item.name,
                    at,
                };
                self.gone.insert(self.changes, tombstone);
            }
        }
        while self.gone.len() > TOMBSTONES {
            if let Some((number, _)) = self.gone.pop_first() {
                self.forgotten = number;
            }
        }
    }

    /// A deleted item, if it is remembered.
    pub(crate) fn tombstone(&self, unique: Uuid) -> Option<&Tombstone> {
        self.gone.values().find(|gone| gone.unique == unique)
    }

    /// Begins a round of delta: everything now, or what changed after a number or an instant.
    pub(crate) fn crawl(&mut self, since: Option<u64>, after: Option<Timestamp>) -> u64 {
        let mut live: Vec<(usize, u64, Uuid)> = Vec::new();
        let is_wanted = |changed: u64, at: Timestamp| {
            since.is_none_or(|since| changed > since) && after.is_none_or(|after| at > after)
        };
        for (unique, item) in self.items() {
            if is_wanted(item.changed, item.modified) {
                live.push((self.ancestors(unique).count(), item.changed, unique));
            }
        }
        // Parents before children, whatever was changed last.
        live.sort_unstable();
        let mut items: Vec<Uuid> = live.into_iter().map(|(_, _, unique)| unique).collect();
        if since.is_some() || after.is_some() {
            let gone = self
                .gone
                .iter()
                .filter(|(number, gone)| is_wanted(**number, gone.at));
            items.extend(gone.map(|(_, gone)| gone.unique));
        }
        let key = self.crawls.last_key_value().map_or(1, |(last, _)| last + 1);
        let until = self.changes;
        self.crawls.insert(key, Crawl { items, until });
        while self.crawls.len() > CRAWLS {
            self.crawls.pop_first();
        }
        key
    }

    /// A name beside those that are taken: `Report 1.docx`.
    pub(crate) fn free_name(&self, folder: Uuid, name: &str) -> String {
        let (stem, extension) = match name.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, format!(".{extension}")),
            _ => (name, String::new()),
        };
        let mut number = 1_u32;
        loop {
            let candidate = format!("{stem} {number}{extension}");
            if self.child(folder, &candidate).is_none() {
                return candidate;
            }
            number += 1;
        }
    }

    fn is_folder(&self, unique: Uuid) -> bool {
        self.item(unique).is_some_and(Item::is_folder)
    }

    fn insert(
        &mut self,
        parent: Uuid,
        name: &str,
        kind: Kind,
        change: &Change,
        ids: &mut Ids,
    ) -> Uuid {
        let unique = ids.uuid();
        self.changes += 1;
        let mut item = new_item(name, Some(parent), kind, change);
        item.changed = self.changes;
        self.items.insert(unique, item);
        self.link(parent, name, unique);
        unique
    }

    fn link(&mut self, parent: Uuid, name: &str, unique: Uuid) {
        if let Some(Kind::Folder(children)) = self.items.get_mut(&parent).map(|item| &mut item.kind)
        {
            children.insert(name.to_lowercase(), unique);
        }
    }

    fn unlink(&mut self, unique: Uuid) {
        let Some(item) = self.items.get(&unique) else {
            return;
        };
        let (parent, name) = (item.parent, item.name.to_lowercase());
        let parent = parent.and_then(|parent| self.items.get_mut(&parent));
        if let Some(Kind::Folder(children)) = parent.map(|item| &mut item.kind) {
            children.remove(&name);
        }
    }
}

/// A copy of an item and of what is below it, free of its drive.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    item: Item,
    children: Vec<Self>,
}

fn new_item(name: &str, parent: Option<Uuid>, kind: Kind, change: &Change) -> Item {
    Item {
        name: name.to_owned(),
        parent,
        kind,
        created: change.at,
        created_by: change.author.clone(),
        modified: change.at,
        modified_by: change.author.clone(),
        times: ItemTimes::default(),
        description: None,
        revision: 1,
        content_revision: 1,
        changed: 0,
        permissions: Vec::new(),
        special: None,
    }
}
