//! What Microsoft said about listed tables and companies.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::{FutureExt, StreamExt, stream};
use model::{CompanyName, TableName};

use super::super::answers::{AGAIN_SECS, FRESH_SECS};
use super::{Limits, lookup};
use crate::Result;

/// The lookups of one call that are under way at a time.
const AT_ONCE: usize = 6;
/// Tables that are asked about at once.
const TABLES: usize = 20;

/// What may be looked up and kept.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::policy) enum Question {
    /// The entity sets of listed tables.
    Sets(Vec<TableName>),
    /// Where the navigation properties of a listed table lead.
    Relations(TableName),
    /// The columns of a listed table.
    Columns(TableName),
    /// Id and name of a listed company.
    Company(CompanyName),
}

#[derive(Debug)]
pub(in crate::policy) enum Answer {
    /// Logical names by entity set, in lower case.
    Sets(BTreeMap<String, TableName>),
    /// Logical names of tables by navigation property, in lower case.
    Relations(BTreeMap<String, BTreeSet<String>>),
    Columns(BTreeSet<String>),
    Company(Company),
    Missing,
}

/// A listed company, by both of its names.
#[derive(Debug, Clone)]
pub(in crate::policy) struct Company {
    /// In lower case.
    pub(super) id: String,
    pub(super) name: String,
}

/// What a name means among what is listed.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) table: Option<TableName>,
    /// Those listed of which Microsoft knows none.
    pub(super) missing: Vec<String>,
}

async fn get(limits: &Limits<'_>, question: Question, secs: i64) -> Result<Arc<Answer>> {
    let (parts, connection) = (limits.parts, limits.snapshot.connection.id);
    let asking = lookup::answer(limits, question.clone()).boxed();
    let known = &parts.known.dynamics;
    known.get(parts, connection, question, secs, asking).await
}

/// The listed table that has this entity set.
pub(super) async fn table_of(
    limits: &Limits<'_>,
    listed: &BTreeSet<TableName>,
    set: &str,
) -> Result<Found> {
    let set = set.to_ascii_lowercase();
    let all: Vec<TableName> = listed.iter().cloned().collect();
    let mut found = Found::default();
    for secs in [FRESH_SECS, AGAIN_SECS] {
        let mut asked = Vec::new();
        for some in all.chunks(TABLES) {
            asked.push(get(limits, Question::Sets(some.to_vec()), secs));
        }
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        let mut known = BTreeSet::new();
        while let Some(answer) = answers.next().await {
            if let Answer::Sets(sets) = &*answer? {
                if let Some(table) = sets.get(&set) {
                    found.table = Some(table.clone());
                    return Ok(found);
                }
                known.extend(sets.values().cloned());
            }
        }
        found.missing = listed.difference(&known).map(ToString::to_string).collect();
        if found.missing.is_empty() {
            break;
        }
    }
    Ok(found)
}

/// The tables that a navigation property of a listed table leads to; none where it has no such.
pub(super) async fn beside(
    limits: &Limits<'_>,
    table: &TableName,
    step: &str,
) -> Result<BTreeSet<String>> {
    let step = step.to_ascii_lowercase();
    for secs in [FRESH_SECS, AGAIN_SECS] {
        let answer = get(limits, Question::Relations(table.clone()), secs).await?;
        if let Answer::Relations(relations) = &*answer
            && let Some(tables) = relations.get(&step)
        {
            return Ok(tables.clone());
        }
    }
    Ok(BTreeSet::new())
}

/// Whether a listed table has such a column.
pub(super) async fn has_column(limits: &Limits<'_>, table: &TableName, name: &str) -> Result<bool> {
    let name = name.to_ascii_lowercase();
    for secs in [FRESH_SECS, AGAIN_SECS] {
        let answer = get(limits, Question::Columns(table.clone()), secs).await?;
        if let Answer::Columns(columns) = &*answer
            && columns.contains(&name)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The listed company that `is_it`, and those that are not there.
pub(super) async fn company(
    limits: &Limits<'_>,
    listed: impl Iterator<Item = &CompanyName>,
    is_it: impl Fn(&Company) -> bool,
) -> Result<(bool, Vec<String>)> {
    let mut missing = Vec::new();
    let names: Vec<&CompanyName> = listed.collect();
    for secs in [FRESH_SECS, AGAIN_SECS] {
        missing.clear();
        let mut asked = Vec::new();
        for name in &names {
            let question = Question::Company((*name).clone());
            asked.push(async move { (*name, get(limits, question, secs).await) });
        }
        let mut answers = stream::iter(asked).buffer_unordered(AT_ONCE);
        while let Some((name, answer)) = answers.next().await {
            match &*answer? {
                Answer::Company(company) if is_it(company) => return Ok((true, Vec::new())),
                Answer::Company(_) => {}
                _ => missing.push(name.to_string()),
            }
        }
        if missing.is_empty() {
            break;
        }
    }
    Ok((false, missing))
}
