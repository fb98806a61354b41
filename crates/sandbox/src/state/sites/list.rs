//! Lists and libraries: <https://learn.microsoft.com/graph/api/resources/list>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::column::{Column, Kind};
use super::item::ListItem;
use super::site::Grant;
use crate::state::drive::item::Author;
use crate::state::ids::Ids;

/// A list, or what a document library is as a list.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct List {
    pub(crate) id: Uuid,
    /// In addresses; stays when the list is renamed.
    pub(crate) name: String,
    /// The title.
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) template: Template,
    pub(crate) is_hidden: bool,
    /// SharePoint's own.
    pub(crate) is_system: bool,
    pub(crate) created: Timestamp,
    pub(crate) created_by: Author,
    pub(crate) modified: Timestamp,
    pub(crate) modified_by: Author,
    /// Counts changes of the list itself, for `eTag`.
    pub(crate) revision: u32,
    pub(crate) columns: Vec<Column>,
    pub(crate) content_types: Vec<ContentType>,
    /// By number; a library's are in its drive.
    pub(crate) items: BTreeMap<u32, ListItem>,
    /// The number that was given last; none is given twice.
    pub(crate) last_number: u32,
    /// Number of the last change of any item.
    pub(crate) changes: u64,
    /// Deleted items by the number of the deletion.
    pub(crate) gone: BTreeMap<u64, Gone>,
    /// What was given to applications on this list alone.
    pub(crate) grants: Vec<Grant>,
    /// Files that a large library still has to be given, when it is first looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) awaits: Option<u32>,
}

/// What a list is for, as far as the sandbox makes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Template {
    GenericList,
    DocumentLibrary,
    Tasks,
    Links,
    Announcements,
    Contacts,
    Events,
    Survey,
    /// Who a site knows, by the numbers that `…LookupId` uses.
    UserInformation,
}

/// What kind of thing an item is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ContentType {
    /// `0x0100…`
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) parent_id: String,
}

/// What remains of a deleted item.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Gone {
    pub(crate) number: u32,
    pub(crate) unique: Uuid,
}

/// Templates by the name that `list.template` has for them.
const TEMPLATES: [(&str, Template); 9] = [
    ("genericList", Template::GenericList),
    ("documentLibrary", Template::DocumentLibrary),
    ("tasks", Template::Tasks),
    ("links", Template::Links),
    ("announcements", Template::Announcements),
    ("contacts", Template::Contacts),
    ("events", Template::Events),
    ("survey", Template::Survey),
    ("userInformation", Template::UserInformation),
];

impl Template {
    /// `genericList`
    pub(crate) fn name(self) -> &'static str {
        let mut known = TEMPLATES.iter();
        known
            .find(|(_, template)| *template == self)
            .map_or("genericList", |(name, _)| name)
    }

    /// Of those that a client may ask for.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let mut known = TEMPLATES.iter();
        known
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, template)| *template)
            .filter(|template| *template != Self::UserInformation)
    }
}

impl List {
    pub(crate) fn new(
        id: Uuid,
        name: &str,
        display_name: &str,
        template: Template,
        author: &Author,
        now: Timestamp,
        ids: &mut Ids,
    ) -> Self {
        let mut title = Column::new(ids.uuid(), "Title", Kind::Text);
        title.is_built_in = true;
        title.is_required = template != Template::DocumentLibrary;
        Self {
            id,
            name: name.to_owned(),
            display_name: display_name.to_owned(),
            description: String::new(),
            template,
            is_hidden: false,
            is_system: false,
            created: now,
            created_by: author.clone(),
            modified: now,
            modified_by: author.clone(),
            revision: 1,
            columns: vec![title],
            content_types: content_types(template, ids),
            items: BTreeMap::new(),
            last_number: 0,
            changes: 0,
            gone: BTreeMap::new(),
            grants: Vec::new(),
            awaits: None,
        }
    }

    pub(crate) fn is_library(&self) -> bool {
        self.template == Template::DocumentLibrary
    }

    /// Whether this is its title or its name, in any case.
    pub(crate) fn answers_to(&self, name: &str) -> bool {
        self.display_name.eq_ignore_ascii_case(name) || self.name.eq_ignore_ascii_case(name)
    }

    /// A column by its internal name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns
            .iter()
            .find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Notes a change of the list itself.
    pub(crate) fn changed_by(&mut self, author: &Author, at: Timestamp) {
        self.revision += 1;
        self.modified = at;
        self.modified_by = author.clone();
    }

    /// Adds an item and answers its number.
    pub(crate) fn add(&mut self, mut item: ListItem) -> u32 {
        self.changes += 1;
        self.last_number += 1;
        item.changed = self.changes;
        self.items.insert(self.last_number, item);
        self.last_number
    }

    /// Deletes an item; whether there was one.
    pub(crate) fn remove(&mut self, number: u32) -> bool {
        let Some(item) = self.items.remove(&number) else {
            return false;
        };
        self.changes += 1;
        let unique = item.unique;
        self.gone.insert(self.changes, Gone { number, unique });
        true
    }
}

/// The content types that a new list has: one for items, one for folders.
fn content_types(template: Template, ids: &mut Ids) -> Vec<ContentType> {
    let mut made = |parent: &str, name: &str, description: &str| ContentType {
        id: format!(
            "{parent}00{}",
            ids.uuid().simple().to_string().to_uppercase()
        ),
        name: name.to_owned(),
        description: description.to_owned(),
        parent_id: parent.to_owned(),
    };
    let folder = made("0x0120", "Folder", "Create a new folder.");
    let item = match template {
        Template::DocumentLibrary => made("0x0101", "Document", "Create a new document."),
        Template::Tasks => made(
            "0x0108",
            "Task",
            "Track a work item that you or your team needs to complete.",
        ),
        Template::Events => made(
            "0x0102",
            "Event",
            "Create a new meeting, deadline or other event.",
        ),
        Template::Announcements => made(
            "0x0104",
            "Announcement",
            "Create a new news item, status or other short piece of information.",
        ),
        Template::Links => made(
            "0x0105",
            "Link",
            "Create a new link to a Web page or other resource.",
        ),
        Template::Contacts => made(
            "0x0106",
            "Contact",
            "Store information about a business or personal contact.",
        ),
        _ => made("0x01", "Item", "Create a new list item."),
    };
    vec![item, folder]
}
