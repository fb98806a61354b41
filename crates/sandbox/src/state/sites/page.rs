//! Pages of a site: <https://learn.microsoft.com/graph/api/resources/sitepage>

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::state::drive::item::Author;

/// A modern page.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Page {
    pub(crate) id: Uuid,
    /// `Welcome.aspx`
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) created: Timestamp,
    pub(crate) created_by: Author,
    pub(crate) modified: Timestamp,
    pub(crate) modified_by: Author,
    /// Counts every change, for `eTag`.
    pub(crate) revision: u32,
    /// Major and minor number: published pages have no minor one.
    pub(crate) version: (u32, u32),
    /// What else the page says of itself, as it was given.
    pub(crate) properties: Map<String, Value>,
    /// Sections, columns and web parts, each with its id.
    pub(crate) canvas: Option<Value>,
}

impl Page {
    pub(crate) fn is_published(&self) -> bool {
        self.version.1 == 0
    }
}
