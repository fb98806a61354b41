//! A unit of work on a company's books: everything of one request, or nothing.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::{Books, Record};
use crate::fault::Fault;

/// What was done, with what it takes to undo it.
#[derive(Debug, Clone)]
pub(crate) enum Change {
    Inserted {
        set: &'static str,
        id: String,
    },
    Updated {
        set: &'static str,
        before: Box<Record>,
    },
    Removed {
        set: &'static str,
        position: usize,
        before: Box<Record>,
    },
}

/// The books, at one moment, with a list of what changed since the work began.
pub(crate) struct Work<'a> {
    pub(crate) books: &'a mut Books,
    pub(crate) now: Timestamp,
    changes: Vec<Change>,
}

impl<'a> Work<'a> {
    pub(crate) fn new(books: &'a mut Books, now: Timestamp) -> Self {
        Self {
            books,
            now,
            changes: Vec::new(),
        }
    }

    /// The day it is, by universal time.
    pub(crate) fn today(&self) -> Date {
        TimeZone::UTC.to_datetime(self.now).date()
    }

    pub(crate) fn get(&self, set: &str, id: &str) -> Option<&Record> {
        self.books.get(set, id)
    }

    /// A record that must be there.
    pub(crate) fn need(&self, set: &'static str, id: &str) -> Result<&Record, Fault> {
        let entity = crate::model::set(set).map_or(set, |set| set.entity);
        self.get(set, id)
            .ok_or_else(|| Fault::record_not_found(entity, id))
    }

    /// A new record without content, with an id of its own.
    pub(crate) fn blank(&mut self) -> Record {
        Record::computed(self.books.new_id(), self.now).at_version(1)
    }

    /// Adds a record; its id is answered.
    pub(crate) fn insert(&mut self, set: &'static str, record: Record) -> String {
        let id = record.id.clone();
        self.books.table_mut(set).push(record);
        self.changes.push(Change::Inserted {
            set,
            id: id.clone(),
        });
        id
    }

    /// Changes a record that is there; a change of nothing is none.
    pub(crate) fn update(&mut self, set: &'static str, id: &str, change: impl FnOnce(&mut Record)) {
        let now = self.now;
        let Some(record) = self.books.table_mut(set).get_mut(id) else {
            return;
        };
        let before = record.clone();
        change(record);
        if *record == before {
            return;
        }
        record.version = before.version + 1;
        record.modified = now;
        self.changes.push(Change::Updated {
            set,
            before: Box::new(before),
        });
    }

    pub(crate) fn remove(&mut self, set: &'static str, id: &str) {
        let table = self.books.table_mut(set);
        let Some(position) = table.position(id) else {
            return;
        };
        if let Some(before) = table.remove(id) {
            self.changes.push(Change::Removed {
                set,
                position,
                before: Box::new(before),
            });
        }
    }

    /// The next number of a series: `S-INV` with 102001 before it gives `S-INV102002`. The number stays used when the work
    /// is undone, as gaps are allowed in these series.
    pub(crate) fn next_number(&mut self, prefix: &str, start: u64) -> String {
        let number = start + self.books.count(prefix);
        format!("{prefix}{number}")
    }

    /// The next entry of a ledger.
    pub(crate) fn next_entry(&mut self, ledger: &str) -> u64 {
        self.books.count(ledger)
    }

    /// Undoes everything.
    pub(crate) fn undo(&mut self) {
        while let Some(change) = self.changes.pop() {
            match change {
                Change::Inserted { set, id } => {
                    self.books.table_mut(set).remove(&id);
                }
                Change::Updated { set, before } => {
                    if let Some(record) = self.books.table_mut(set).get_mut(&before.id) {
                        *record = *before;
                    }
                }
                Change::Removed {
                    set,
                    position,
                    before,
                } => self.books.table_mut(set).insert_at(position, *before),
            }
        }
    }

    /// What was done, in order.
    pub(crate) fn finish(self) -> Vec<Change> {
        self.changes
    }
}
