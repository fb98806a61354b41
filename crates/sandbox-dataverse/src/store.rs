//! Rows by table, with what finds them fast, and what undoes a change that was not carried through.

mod row;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use uuid::Uuid;

use crate::cell::Link;
use crate::schema::{ColumnId, TableId};

pub(crate) use row::Row;

/// Everything that rows are.
#[derive(Debug, Default)]
pub(crate) struct Store {
    shelves: Vec<Shelf>,
    /// Pairs of each many-to-many relationship, from both sides.
    pairs: Vec<[BTreeSet<(Uuid, Uuid)>; 2]>,
    /// Version of the youngest change.
    version: u64,
    /// What was deleted, oldest first.
    gone: Vec<Gone>,
    /// Contents of file and image columns.
    files: HashMap<Uuid, Arc<File>>,
    undo: Option<Vec<Undo>>,
}

/// The rows of a table.
#[derive(Debug, Default)]
struct Shelf {
    rows: BTreeMap<Uuid, Arc<Row>>,
    /// Who refers to a row, by the column that does.
    referring: HashMap<(ColumnId, Uuid), BTreeSet<Uuid>>,
}

/// A deletion, as change tracking tells it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Gone {
    pub(crate) version: u64,
    pub(crate) link: Link,
}

/// The bytes behind a file column.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) bytes: bytes::Bytes,
}

/// Where a transaction began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark {
    at: usize,
    is_outermost: bool,
}

#[derive(Debug)]
enum Undo {
    Row(Link, Option<Arc<Row>>),
    Pair(usize, (Uuid, Uuid), bool),
    Gone,
}

impl Store {
    fn shelf(&self, table: TableId) -> Option<&Shelf> {
        self.shelves.get(usize::from(table))
    }

    fn shelf_mut(&mut self, table: TableId) -> &mut Shelf {
        let at = usize::from(table);
        if self.shelves.len() <= at {
            self.shelves.resize_with(at + 1, Shelf::default);
        }
        &mut self.shelves[at]
    }

    pub(crate) fn get(&self, table: TableId, id: Uuid) -> Option<&Row> {
        self.shelf(table)?.rows.get(&id).map(Arc::as_ref)
    }

    pub(crate) fn follow(&self, link: Link) -> Option<&Row> {
        self.get(link.table, link.id)
    }

    /// All rows of a table, by id.
    pub(crate) fn rows(&self, table: TableId) -> impl Iterator<Item = &Row> {
        self.shelf(table)
            .into_iter()
            .flat_map(|shelf| shelf.rows.values().map(Arc::as_ref))
    }

    pub(crate) fn len(&self, table: TableId) -> usize {
        self.shelf(table).map_or(0, |shelf| shelf.rows.len())
    }

    /// Rows of a table whose lookup names this id.
    pub(crate) fn referring(
        &self,
        table: TableId,
        column: ColumnId,
        id: Uuid,
    ) -> impl Iterator<Item = &Row> {
        let found = self.shelf(table);
        let ids = found.and_then(|shelf| shelf.referring.get(&(column, id)));
        ids.into_iter()
            .flatten()
            .filter_map(move |id| found?.rows.get(id).map(Arc::as_ref))
    }

    /// Puts a row in its place, under a new version.
    pub(crate) fn put(&mut self, table: TableId, mut row: Row) {
        self.version += 1;
        row.version = self.version;
        let id = row.id;
        let before = self.replace(table, id, Some(Arc::new(row)));
        self.note(Undo::Row(Link { table, id }, before));
    }

    /// Takes a row away and remembers that.
    pub(crate) fn remove(&mut self, table: TableId, id: Uuid) {
        let Some(before) = self.replace(table, id, None) else {
            return;
        };
        let link = Link { table, id };
        self.note(Undo::Row(link, Some(before)));
        self.version += 1;
        self.gone.push(Gone {
            version: self.version,
            link,
        });
        self.note(Undo::Gone);
    }

    fn replace(&mut self, table: TableId, id: Uuid, row: Option<Arc<Row>>) -> Option<Arc<Row>> {
        let place = self.shelf_mut(table);
        let before = place.rows.remove(&id);
        if let Some(before) = &before {
            for (column, target) in before.links() {
                if let Some(ids) = place.referring.get_mut(&(column, target)) {
                    ids.remove(&id);
                    if ids.is_empty() {
                        place.referring.remove(&(column, target));
                    }
                }
            }
        }
        if let Some(row) = row {
            for (column, target) in row.links() {
                place
                    .referring
                    .entry((column, target))
                    .or_default()
                    .insert(id);
            }
            place.rows.insert(id, row);
        }
        before
    }

    /// The rows on the other side of a many-to-many relationship.
    pub(crate) fn peers(
        &self,
        relationship: usize,
        is_second: bool,
        id: Uuid,
    ) -> impl Iterator<Item = Uuid> {
        let sides = self.pairs.get(relationship);
        let range = (id, Uuid::nil())..=(id, Uuid::max());
        sides
            .into_iter()
            .flat_map(move |sides| sides[usize::from(is_second)].range(range.clone()))
            .map(|(_, other)| *other)
    }

    /// Whether the pair was not there before.
    pub(crate) fn pair(&mut self, relationship: usize, first: Uuid, second: Uuid) -> bool {
        let is_new = self.set_pair(relationship, (first, second), true);
        if is_new {
            self.note(Undo::Pair(relationship, (first, second), false));
        }
        is_new
    }

