//! Making, replacing, moving: what changes the shape of a drive.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::{Change, Conflict, Drive, NameTaken, new_item};
use crate::state::drive::content::FileData;
use crate::state::drive::item::{Kind, Version};
use crate::state::ids::Ids;

impl Drive {
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
            fields: Map::new(),
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
                fields: item.fields.clone(),
            });
        }
    }

    /// Gives an item other column values. A file gets a new version of the same content with it, as in a library that
    /// keeps versions.
    pub(crate) fn set_fields(&mut self, unique: Uuid, fields: Map<String, Value>, change: &Change) {
        self.touch(unique, change);
        let Some(item) = self.items.get_mut(&unique) else {
            return;
        };
        item.fields = fields;
        if let Kind::File(versions) = &mut item.kind
            && let Some(last) = versions.last().cloned()
        {
            versions.push(Version {
                number: last.number + 1,
                at: change.at,
                by: change.author.clone(),
                fields: item.fields.clone(),
                ..last
            });
        }
    }

    /// Ends a checkout and forgets every version that came after it.
    pub(crate) fn forget_after_checkout(&mut self, unique: Uuid) {
        let Some(item) = self.items.get_mut(&unique) else {
            return;
        };
        let Some(checkout) = item.checked_out.take() else {
            return;
        };
        if let Kind::File(versions) = &mut item.kind {
            versions.retain(|version| version.number <= checkout.version);
            if let Some(last) = versions.last() {
                item.fields.clone_from(&last.fields);
            }
            item.content_revision += 1;
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

    pub(super) fn insert(
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
        self.last_number += 1;
        item.number = self.last_number;
        self.numbers.insert(item.number, unique);
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

    pub(super) fn unlink(&mut self, unique: Uuid) {
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
