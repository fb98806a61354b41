//! A row.

use uuid::Uuid;

use crate::cell::Cell;
use crate::schema::ColumnId;

/// The values that a row has, by column; what is null is not there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: Uuid,
    /// Of the last change; what its `ETag` says.
    pub(crate) version: u64,
    cells: Vec<(ColumnId, Cell)>,
}

impl Row {
    pub(crate) fn new(id: Uuid) -> Self {
        Self {
            id,
            version: 0,
            cells: Vec::new(),
        }
    }

    pub(crate) fn get(&self, column: ColumnId) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&column, |cell| cell.0);
        at.ok().map(|at| &self.cells[at].1)
    }

    /// Whether that changed anything.
    pub(crate) fn set(&mut self, column: ColumnId, cell: Option<Cell>) -> bool {
        match (self.cells.binary_search_by_key(&column, |it| it.0), cell) {
            (Ok(at), Some(cell)) => {
                let differs = self.cells[at].1 != cell;
                self.cells[at].1 = cell;
                differs
            }
            (Ok(at), None) => {
                self.cells.remove(at);
                true
            }
            (Err(at), Some(cell)) => {
                self.cells.insert(at, (column, cell));
                true
            }
            (Err(_), None) => false,
        }
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = (ColumnId, &Cell)> {
        self.cells.iter().map(|(column, cell)| (*column, cell))
    }

    /// The lookups that lead somewhere.
    pub(crate) fn links(&self) -> impl Iterator<Item = (ColumnId, Uuid)> {
        self.cells().filter_map(|(column, cell)| match cell {
            Cell::Link(link) => Some((column, link.id)),
            _ => None,
        })
    }
}
