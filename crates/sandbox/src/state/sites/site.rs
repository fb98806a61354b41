//! One site: <https://learn.microsoft.com/graph/api/resources/site>

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::list::List;
use super::page::Page;

/// A web of a site collection.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Site {
    /// Of the web, the last part of the id that clients see.
    pub(crate) id: Uuid,
    /// Of the site collection, the middle part.
    pub(crate) collection: Uuid,
    pub(crate) tenant_id: String,
    /// Where it is on its host: `sites/hr`; nothing for the root.
    pub(crate) path: String,
    /// None for the root of a collection.
    pub(crate) parent: Option<Uuid>,
    pub(crate) display_name: String,
    pub(crate) description: String,
    pub(crate) created: Timestamp,
    pub(crate) modified: Timestamp,
    /// The group that it belongs to, by object id.
    pub(crate) group_id: Option<String>,
    /// By user id; without any, those of the parent.
    pub(crate) members: BTreeMap<String, Level>,
    /// What everybody of the organisation may do.
    pub(crate) everyone: Option<Level>,
    /// What was given to applications, kept at the root of the collection.
    pub(crate) grants: Vec<Grant>,
    /// In the order in which they were made.
    pub(crate) lists: Vec<List>,
    pub(crate) pages: Vec<Page>,
    /// Ids of the people who follow it.
    pub(crate) followers: Vec<String>,
    /// The list that is the default library.
    pub(crate) library: Uuid,
    /// Number of its last change among those of all sites.
    pub(crate) changed: u64,
}

/// What somebody may do, each including the ones before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Level {
    /// See everything.
    Read,
    /// Add, change and delete items, files and pages.
    Write,
    /// Make, change and delete lists and columns too.
    Manage,
    /// Everything, and say who may what.
    FullControl,
}

/// Access of an application to a site or a list: what `Sites.Selected` stands on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) display_name: String,
    /// `read`, `write`, `manage`, `owner` or `fullcontrol`.
    pub(crate) roles: Vec<String>,
}

impl Level {
    /// Of a role as grants name it.
    /// Source: <https://learn.microsoft.com/graph/permissions-selected-overview>
    pub(crate) fn of_role(role: &str) -> Option<Self> {
        Some(match role.to_ascii_lowercase().as_str() {
            "read" => Self::Read,
            "write" => Self::Write,
            "manage" => Self::Manage,
            "owner" | "fullcontrol" => Self::FullControl,
            _ => return None,
        })
    }
}

impl Grant {
    /// The highest that its roles allow.
    pub(crate) fn level(&self) -> Option<Level> {
        self.roles
            .iter()
            .filter_map(|role| Level::of_role(role))
            .max()
    }
}

/// What grants together give an application.
pub(crate) fn granted(grants: &[Grant], client_id: &str) -> Option<Level> {
    grants
        .iter()
        .filter(|grant| grant.client_id.eq_ignore_ascii_case(client_id))
        .filter_map(Grant::level)
        .max()
}

impl Site {
    pub(crate) fn list(&self, id: Uuid) -> Option<&List> {
        self.lists.iter().find(|list| list.id == id)
    }

    pub(crate) fn list_mut(&mut self, id: Uuid) -> Option<&mut List> {
        self.lists.iter_mut().find(|list| list.id == id)
    }

    /// A list by its id, its title or its name in addresses.
    pub(crate) fn find_list(&self, key: &str) -> Option<&List> {
        let id: Option<Uuid> = key.trim_matches(['{', '}']).parse().ok();
        match id {
            Some(id) => self.list(id),
            None => self.lists.iter().find(|list| list.answers_to(key)),
        }
    }

    /// The libraries that people see, in the order in which they were made.
    pub(crate) fn visible_libraries(&self) -> Vec<Uuid> {
        let lists = self.lists.iter();
        lists
            .filter(|list| list.is_library() && !list.is_hidden)
            .map(|list| list.id)
            .collect()
    }

    /// The last part of its address: `hr`.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn is_root(&self) -> bool {
        self.path.is_empty()
    }
}
