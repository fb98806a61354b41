//! One drive as a tree: names, places, changes.

mod branch;
mod edit;
mod track;

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Map;
use uuid::Uuid;

use super::item::{Author, Item, ItemTimes, Kind};
use super::item_id;
use crate::state::ids::Ids;

pub(crate) use branch::Branch;

/// What a person's drive for work holds: 1 TiB.
const QUOTA: u64 = 1 << 40;
/// What the libraries of a site hold: 25 TiB.
const LIBRARY_QUOTA: u64 = 25 << 40;
/// Deletions that delta remembers; who asks for older ones starts afresh.
const TOMBSTONES: usize = 100_000;
/// Crawls whose pages are remembered; who asks for a page of an older one starts afresh.
const CRAWLS: usize = 64;

/// Whose drive it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Holder {
    /// A person, by user id: their OneDrive.
    User(String),
    /// A document library of a site.
    Library {
        /// The site's own id, that of the web.
        site: Uuid,
        /// The list that the library is.
        list: Uuid,
    },
}

impl Holder {
    /// What the drive is kept under: a drive has one holder, and a holder one drive.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::User(id) => id.clone(),
            Self::Library { list, .. } => list.to_string(),
        }
    }
}

/// The drive of a person, or a document library.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Drive {
    /// `b!…`
    pub(crate) id: String,
    pub(crate) holder: Holder,
    pub(crate) root: Uuid,
    pub(crate) created: Timestamp,
    /// In bytes.
    pub(crate) quota: u64,
    /// What its item ids begin with.
    mark: [u8; 4],
    items: BTreeMap<Uuid, Item>,
    /// Items by the number that they have as items of a list.
    #[serde(default)]
    numbers: BTreeMap<u32, Uuid>,
    /// The number that was given last; none is given twice.
    #[serde(default)]
    last_number: u32,
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
    #[serde(default)]
    pub(crate) number: u32,
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
    pub(super) fn new(holder: Holder, author: &Author, now: Timestamp, ids: &mut Ids) -> Self {
        let (first, second) = (ids.bytes(), ids.bytes());
        let id = [&first[..], &second[..16]].concat();
        let root = ids.uuid();
        let change = Change {
            author: author.clone(),
            at: now,
        };
        let mut item = new_item("root", None, Kind::Folder(BTreeMap::new()), &change);
        item.changed = 1;
        Self {
            id: format!("b!{}", URL_SAFE_NO_PAD.encode(id)),
            quota: match holder {
                Holder::User(_) => QUOTA,
                Holder::Library { .. } => LIBRARY_QUOTA,
            },
            holder,
            root,
            created: now,
            mark: [second[16], second[17], second[18], second[19]],
            items: BTreeMap::from([(root, item)]),
            numbers: BTreeMap::new(),
            last_number: 0,
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

    /// The item with this number in the list that the drive is.
    pub(crate) fn by_number(&self, number: u32) -> Option<Uuid> {
        self.numbers.get(&number).copied()
    }

    /// Every item but the root, by number.
    pub(crate) fn numbered(&self) -> &BTreeMap<u32, Uuid> {
        &self.numbers
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

    fn is_folder(&self, unique: Uuid) -> bool {
        self.item(unique).is_some_and(Item::is_folder)
    }
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
        number: 0,
        fields: Map::new(),
        checked_out: None,
    }
}