    /// Whether the pair was there.
    pub(crate) fn unpair(&mut self, relationship: usize, first: Uuid, second: Uuid) -> bool {
        let was = self.set_pair(relationship, (first, second), false);
        if was {
            self.note(Undo::Pair(relationship, (first, second), true));
        }
        was
    }

    fn set_pair(&mut self, relationship: usize, pair: (Uuid, Uuid), present: bool) -> bool {
        if self.pairs.len() <= relationship {
            self.pairs.resize_with(relationship + 1, Default::default);
        }
        let [forth, back] = &mut self.pairs[relationship];
        let turned = (pair.1, pair.0);
        if present {
            back.insert(turned);
            forth.insert(pair)
        } else {
            back.remove(&turned);
            forth.remove(&pair)
        }
    }

    pub(crate) fn pairs(&self, relationship: usize) -> impl Iterator<Item = (Uuid, Uuid)> {
        let sides = self.pairs.get(relationship);
        sides.into_iter().flat_map(|sides| sides[0].iter().copied())
    }

    pub(crate) fn version(&self) -> u64 {
        self.version
    }

    /// A state read from a file goes on where it was.
    pub(crate) fn resume(&mut self, version: u64, gone: Vec<Gone>) {
        self.version = version;
        self.gone = gone;
    }

    /// Puts a row back under the version that it was saved with.
    pub(crate) fn restore(&mut self, table: TableId, row: Row) {
        let id = row.id;
        self.replace(table, id, Some(Arc::new(row)));
    }

    pub(crate) fn gone(&self) -> &[Gone] {
        &self.gone
    }

    pub(crate) fn file(&self, id: Uuid) -> Option<&Arc<File>> {
        self.files.get(&id)
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = (Uuid, &File)> {
        self.files.iter().map(|(id, file)| (*id, file.as_ref()))
    }

    pub(crate) fn keep_file(&mut self, id: Uuid, file: File) {
        self.files.insert(id, Arc::new(file));
    }

    pub(crate) fn drop_file(&mut self, id: Uuid) {
        self.files.remove(&id);
    }

    /// Takes every row of a table and what a column of it held away: the table or the column is no more.
    pub(crate) fn forget_table(&mut self, table: TableId) {
        if let Some(shelf) = self.shelves.get_mut(usize::from(table)) {
            *shelf = Shelf::default();
        }
    }

    pub(crate) fn forget_column(&mut self, table: TableId, column: ColumnId) {
        let ids: Vec<Uuid> = self.rows(table).map(|row| row.id).collect();
        for id in ids {
            let Some(mut row) = self.get(table, id).cloned() else {
                continue;
            };
            if row.set(column, None) {
                self.restore(table, row);
            }
        }
    }

    pub(crate) fn forget_pairs(&mut self, relationship: usize) {
        if let Some(sides) = self.pairs.get_mut(relationship) {
            *sides = Default::default();
        }
    }

    /// From here on changes can be undone; inside of another transaction this is part of it.
    pub(crate) fn begin(&mut self) -> Mark {
        let is_outermost = self.undo.is_none();
        Mark {
            at: self.undo.get_or_insert_default().len(),
            is_outermost,
        }
    }

    /// Takes back everything since `begin` answered this mark.
    pub(crate) fn roll_back(&mut self, mark: Mark) {
        let Some(mut undo) = self.undo.take() else {
            return;
        };
        for step in undo.split_off(mark.at.min(undo.len())).into_iter().rev() {
            match step {
                Undo::Row(link, before) => {
                    self.replace(link.table, link.id, before);
                }
                Undo::Pair(relationship, pair, was) => {
                    self.set_pair(relationship, pair, was);
                }
                Undo::Gone => {
                    self.gone.pop();
                }
            }
        }
        self.undo = Some(undo);
    }

    /// The transaction that began with this mark is over; what it did can be undone as long as an outer one lasts.
    pub(crate) fn end(&mut self, mark: Mark) {
        if mark.is_outermost {
            self.undo = None;
        }
    }

    fn note(&mut self, step: Undo) {
        if let Some(undo) = &mut self.undo {
            undo.push(step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell::Cell;

    fn row(number: u128, target: u128) -> Row {
        let mut row = Row::new(Uuid::from_u128(number));
        row.set(1, Some(Cell::link(0, Uuid::from_u128(target))));
        row
    }

    fn referring(store: &Store, target: u128) -> Vec<u128> {
        let rows = store.referring(0, 1, Uuid::from_u128(target));
        rows.map(|row| row.id.as_u128()).collect()
    }

    #[test]
    fn who_refers_to_a_row_is_known_and_forgotten() {
        let mut store = Store::default();
        store.put(0, row(1, 9));
        store.put(0, row(2, 9));
        assert_eq!(referring(&store, 9), [1, 2]);
        store.put(0, row(1, 8));
        store.remove(0, Uuid::from_u128(2));
        assert_eq!(referring(&store, 9), [0; 0]);
        assert_eq!(referring(&store, 8), [1]);
    }

    #[test]
    fn what_is_rolled_back_never_was() {
        let mut store = Store::default();
        store.put(0, row(1, 9));
        let outer = store.begin();
        let mark = store.begin();
        store.put(0, row(1, 8));
        store.put(0, row(2, 8));
        store.remove(0, Uuid::from_u128(1));
        store.pair(0, Uuid::from_u128(1), Uuid::from_u128(2));
        store.roll_back(mark);
        store.end(mark);
        store.end(outer);
        assert_eq!(referring(&store, 9), [1]);
        assert_eq!(
            (store.len(0), store.gone().len(), store.pairs(0).count()),
            (1, 0, 0)
        );
    }
}
