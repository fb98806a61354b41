//! Relationships between tables and the navigation properties that they make.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{ColumnId, TableId};

/// Where a navigation property leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Navigation {
    /// To the row in a lookup column.
    Single { column: ColumnId, target: TableId },
    /// To the rows whose lookup names this one.
    Children { table: TableId, column: ColumnId },
    /// Through a many-to-many relationship.
    Peers {
        relationship: usize,
        /// This table is the second of the two.
        is_second: bool,
        target: TableId,
    },
}

/// One row, many that refer to it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct OneToMany {
    pub(crate) metadata_id: Uuid,
    pub(crate) schema_name: String,
    pub(crate) referenced: TableId,
    pub(crate) referencing: TableId,
    pub(crate) column: ColumnId,
    /// From the many to the one.
    pub(crate) referencing_navigation: String,
    /// From the one to the many.
    pub(crate) referenced_navigation: String,
    pub(crate) on_delete: Cascade,
    pub(crate) is_custom: bool,
}

/// What becomes of the many when the one is deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Cascade {
    RemoveLink,
    Delete,
    Restrict,
}

impl Cascade {
    /// As metadata spells it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RemoveLink => "RemoveLink",
            Self::Delete => "Cascade",
            Self::Restrict => "Restrict",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::RemoveLink, Self::Delete, Self::Restrict]
            .into_iter()
            .find(|it| it.name() == name)
    }
}

/// Many on both sides.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ManyToMany {
    pub(crate) metadata_id: Uuid,
    pub(crate) schema_name: String,
    /// Logical name of the table between, which the Web API does not show.
    pub(crate) intersect: String,
    pub(crate) tables: [TableId; 2],
    /// Of the first table, of the second.
    pub(crate) navigations: [String; 2],
    pub(crate) is_custom: bool,
}
