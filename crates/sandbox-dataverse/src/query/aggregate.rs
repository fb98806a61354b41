//! Groups of rows and what is computed of each.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::tz::Offset;

use super::condition::{Path, Scope, Value, compare};
use crate::Dataverse;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::store::Row;

/// Rows that an aggregate may go over.
const MOST_ROWS: usize = 50_000;

/// What is computed of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Function {
    Sum,
    Average,
    Min,
    Max,
    /// Of rows.
    Count,
    /// Of values.
    CountValues,
    CountDistinct,
}

/// One computed value.
#[derive(Debug, Clone)]
pub(crate) struct Measure {
    pub(crate) function: Function,
    /// None counts rows.
    pub(crate) path: Option<Path>,
}

/// What groups are told apart by.
#[derive(Debug, Clone)]
pub(crate) struct Grouping {
    pub(crate) path: Path,
    /// Of a date: only this part of it.
    pub(crate) part: Option<DatePart>,
}

/// A part of a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DatePart {
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// A group with what it is told apart by, what was computed, and one of its rows.
pub(crate) struct Group<'a> {
    pub(crate) keys: Vec<Option<Cell>>,
    pub(crate) values: Vec<Option<Cell>>,
    pub(crate) sample: Vec<Option<&'a Row>>,
}

/// Groups in the order of their first rows; without groupings there is one, even of no rows.
pub(crate) fn group<'a>(
    dataverse: &'a Dataverse,
    rows: &[Vec<Option<&'a Row>>],
    groupings: &[Grouping],
    measures: &[Measure],
) -> Result<Vec<Group<'a>>, Fault> {
    if rows.len() > MOST_ROWS {
        return Err(Fault::conflict(
            "0x8004e023",
            "AggregateQueryRecordLimit exceeded. Cannot perform this operation.",
        ));
    }
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<(Vec<Option<Cell>>, Vec<usize>)> = Vec::new();
    for (number, joined) in rows.iter().enumerate() {
        let scope = Scope {
            dataverse,
            rows: joined,
        };
        let keys: Vec<Option<Cell>> = groupings
            .iter()
            .map(|grouping| key(scope, grouping))
            .collect();
        let name = format!("{keys:?}").to_lowercase();
        let place = *places.entry(name).or_insert_with(|| {
            groups.push((keys, Vec::new()));
            groups.len() - 1
        });
        groups[place].1.push(number);
    }
    if groups.is_empty() && groupings.is_empty() {
        groups.push((Vec::new(), Vec::new()));
    }
    let finished = groups.into_iter().map(|(keys, members)| Group {
        keys,
        values: measures
            .iter()
            .map(|measure| value(dataverse, rows, &members, measure))
            .collect(),
        sample: members
            .first()
            .map(|at| rows[*at].clone())
            .unwrap_or_default(),
    });
    Ok(finished.collect())
}

fn key(scope: Scope<'_>, grouping: &Grouping) -> Option<Cell> {
    let cell = scope.value(&grouping.path)?.cell().into_owned();
    let Some(part) = grouping.part else {
        return Some(cell);
    };
    let date = Offset::UTC.to_datetime(cell.as_time()?).date();
    Some(Cell::Whole(i64::from(match part {
        DatePart::Day => i16::from(date.day()),
        DatePart::Week => i16::from(date.iso_week_date().week()),
        DatePart::Month => i16::from(date.month()),
        DatePart::Quarter => (i16::from(date.month()) - 1) / 3 + 1,
        DatePart::Year => date.year(),
    })))
}

fn value(
    dataverse: &Dataverse,
    rows: &[Vec<Option<&Row>>],
    members: &[usize],
    measure: &Measure,
) -> Option<Cell> {
    let count = |number: usize| Some(Cell::Whole(i64::try_from(number).unwrap_or(i64::MAX)));
    let Some(path) = &measure.path else {
        return count(members.len());
    };
    let cells: Vec<Cell> = members
        .iter()
        .filter_map(|at| {
            Scope {
                dataverse,
                rows: &rows[*at],
            }
            .value(path)
            .map(|it: Value<'_>| it.cell().into_owned())
        })
        .collect();
    let numbers = || cells.iter().filter_map(Cell::as_number);
    match measure.function {
        Function::Count => count(members.len()),
        Function::CountValues => count(cells.len()),
        Function::CountDistinct => {
            let mut sorted = cells;
            sorted.sort_by(|a, b| compare(Some(a), Some(b)));
            sorted.dedup_by(|a, b| compare(Some(a), Some(b)) == Ordering::Equal);
            count(sorted.len())
        }
        Function::Sum if cells.is_empty() => None,
        Function::Sum => Some(total(&cells)),
        Function::Average => {
            let all: Vec<f64> = numbers().collect();
            let length = u32::try_from(all.len()).ok().filter(|length| *length > 0)?;
            Some(Cell::Number(all.iter().sum::<f64>() / f64::from(length)))
        }
        Function::Min => cells.into_iter().min_by(|a, b| compare(Some(a), Some(b))),
        Function::Max => cells.into_iter().max_by(|a, b| compare(Some(a), Some(b))),
    }
}

fn total(cells: &[Cell]) -> Cell {
    let wholes: Option<i64> = cells
        .iter()
        .map(Cell::as_whole)
        .try_fold(0_i64, |sum, one| sum.checked_add(one?));
    match wholes {
        Some(sum) => Cell::Whole(sum),
        None => Cell::Number(cells.iter().filter_map(Cell::as_number).sum()),
    }
}
