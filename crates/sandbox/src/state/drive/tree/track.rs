//! What delta tells: which items changed, and which are gone.

use jiff::Timestamp;
use uuid::Uuid;

use super::{CRAWLS, Change, Crawl, Drive, TOMBSTONES, Tombstone};

impl Drive {
    /// Counts a change of an item, so that tags and delta tell it.
    pub(crate) fn touch(&mut self, unique: Uuid, change: &Change) {
        self.changes += 1;
        if let Some(item) = self.items.get_mut(&unique) {
            item.revision += 1;
            item.changed = self.changes;
            item.modified = change.at;
            item.modified_by = change.author.clone();
        }
    }

    /// Deletes an item with all below it.
    pub(crate) fn remove(&mut self, unique: Uuid, at: Timestamp) {
        self.unlink(unique);
        // What is deepest goes first, as delta promises of folders.
        for gone in self.subtree(unique).into_iter().rev() {
            if let Some(item) = self.items.remove(&gone) {
                self.numbers.remove(&item.number);
                self.changes += 1;
                let tombstone = Tombstone {
                    unique: gone,
                    number: item.number,
                    parent: item.parent,
                    is_folder: item.is_folder(),
                    name: item.name,
                    at,
                };
                self.gone.insert(self.changes, tombstone);
            }
        }
        while self.gone.len() > TOMBSTONES {
            if let Some((number, _)) = self.gone.pop_first() {
                self.forgotten = number;
            }
        }
    }

    /// A deleted item, if it is remembered.
    pub(crate) fn tombstone(&self, unique: Uuid) -> Option<&Tombstone> {
        self.gone.values().find(|gone| gone.unique == unique)
    }

    /// Begins a round of delta: everything now, or what changed after a number or an instant.
    pub(crate) fn crawl(&mut self, since: Option<u64>, after: Option<Timestamp>) -> u64 {
        let mut live: Vec<(usize, u64, Uuid)> = Vec::new();
        let is_wanted = |changed: u64, at: Timestamp| {
            since.is_none_or(|since| changed > since) && after.is_none_or(|after| at > after)
        };
        for (unique, item) in self.items() {
            if is_wanted(item.changed, item.modified) {
                live.push((self.ancestors(unique).count(), item.changed, unique));
            }
        }
        // Parents before children, whatever was changed last.
        live.sort_unstable();
        let mut items: Vec<Uuid> = live.into_iter().map(|(_, _, unique)| unique).collect();
        if since.is_some() || after.is_some() {
            let gone = self
                .gone
                .iter()
                .filter(|(number, gone)| is_wanted(**number, gone.at));
            items.extend(gone.map(|(_, gone)| gone.unique));
        }
        let key = self.crawls.last_key_value().map_or(1, |(last, _)| last + 1);
        let until = self.changes;
        self.crawls.insert(key, Crawl { items, until });
        while self.crawls.len() > CRAWLS {
            self.crawls.pop_first();
        }
        key
    }

    /// Deleted items with the numbers of their deletions, the oldest first.
    pub(crate) fn tombstones(&self) -> impl Iterator<Item = (u64, &Tombstone)> {
        self.gone.iter().map(|(number, gone)| (*number, gone))
    }
}
