//! Rows of several tables put beside each other.

use uuid::Uuid;

use super::bind::{Bound, Join, Scoped};
use super::model::LinkKind;
use crate::Dataverse;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::query::condition::Scope;
use crate::security::{Access, Depth, Principal};
use crate::store::Row;

/// Rows beside each other, by scope; an outer join may leave a place empty.
pub(super) type Joined<'a> = Vec<Option<&'a Row>>;

/// More combinations than any query of ours needs; the platform would run out of its two minutes.
const MOST: usize = 500_000;

/// Every combination that the joins and conditions let through.
pub(super) fn join<'a>(
    dataverse: &'a Dataverse,
    who: &Principal,
    bound: &Bound,
) -> Result<Vec<Joined<'a>>, Fault> {
    let mut joined: Vec<Joined<'a>> = Vec::new();
    for (number, scoped) in bound.scopes.iter().enumerate() {
        let depth = dataverse.need(who, Access::Read, scoped.table)?;
        let Some(join) = &scoped.join else {
            let rows = dataverse.candidates(scoped.table, Some(&scoped.condition));
            let rows =
                rows.filter(|row| dataverse.reaches(who, Access::Read, depth, scoped.table, row));
            joined = rows.map(|row| vec![Some(row)]).collect();
            continue;
        };
        let mut next = Vec::new();
        for before in joined {
            extend(
                dataverse,
                who,
                (scoped, join, depth),
                &before,
                number,
                &mut next,
            );
            if next.len() > MOST {
                return Err(Fault::bad_fetch("The query returns too many rows."));
            }
        }
        joined = next;
    }
    // Conditions of the first table may speak of the others, so they come last.
    if let Some(first) = bound.scopes.first() {
        joined.retain(|rows| Scope { dataverse, rows }.holds(&first.condition));
    }
    Ok(joined)
}

fn extend<'a>(
    dataverse: &'a Dataverse,
    who: &Principal,
    (scoped, join, depth): (&Scoped, &Join, Depth),
    before: &Joined<'a>,
    number: usize,
    next: &mut Vec<Joined<'a>>,
) {
    let mut found: Vec<&Row> = match before.get(join.parent) {
        Some(Some(parent)) => matching(dataverse, scoped, join, parent),
        _ => Vec::new(),
    };
    found.retain(|row| dataverse.reaches(who, Access::Read, depth, scoped.table, row));
    found.retain(|row| {
        let mut rows = before.clone();
        rows.resize(number, None);
        rows.push(Some(*row));
        Scope {
            dataverse,
            rows: &rows,
        }
        .holds(&scoped.condition)
    });
    let with = |row: Option<&'a Row>| {
        let mut rows = before.clone();
        rows.resize(number, None);
        rows.push(row);
        rows
    };
    match join.kind {
        LinkKind::Inner => next.extend(found.into_iter().map(|row| with(Some(row)))),
        LinkKind::Outer | LinkKind::NotAny if found.is_empty() => next.push(with(None)),
        LinkKind::Outer => next.extend(found.into_iter().map(|row| with(Some(row)))),
        LinkKind::Exists if !found.is_empty() => next.push(with(found.first().copied())),
        LinkKind::Exists | LinkKind::NotAny => {}
    }
}

/// The rows of a table that belong to one of the table before.
fn matching<'a>(
    dataverse: &'a Dataverse,
    scoped: &Scoped,
    join: &Join,
    parent: &Row,
) -> Vec<&'a Row> {
    let store = &dataverse.store;
    if let Some((relationship, is_second)) = join.pairs {
        let ids = store.peers(relationship, is_second, parent.id);
        return ids.filter_map(|id| store.get(scoped.table, id)).collect();
    }
    let value = if join.to == 0 {
        Some(Cell::Guid(parent.id))
    } else {
        parent.get(join.to).cloned()
    };
    let Some(value) = value else {
        return Vec::new();
    };
    match value.as_guid() {
        Some(id) => by_id(dataverse, scoped, join, id, &value),
        None => store
            .rows(scoped.table)
            .filter(|row| {
                row.get(join.from)
                    .is_some_and(|cell| cell.compare(&value) == Some(std::cmp::Ordering::Equal))
            })
            .collect(),
    }
}

fn by_id<'a>(
    dataverse: &'a Dataverse,
    scoped: &Scoped,
    join: &Join,
    id: Uuid,
    value: &Cell,
) -> Vec<&'a Row> {
    let store = &dataverse.store;
    if join.from != 0 {
        return store.referring(scoped.table, join.from, id).collect();
    }
    // A lookup that may lead to several tables leads to one of them only.
    if value
        .as_link()
        .is_some_and(|link| link.table != scoped.table)
    {
        return Vec::new();
    }
    store.get(scoped.table, id).into_iter().collect()
}
