//! The ways to name an item: <https://learn.microsoft.com/graph/onedrive-addressing-driveitems>

use uuid::Uuid;

use super::access::{self, Access};
use super::{Target, change_of, fault, names};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::drive::tree::{Conflict, Drive};

/// Special folders by the name in their address, with the names of the folders that they are.
const SPECIAL: [(&str, &[&str]); 5] = [
    ("documents", &["Documents"]),
    ("photos", &["Pictures"]),
    ("cameraroll", &["Pictures", "Camera Roll"]),
    ("approot", &["Apps", "Graph"]),
    ("music", &["Music"]),
];

/// An item of a drive as a path names it, and what follows.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    start: Start,
    /// Names from there down.
    pub(super) path: Vec<String>,
    /// `["children"]`
    pub(super) below: Vec<String>,
}

#[derive(Debug, PartialEq, Eq)]
enum Start {
    Root,
    Id(String),
    Special(String),
}

impl Address {
    pub(super) fn root() -> Self {
        Self::at(Start::Root)
    }

    pub(super) fn of(id: &str) -> Self {
        Self::at(Start::Id(id.to_owned()))
    }

    fn at(start: Start) -> Self {
        Self {
            start,
            path: Vec::new(),
            below: Vec::new(),
        }
    }

    /// Reads `root:`, `a`, `b.txt:`, `content` and its like.
    pub(super) fn parse(segments: &[&str]) -> Result<Self, Fault> {
        let (first, rest) = segments.split_first().ok_or_else(fault::not_found)?;
        let first = first.to_ascii_lowercase();
        let (start, rest, has_path) = match first.as_str() {
            "root" => (Start::Root, rest, false),
            "root:" => (Start::Root, rest, true),
            collection => {
                let (key, rest) = rest
                    .split_first()
                    .ok_or_else(|| Fault::not_implemented(collection))?;
                let bare = key.strip_suffix(':').unwrap_or(key);
                let start = if collection == "items" {
                    Start::Id(bare.to_owned())
                } else {
                    Start::Special(bare.to_ascii_lowercase())
                };
                (start, rest, bare.len() != key.len())
            }
        };
        let mut address = Self::at(start);
        address.take(rest, has_path);
        Ok(address)
    }

    /// The same item with other segments behind it.
    pub(super) fn with(mut self, segments: &[&str]) -> Self {
        self.take(segments, false);
        self
    }

    fn take(&mut self, segments: &[&str], mut in_path: bool) {
        for segment in segments {
            if !in_path {
                self.below.push((*segment).to_owned());
                continue;
            }
            let name = segment.strip_suffix(':').unwrap_or(segment);
            in_path = name.len() == segment.len();
            if !name.is_empty() {
                self.path.push(name.to_owned());
            }
        }
    }

    /// The item, if it exists.
    pub(super) fn find(&self, drive: &Drive) -> Option<Uuid> {
        drive.descend(self.start(drive)?, &self.path)
    }

    /// The item that the path begins at.
    pub(super) fn start(&self, drive: &Drive) -> Option<Uuid> {
        match &self.start {
            Start::Root => Some(drive.root),
            Start::Id(id) => drive.find(id),
            Start::Special(name) => {
                let (_, path) = SPECIAL.iter().find(|(known, _)| known == name)?;
                let path: Vec<String> = path.iter().map(|&name| name.to_owned()).collect();
                drive.descend(drive.root, &path)
            }
        }
    }
}

/// Makes the special folder that an address begins at, when the caller may; refuses one that does not exist anywhere.
pub(super) fn prepare(call: &Call, target: &Target, address: &Address) -> Result<(), Fault> {
    names::check_path(&address.path)?;
    let Start::Special(name) = &address.start else {
        return Ok(());
    };
    let Some((known, path)) = SPECIAL.iter().find(|(known, _)| known == name) else {
        return Err(fault::invalid_request(
            "The special folder identifier isn't valid",
        ));
    };
    let exists = target.read(call, |drive| Ok(address.start(drive).is_some()))?;
    if exists || access::require_permission(call, target, Access::Write).is_err() {
        return Ok(());
    }
    let change = change_of(call);
    target.change(call, |drive, _, ids| {
        access::require(call, target, drive, drive.root, Access::Write)?;
        let mut at = drive.root;
        for name in *path {
            at = drive
                .add_folder(at, name, Conflict::Replace, &change, ids)
                .map_err(fault::name_taken)?;
        }
        if let Some(folder) = drive.item_mut(at) {
            folder.special = Some((*known).to_owned());
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(segments: &[&str]) -> Option<(Vec<String>, Vec<String>)> {
        let address = Address::parse(segments).ok()?;
        Some((address.path, address.below))
    }

    #[test]
    fn a_path_ends_at_its_colon() {
        let texts = |names: &[&str]| {
            names
                .iter()
                .map(|&name| name.to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(
            parts(&["root:", "a", "b.txt:", "content"]),
            Some((texts(&["a", "b.txt"]), texts(&["content"])))
        );
        assert_eq!(
            parts(&["items", "01X:", "b.txt"]),
            Some((texts(&["b.txt"]), Vec::new()))
        );
        assert_eq!(
            parts(&["root", "children"]),
            Some((Vec::new(), texts(&["children"])))
        );
        assert_eq!(
            parts(&["root:", ":", "children"]),
            Some((Vec::new(), texts(&["children"])))
        );
        assert_eq!(parts(&["items"]), None);
    }
}
