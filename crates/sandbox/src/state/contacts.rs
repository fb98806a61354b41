//! Personal contacts of a mailbox and the folders that they are in.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::mail::Mailbox;
use super::mail::gone::GoneItem;
use super::mail::item_id::ItemId;

/// Number of the folder that everybody has, beside the numbers of the standard mail folders.
pub(crate) const DEFAULT: u32 = 21;

/// What a mailbox keeps of contacts.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Contacts {
    /// By number; the default one is known without being here.
    folders: BTreeMap<u32, ContactFolder>,
    contacts: BTreeMap<u64, Contact>,
}

/// A folder of contacts.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ContactFolder {
    pub(crate) parent: u32,
    pub(crate) display_name: String,
}

/// One person or company.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contact {
    pub(crate) key: u64,
    pub(crate) folder: u32,
    /// Counts changes in the mailbox; the inside of `changeKey`.
    pub(crate) change: u64,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// What was written, by the names of Graph, checked when it came.
    pub(crate) properties: Map<String, Value>,
}

/// Every creation, change and removal of a contact passes through these functions.
impl Mailbox {
    pub(crate) fn contact_folder(&self, number: u32) -> Option<ContactFolder> {
        let found = self.contacts.folders.get(&number).cloned();
        found.or_else(|| {
            (number == DEFAULT).then(|| ContactFolder {
                parent: DEFAULT,
                display_name: "Contacts".to_owned(),
            })
        })
    }

    /// Folders directly in another.
    pub(crate) fn contact_folders_in(
        &self,
        parent: u32,
    ) -> impl Iterator<Item = (u32, &ContactFolder)> {
        let inside = self
            .contacts
            .folders
            .iter()
            .filter(move |(_, folder)| folder.parent == parent);
        inside.map(|(number, folder)| (*number, folder))
    }

    /// Makes a folder, or renames one; `None` when its parent has one of that name.
    pub(crate) fn keep_contact_folder(
        &mut self,
        number: Option<u32>,
        folder: ContactFolder,
    ) -> Option<u32> {
        let mut others = self.contact_folders_in(folder.parent);
        let is_taken = others.any(|(other, known)| {
            Some(other) != number
                && known
                    .display_name
                    .eq_ignore_ascii_case(&folder.display_name)
        });
        drop(others);
        if is_taken {
            return None;
        }
        let number = match number {
            Some(number) => number,
            None => u32::try_from(self.next()).ok()?,
        };
        self.contacts.folders.insert(number, folder);
        Some(number)
    }

    /// Removes a folder with what is in and below it.
    pub(crate) fn remove_contact_folder(&mut self, number: u32) {
        let children: Vec<u32> = self
            .contact_folders_in(number)
            .map(|(child, _)| child)
            .collect();
        for child in children {
            self.remove_contact_folder(child);
        }
        let doomed: Vec<u64> = self
            .contacts()
            .filter(|it| it.folder == number)
            .map(|it| it.key)
            .collect();
        for key in doomed {
            self.remove_contact(key);
        }
        self.contacts.folders.remove(&number);
    }

    /// All contacts in the order in which they came.
    pub(crate) fn contacts(&self) -> impl Iterator<Item = &Contact> {
        self.contacts.contacts.values()
    }

    pub(crate) fn contact(&self, key: u64) -> Option<&Contact> {
        self.contacts.contacts.get(&key)
    }

    /// The contact that an id names.
    pub(crate) fn find_contact(&self, id: ItemId) -> Option<&Contact> {
        match id {
            ItemId::Placed { folder, item } => self
                .contact(item)
                .filter(|contact| contact.folder == folder),
            ItemId::Immutable { key } => self.contact(key),
            ItemId::Folder { .. } | ItemId::Occurrence { .. } => None,
        }
    }

    /// Stores a contact and answers its key.
    pub(crate) fn add_contact(
        &mut self,
        folder: u32,
        properties: Map<String, Value>,
        now: Timestamp,
    ) -> u64 {
        let key = self.next();
        let contact = Contact {
            key,
            folder,
            change: key,
            created: now,
            modified: now,
            properties,
        };
        self.contacts.contacts.insert(key, contact);
        key
    }

    /// Replaces what was written of a contact.
    pub(crate) fn change_contact(
        &mut self,
        key: u64,
        properties: Map<String, Value>,
        now: Timestamp,
    ) {
        let change = self.next();
        if let Some(contact) = self.contacts.contacts.get_mut(&key) {
            contact.properties = properties;
            contact.change = change;
            contact.modified = now;
        }
    }

    /// Removes a contact for good.
    pub(crate) fn remove_contact(&mut self, key: u64) {
        if let Some(contact) = self.contacts.contacts.remove(&key) {
            self.leave(GoneItem::Contact {
                folder: contact.folder,
                key,
            });
        }
    }
}
