//! Rows by what names them: id, alternate key, address.

use std::cmp::Ordering;

use uuid::Uuid;

use crate::Dataverse;
use crate::args;
use crate::call::{Address, Segment};
use crate::cell::{Cell, Link};
use crate::fault::Fault;
use crate::query::value;
use crate::schema::{ColumnId, TableId};
use crate::store::Row;

/// The row that an address names, there or not.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) table: TableId,
    /// None where an alternate key names no row yet.
    pub(crate) id: Option<Uuid>,
    /// What the alternate key says.
    pub(crate) values: Vec<(ColumnId, Cell)>,
}

impl Target {
    pub(crate) fn row<'a>(&self, dataverse: &'a Dataverse) -> Result<&'a Row, Fault> {
        let name = &dataverse.schema.table(self.table).name;
        match self.id {
            Some(id) => dataverse
                .store
                .get(self.table, id)
                .ok_or_else(|| Fault::no_row(name, id)),
            None => Err(Fault::no_row_by_key(name)),
        }
    }
}

/// `accounts(…)`: an id or the values of an alternate key.
pub(crate) fn by_arguments(
    dataverse: &Dataverse,
    table: TableId,
    text: &str,
) -> Result<Target, Fault> {
    let known = dataverse.schema.table(table);
    let bad = || Fault::bad_query(format!("Bad Request - Error in query syntax: '({text})'."));
    let parts = args::split(text).ok_or_else(bad)?;
    let target = |id, values| Target { table, id, values };
    if let [(name, value)] = &parts[..]
        && (name.is_empty() || name == known.key_name())
    {
        let id = value::guid(value.trim_matches('\''));
        return Ok(target(Some(id.ok_or_else(bad)?), Vec::new()));
    }
    let mut values = Vec::new();
    for (name, text) in &parts {
        let column = known.find_property(name).or_else(|| known.find(name));
        let column = column.ok_or_else(|| Fault::unknown_property(name, &known.type_name()))?;
        let literal = match args::literal(text) {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        let cell = value::from_text(known.column(column), &literal).ok_or_else(bad)?;
        values.push((column, cell));
    }
    let is_key = known.keys.iter().any(|key| {
        key.columns.len() == values.len()
            && key
                .columns
                .iter()
                .all(|it| values.iter().any(|(column, _)| column == it))
    });
    if !is_key {
        return Err(Fault::bad_query(
            "The specified key attributes are not a defined key for the entity",
        ));
    }
    let found = dataverse.store.rows(table).find(|row| has(row, &values));
    Ok(target(found.map(|row| row.id), values))
}

fn has(row: &Row, values: &[(ColumnId, Cell)]) -> bool {
    values.iter().all(|(column, cell)| {
        row.get(*column)
            .is_some_and(|held| held.compare(cell) == Some(Ordering::Equal))
    })
}

/// The row behind `/contacts(…)`, with or without what stands before the set.
pub(crate) fn reference(dataverse: &Dataverse, text: &str) -> Result<Link, Fault> {
    let path = match text.split_once("/api/data/v9.") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, rest)| rest),
        None => text,
    };
    let address = Address::parse(path)?;
    let bad = || Fault::bad_payload(text, "The URI of an entity reference link is not valid.");
    let [
        Segment {
            name,
            arguments: Some(arguments),
        },
    ] = &address.segments[..]
    else {
        return Err(bad());
    };
    let table = dataverse
        .schema
        .find_set(name)
        .ok_or_else(|| Fault::unknown_segment(name))?;
    let target = by_arguments(dataverse, table, arguments)?;
    let row = target.row(dataverse)?;
    Ok(Link { table, id: row.id })
}

/// Refuses a row whose alternate keys another one has.
pub(super) fn unique(dataverse: &Dataverse, table: TableId, row: &Row) -> Result<(), Fault> {
    for key in &dataverse.schema.table(table).keys {
        let values: Option<Vec<(ColumnId, Cell)>> = key
            .columns
            .iter()
            .map(|column| Some((*column, row.get(*column)?.clone())))
            .collect();
        // Empty values do not take part.
        let Some(values) = values else {
            continue;
        };
        let mut others = dataverse.store.rows(table);
        if others.any(|other| other.id != row.id && has(other, &values)) {
            return Err(Fault::duplicate_key(&key.display));
        }
    }
    Ok(())
}
