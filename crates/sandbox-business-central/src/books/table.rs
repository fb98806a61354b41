//! A table: records in the order in which they came, found by id.

use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Record;

#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    rows: Vec<Record>,
    by_id: Option<HashMap<String, usize>>,
}

impl Table {
    pub(crate) const EMPTY: Self = Self {
        rows: Vec::new(),
        by_id: None,
    };

    pub(crate) fn rows(&self) -> &[Record] {
        &self.rows
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Record> {
        self.rows.get(self.position(id)?)
    }

    pub(super) fn get_mut(&mut self, id: &str) -> Option<&mut Record> {
        let position = self.position(id)?;
        self.rows.get_mut(position)
    }

    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.by_id.as_ref()?.get(id).copied()
    }

    pub(super) fn push(&mut self, record: Record) {
        self.by_id
            .get_or_insert_default()
            .insert(record.id.clone(), self.rows.len());
        self.rows.push(record);
    }

    pub(super) fn insert_at(&mut self, position: usize, record: Record) {
        self.rows.insert(position.min(self.rows.len()), record);
        self.index();
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<Record> {
        let position = self.position(id)?;
        let record = self.rows.remove(position);
        if position == self.rows.len() {
            self.by_id.get_or_insert_default().remove(id);
        } else {
            self.index();
        }
        Some(record)
    }

    fn index(&mut self) {
        let positions = self.rows.iter().enumerate();
        self.by_id = Some(positions.map(|(at, row)| (row.id.clone(), at)).collect());
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rows.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut table = Self {
            rows: Vec::deserialize(deserializer)?,
            by_id: None,
        };
        table.index();
        Ok(table)
    }
}
