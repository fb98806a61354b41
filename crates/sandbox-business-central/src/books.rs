//! The books of one company: its tables, its series of numbers, and what it is set up with.

mod record;
mod setup;
mod table;
mod work;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(crate) use record::{NO_ID, Record};
pub(crate) use setup::{Setup, TaxKind, accounts as setup_accounts};
pub(crate) use table::Table;
pub(crate) use work::{Change, Work};

/// Everything that a company has recorded.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    pub(crate) setup: Setup,
    tables: BTreeMap<String, Table>,
    /// Last number of each series, and the last entry of each ledger.
    counters: BTreeMap<String, u64>,
    /// Drawn from for ids.
    seed: u64,
}

impl Books {
    pub(crate) fn new(setup: Setup, seed: u64) -> Self {
        Self {
            setup,
            seed,
            ..Self::default()
        }
    }

    /// A table, which is empty when nothing was ever put into it.
    pub(crate) fn table(&self, set: &str) -> &Table {
        static EMPTY: Table = Table::EMPTY;
        self.tables.get(set).unwrap_or(&EMPTY)
    }

    pub(crate) fn rows(&self, set: &str) -> impl Iterator<Item = &Record> {
        self.table(set).rows().iter()
    }

    pub(crate) fn get(&self, set: &str, id: &str) -> Option<&Record> {
        self.table(set).get(id)
    }

    /// What hangs below an entity: lines of a document, files of an item.
    pub(crate) fn children<'a>(
        &'a self,
        set: &str,
        parent: &'a str,
    ) -> impl Iterator<Item = &'a Record> {
        self.rows(set).filter(move |row| row.parent == parent)
    }

    /// The first record whose field is this text, in any case.
    pub(crate) fn find(&self, set: &str, field: &str, text: &str) -> Option<&Record> {
        self.rows(set)
            .find(|row| row.text(field).eq_ignore_ascii_case(text))
    }

    fn table_mut(&mut self, set: &str) -> &mut Table {
        self.tables.entry(set.to_owned()).or_default()
    }

    fn count(&mut self, name: &str) -> u64 {
        let counter = self.counters.entry(name.to_owned()).or_default();
        *counter += 1;
        *counter
    }

    /// A GUID that this company has not given out before.
    fn new_id(&mut self) -> String {
        let number = self.count("ids");
        guid(self.seed, number)
    }
}

/// A GUID in the form of version 4, the same for the same numbers.
pub(crate) fn guid(seed: u64, number: u64) -> String {
    let high = mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number);
    let low = mix(high ^ number.rotate_left(17));
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0xfff,
        0x8000 | ((low >> 48) & 0x3fff),
        low & 0xffff_ffff_ffff,
    )
}

/// The finalizer of `SplitMix64`, which spreads every bit.
pub(crate) fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
