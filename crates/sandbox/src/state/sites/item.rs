//! Items of lists: <https://learn.microsoft.com/graph/api/resources/listitem>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::state::drive::item::Author;
use crate::state::drive::tree::Change;

/// An item of a list that is no library.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ListItem {
    pub(crate) unique: Uuid,
    pub(crate) created: Timestamp,
    pub(crate) created_by: Author,
    pub(crate) modified: Timestamp,
    pub(crate) modified_by: Author,
    /// Counts every change, for `eTag`.
    pub(crate) revision: u32,
    /// The list's number of the last change, for delta.
    pub(crate) changed: u64,
    /// Id of its content type.
    pub(crate) content_type: String,
    /// Values of columns as they are kept: lookups and people by number.
    pub(crate) fields: Map<String, Value>,
    /// Earlier states, the oldest first.
    pub(crate) earlier: Vec<ItemVersion>,
}

/// An earlier state of an item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ItemVersion {
    /// Shown as `3.0`.
    pub(crate) number: u32,
    pub(crate) at: Timestamp,
    pub(crate) by: Author,
    pub(crate) fields: Map<String, Value>,
}

impl ListItem {
    pub(crate) fn new(
        unique: Uuid,
        content_type: String,
        fields: Map<String, Value>,
        change: &Change,
    ) -> Self {
        Self {
            unique,
            created: change.at,
            created_by: change.author.clone(),
            modified: change.at,
            modified_by: change.author.clone(),
            revision: 1,
            changed: 0,
            content_type,
            fields,
            earlier: Vec::new(),
        }
    }

    /// Number of the present version.
    pub(crate) fn version(&self) -> u32 {
        self.earlier.last().map_or(1, |earlier| earlier.number + 1)
    }

    /// Gives it other values and keeps the present ones as an earlier version.
    pub(crate) fn set(&mut self, fields: Map<String, Value>, change: &Change, changed: u64) {
        let earlier = ItemVersion {
            number: self.version(),
            at: self.modified,
            by: self.modified_by.clone(),
            fields: std::mem::replace(&mut self.fields, fields),
        };
        self.earlier.push(earlier);
        self.revision += 1;
        self.changed = changed;
        self.modified = change.at;
        self.modified_by = change.author.clone();
    }
}
