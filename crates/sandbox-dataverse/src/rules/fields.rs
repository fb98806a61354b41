//! A row's values by the names of its columns.

use crate::cell::{Cell, Link};
use crate::schema::{Schema, Table};
use crate::store::Row;

/// A row that is being written.
pub(super) struct Fields<'a> {
    pub(super) schema: &'a Schema,
    pub(super) table: &'a Table,
    pub(super) row: &'a mut Row,
}

impl Fields<'_> {
    pub(super) fn get(&self, name: &str) -> Option<&Cell> {
        self.row.get(self.table.find(name)?)
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name)?.as_text().map(str::to_owned)
    }

    pub(super) fn number(&self, name: &str) -> Option<f64> {
        self.get(name)?.as_number()
    }

    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_whole()
    }

    pub(super) fn link(&self, name: &str) -> Option<Link> {
        self.get(name)?.as_link()
    }

    /// A lookup, when it leads to this table.
    pub(super) fn link_to(&self, name: &str, table: &str) -> Option<Link> {
        let link = self.link(name)?;
        (self.schema.find(table) == Some(link.table)).then_some(link)
    }

    pub(super) fn set(&mut self, name: &str, cell: Option<Cell>) {
        if let Some(column) = self.table.find(name) {
            self.row.set(column, cell);
        }
    }

    /// Sets what has no value yet.
    pub(super) fn default(&mut self, name: &str, cell: Cell) {
        if self.get(name).is_none() {
            self.set(name, Some(cell));
        }
    }

    /// Whether a value is another one than in the row before; always of a new row.
    pub(super) fn differs(&self, old: Option<&Row>, name: &str) -> bool {
        let column = self.table.find(name);
        let before = old.and_then(|old| old.get(column?));
        old.is_none() || before != self.get(name)
    }
}
