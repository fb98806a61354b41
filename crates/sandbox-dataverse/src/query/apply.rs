//! `$apply`: filter, groupby, aggregate.
//! Source: <https://learn.microsoft.com/power-apps/developer/data-platform/webapi/query/aggregate-data>

use serde_json::{Map, Value, json};

use super::aggregate::{Function, Grouping, Measure, group};
use super::condition::{Condition, Scope, compare};
use super::list::PAGE;
use super::operator::Maker;
use super::render::Renderer;
use crate::Dataverse;
use crate::args::cut;
use crate::call::Call;
use crate::fault::Fault;
use crate::reply::Reply;
use crate::schema::TableId;
use crate::security::Access;
use crate::store::Row;

/// What an `$apply` asks for.
#[derive(Debug, Default)]
struct Apply {
    conditions: Vec<Condition>,
    /// Name in the answer and what it is.
    groupings: Vec<(String, Grouping)>,
    measures: Vec<(String, Measure)>,
}

pub(super) fn answer(
    dataverse: &Dataverse,
    call: &Call,
    table: TableId,
    text: &str,
) -> Result<Reply, Fault> {
    let depth = dataverse.need(&call.who, Access::Read, table)?;
    let maker = Maker::of(dataverse, call);
    let mut apply = Apply::default();
    read(maker, table, text, &mut apply)?;
    if let Some(filter) = &call.options.filter {
        apply.conditions.push(maker.filter(filter, table)?);
    }
    let condition = Condition::All(apply.conditions);
    let rows: Vec<Vec<Option<&Row>>> = dataverse
        .candidates(table, Some(&condition))
        .filter(|row| dataverse.reaches(&call.who, Access::Read, depth, table, row))
        .filter(|row| Scope::one(dataverse, row, &condition))
        .map(|row| vec![Some(row)])
        .collect();
    let groupings: Vec<Grouping> = apply.groupings.iter().map(|(_, it)| it.clone()).collect();
    let measures: Vec<Measure> = apply.measures.iter().map(|(_, it)| it.clone()).collect();
    let mut groups = group(dataverse, &rows, &groupings, &measures)?;
    let names: Vec<&str> = apply
        .groupings
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(apply.measures.iter().map(|(name, _)| name.as_str()))
        .collect();
    for key in call.options.order_by.iter().rev() {
        let name = key.path.join("/");
        let at = names.iter().position(|known| *known == name);
        let at = at.ok_or_else(|| {
            Fault::unknown_property(&name, &dataverse.schema.table(table).type_name())
        })?;
        groups.sort_by(|left, right| {
            let pick = |group: &super::aggregate::Group<'_>| {
                group
                    .keys
                    .iter()
                    .chain(&group.values)
                    .nth(at)
                    .cloned()
                    .flatten()
            };
            let ordering = compare(pick(left).as_ref(), pick(right).as_ref());
            if key.descending {
                ordering.reverse()
            } else {
                ordering
            }
        });
    }
    let renderer = Renderer::of(dataverse, call);
    let top = call.options.top.unwrap_or(PAGE).min(PAGE);
    let values: Vec<Value> = groups
        .iter()
        .take(top)
        .map(|group| {
            let mut object = Map::new();
            for ((name, grouping), cell) in apply.groupings.iter().zip(&group.keys) {
                let path = &grouping.path;
                if let (Some(cell), Some(Some(row))) = (cell, group.sample.first()) {
                    renderer.annotate(&mut object, name, path.table, row, path.column, cell);
                }
                let value = cell.as_ref().map_or(Value::Null, crate::cell::Cell::json);
                match name.split_once('/') {
                    // A property of a related row is nested.
                    Some((navigation, inner)) => {
                        object.entry(navigation).or_insert_with(|| json!({}))[inner] = value;
                    }
                    None => {
                        object.insert(name.clone(), value);
                    }
                }
            }
            for ((name, _), cell) in apply.measures.iter().zip(&group.values) {
                let value = cell.as_ref().map_or(Value::Null, crate::cell::Cell::json);
                object.insert(name.clone(), value);
            }
            Value::Object(object)
        })
        .collect();
    let set = &dataverse.schema.table(table).set_name;
    let context = call.context(&format!("{set}({})", names.join(",")));
    Ok(Reply::ok(
        &json!({ "@odata.context": context, "value": values }),
    ))
}

fn bad(text: &str) -> Fault {
    sandbox_odata::error::Error::syntax(text, 0).into()
}

fn read(maker: Maker<'_>, table: TableId, text: &str, apply: &mut Apply) -> Result<(), Fault> {
    for step in cut(text, '/').ok_or_else(|| bad(text))? {
        let step = step.trim();
        let inner = |name: &str| {
            let rest = step.strip_prefix(name)?.trim_start();
            rest.strip_prefix('(')?.strip_suffix(')')
        };
        if let Some(filter) = inner("filter") {
            let expr = sandbox_odata::filter::parse(filter)?;
            apply.conditions.push(maker.filter(&expr, table)?);
        } else if let Some(list) = inner("aggregate") {
            aggregate(maker, table, list, apply)?;
        } else if let Some(list) = inner("groupby") {
            let parts = cut(list, ',').ok_or_else(|| bad(text))?;
            let (keys, rest) = parts.split_first().ok_or_else(|| bad(text))?;
            let keys = keys
                .trim()
                .strip_prefix('(')
                .and_then(|it| it.strip_suffix(')'));
            for name in keys.ok_or_else(|| bad(text))?.split(',') {
                let names: Vec<String> = name.trim().split('/').map(str::to_owned).collect();
                let path = maker.path(&names, table)?;
                apply
                    .groupings
                    .push((name.trim().to_owned(), Grouping { path, part: None }));
            }
            for more in rest {
                let list = more
                    .trim()
                    .strip_prefix("aggregate(")
                    .and_then(|it| it.strip_suffix(')'));
                aggregate(maker, table, list.ok_or_else(|| bad(text))?, apply)?;
            }
        } else {
            return Err(bad(text));
        }
    }
    Ok(())
}

/// `revenue with sum as total, $count as count`
fn aggregate(maker: Maker<'_>, table: TableId, list: &str, apply: &mut Apply) -> Result<(), Fault> {
    for one in list.split(',') {
        let words: Vec<&str> = one.split_whitespace().collect();
        let (name, measure) = match words[..] {
            ["$count", "as", alias] => (
                alias,
                Measure {
                    function: Function::Count,
                    path: None,
                },
            ),
            [column, "with", function, "as", alias] => {
                let function = match function {
                    "sum" => Function::Sum,
                    "average" => Function::Average,
                    "min" => Function::Min,
                    "max" => Function::Max,
                    "countdistinct" => Function::CountDistinct,
                    _ => return Err(bad(one)),
                };
                let names: Vec<String> = column.split('/').map(str::to_owned).collect();
                let path = Some(maker.path(&names, table)?);
                (alias, Measure { function, path })
            }
            _ => return Err(bad(one)),
        };
        apply.measures.push((name.to_owned(), measure));
    }
    Ok(())
}
