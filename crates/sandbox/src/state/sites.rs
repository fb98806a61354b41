//! SharePoint: sites with their lists, libraries and pages, and who may what there.
//!
//! A library's files are in a drive, kept under the list's id; what the list shows of them is read from there.

pub(crate) mod column;
pub(crate) mod item;
pub(crate) mod list;
pub(crate) mod page;
pub(crate) mod site;

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::State;
use super::directory::group::Group;
use super::drive::item::Author;
use super::drive::tree::Holder;
use list::{List, Template};
use site::{Level, Site};

/// What a site counts its people from: the first numbers belong to groups of SharePoint's own.
const FIRST_PERSON: u32 = 6;

/// Every site of every tenant.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Sites {
    /// In the order in which they were made.
    all: Vec<Site>,
    /// What `…LookupId` calls a person. One number for all sites here; at Microsoft each site has its own.
    people: BTreeMap<String, u32>,
    /// Number of the last change of any site.
    pub(crate) changes: u64,
}

/// A site to be made.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewSite {
    pub(crate) tenant_id: String,
    /// Where it is on its host: `sites/hr`; nothing for the root.
    pub(crate) path: String,
    pub(crate) parent: Option<Uuid>,
    pub(crate) display_name: String,
    pub(crate) description: String,
    /// The group that it belongs to, by object id.
    pub(crate) group_id: Option<String>,
    pub(crate) members: BTreeMap<String, Level>,
    /// What everybody of the organisation may do.
    pub(crate) everyone: Option<Level>,
}

impl Sites {
    /// A site by the id of its web.
    pub(crate) fn site(&self, id: Uuid) -> Option<&Site> {
        self.all.iter().find(|site| site.id == id)
    }

    /// A site to be changed; [`Self::touch`] makes the change known.
    pub(crate) fn site_mut(&mut self, id: Uuid) -> Option<&mut Site> {
        self.all.iter_mut().find(|site| site.id == id)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = &Site> {
        self.all.iter()
    }

    /// The site of a tenant at this path, whatever its case.
    pub(crate) fn at(&self, tenant_id: &str, path: &str) -> Option<&Site> {
        self.all
            .iter()
            .find(|site| site.tenant_id == tenant_id && site.path.eq_ignore_ascii_case(path))
    }

    /// The site of a group.
    pub(crate) fn of_group(&self, group_id: &str) -> Option<&Site> {
        self.all
            .iter()
            .find(|site| site.group_id.as_deref() == Some(group_id))
    }

    /// The root of the site collection that a site is in, which is where access is given.
    pub(crate) fn collection_root<'a>(&'a self, site: &'a Site) -> &'a Site {
        let mut at = site;
        while let Some(parent) = at.parent.and_then(|parent| self.site(parent)) {
            at = parent;
        }
        at
    }

    /// Counts a change of a site.
    pub(crate) fn touch(&mut self, id: Uuid, at: Timestamp) {
        self.changes += 1;
        let changes = self.changes;
        if let Some(site) = self.site_mut(id) {
            site.changed = changes;
            site.modified = at;
        }
    }

    /// What `…LookupId` calls a person, who gets a number with the first question.
    pub(crate) fn number_of(&mut self, user_id: &str) -> u32 {
        if let Some(number) = self.people.get(user_id) {
            return *number;
        }
        let taken = self.people.values().max().copied();
        let number = taken.map_or(FIRST_PERSON, |last| last + 1);
        self.people.insert(user_id.to_owned(), number);
        number
    }

    /// What `…LookupId` calls a person who was numbered.
    pub(crate) fn known_number(&self, user_id: &str) -> Option<u32> {
        self.people.get(user_id).copied()
    }

    /// The person that a number means.
    pub(crate) fn person(&self, number: u32) -> Option<&str> {
        let mut people = self.people.iter();
        people
            .find(|(_, known)| **known == number)
            .map(|(id, _)| id.as_str())
    }
}

/// Makes a site with its library of documents.
pub(crate) fn create(state: &mut State, new: NewSite, author: &Author, now: Timestamp) -> Uuid {
    let id = state.ids.uuid();
    let collection = match new.parent.and_then(|parent| state.sites.site(parent)) {
        Some(parent) => parent.collection,
        None => state.ids.uuid(),
    };
    let library = state.ids.uuid();
    let site = Site {
        id,
        collection,
        tenant_id: new.tenant_id,
        path: new.path,
        parent: new.parent,
        display_name: new.display_name,
        description: new.description,
        created: now,
        modified: now,
        group_id: new.group_id,
        members: new.members,
        everyone: new.everyone,
        grants: Vec::new(),
        lists: Vec::new(),
        pages: Vec::new(),
        followers: Vec::new(),
        library,
        changed: 0,
    };
    state.sites.all.push(site);
    let documents = List::new(
        library,
        "Shared Documents",
        "Documents",
        Template::DocumentLibrary,
        author,
        now,
        &mut state.ids,
    );
    add_list(state, id, documents, author, now);
    id
}

/// Makes the site of a group, at the address that its nickname gives.
pub(crate) fn create_for(state: &mut State, group: &Group, now: Timestamp) -> Uuid {
    let base = format!("sites/{}", group.mail_nickname);
    let mut path = base.clone();
    let mut number = 1_u32;
    while state.sites.at(&group.tenant_id, &path).is_some() {
        path = format!("{base}{number}");
        number += 1;
    }
    let author = Author {
        id: group.id.clone(),
        display_name: format!("{} Owners", group.display_name),
        email: group.mail.clone(),
    };
    let new = NewSite {
        tenant_id: group.tenant_id.clone(),
        path,
        display_name: group.display_name.clone(),
        description: group.description.clone().unwrap_or_default(),
        group_id: Some(group.id.clone()),
        ..NewSite::default()
    };
    create(state, new, &author, now)
}

/// Adds a list to a site; a library gets the drive that it is.
pub(crate) fn add_list(
    state: &mut State,
    site: Uuid,
    list: List,
    author: &Author,
    now: Timestamp,
) -> Uuid {
    let id = list.id;
    if list.is_library() {
        let holder = Holder::Library { site, list: id };
        state.drives.provision(holder, author, now, &mut state.ids);
    }
    if let Some(known) = state.sites.site_mut(site) {
        known.lists.push(list);
    }
    state.sites.touch(site, now);
    id
}
