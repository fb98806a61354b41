//! A query run, and its page written down.

use std::cmp::Ordering;
use std::collections::HashSet;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::bind::{Bound, Output, Role, Sort};
use super::join::{Joined, join};
use super::model::Fetch;
use crate::Dataverse;
use crate::call::Call;
use crate::cell::Cell;
use crate::fault::Fault;
use crate::query::Cookie;
use crate::query::aggregate::{Grouping, Measure, group};
use crate::query::condition::{Scope, Value as Held, compare};
use crate::query::list::PAGE;
use crate::query::operator::Maker;
use crate::query::render::{Renderer, etag};

/// The answer's body.
pub(super) fn run(dataverse: &Dataverse, call: &Call, fetch: &Fetch) -> Result<Value, Fault> {
    let maker = Maker::of(dataverse, call);
    let bound = Bound::new(maker, fetch)?;
    let mut rows = join(dataverse, &call.who, &bound)?;
    if fetch.aggregate {
        return aggregated(dataverse, call, fetch, &bound, &rows);
    }
    sort(dataverse, &bound, &mut rows);
    let renderer = Renderer::of(dataverse, call);
    if fetch.distinct {
        let mut seen = HashSet::new();
        rows.retain(|joined| {
            let mut shown = Map::new();
            show(&renderer, &bound.outputs, joined, &mut shown);
            seen.insert(Value::Object(shown).to_string())
        });
    }
    let total = rows.len();
    let size = fetch
        .count
        .or(call.prefer.max_page_size)
        .unwrap_or(PAGE)
        .min(PAGE);
    let (start, end) = if let Some(top) = fetch.top {
        (0, top.min(PAGE).min(total))
    } else {
        let start = (fetch.page - 1).saturating_mul(size).min(total);
        (start, start.saturating_add(size).min(total))
    };
    let key = dataverse.schema.table(bound.scopes[0].table).key_name();
    let values: Vec<Value> = rows[start..end]
        .iter()
        .map(|joined| {
            let mut object = Map::new();
            if let (Some(Some(row)), false) = (joined.first(), fetch.distinct) {
                object.insert("@odata.etag".to_owned(), json!(etag(row)));
                show(&renderer, &bound.outputs, joined, &mut object);
                object
                    .entry(key)
                    .or_insert_with(|| json!(row.id.to_string()));
            } else {
                show(&renderer, &bound.outputs, joined, &mut object);
            }
            Value::Object(object)
        })
        .collect();
    let mut body = head(dataverse, call, &bound);
    if fetch.total || call.options.count {
        body.insert("@odata.count".to_owned(), json!(total.min(PAGE)));
        body.insert(
            "@Microsoft.Dynamics.CRM.totalrecordcount".to_owned(),
            json!(total.min(PAGE)),
        );
        body.insert(
            "@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded".to_owned(),
            json!(total > PAGE),
        );
    }
    body.insert("value".to_owned(), Value::Array(values));
    if fetch.top.is_none() && end < total {
        let last = rows[start..end]
            .last()
            .and_then(|joined| joined[0])
            .map_or(Uuid::nil(), |row| row.id);
        let cookie = Cookie {
            page: fetch.page + 1,
            last,
            offset: end,
        };
        body.insert(
            "@Microsoft.Dynamics.CRM.fetchxmlpagingcookie".to_owned(),
            json!(cookie.to_text(key)),
        );
        body.insert(
            "@Microsoft.Dynamics.CRM.morerecords".to_owned(),
            json!(true),
        );
    } else if fetch.count.is_some() || fetch.page > 1 {
        body.insert(
            "@Microsoft.Dynamics.CRM.morerecords".to_owned(),
            json!(false),
        );
    }
    if let Some(cookie) = &fetch.cookie
        && Cookie::parse(cookie).is_none()
    {
        return Err(Fault::bad_fetch("Malformed XML in the Paging Cookie"));
    }
    Ok(Value::Object(body))
}

fn head(dataverse: &Dataverse, call: &Call, bound: &Bound) -> Map<String, Value> {
    let set = &dataverse.schema.table(bound.scopes[0].table).set_name;
    let names: Vec<&str> = bound
        .outputs
        .iter()
        .filter(|output| output.path.scope == 0)
        .map(|output| output.name.as_str())
        .collect();
    let mut body = Map::new();
    let context = call.context(&format!("{set}({})", names.join(",")));
    body.insert("@odata.context".to_owned(), json!(context));
    body
}

/// The values of one combination; what is null is left out.
fn show(
    renderer: &Renderer<'_>,
    outputs: &[Output],
    joined: &Joined<'_>,
    object: &mut Map<String, Value>,
) {
    for output in outputs {
        let path = &output.path;
        let Some(Some(row)) = joined.get(path.scope) else {
            continue;
        };
        let Some(cell) = renderer.dataverse.value(path.table, row, path.column) else {
            continue;
        };
        renderer.annotate(object, &output.name, path.table, row, path.column, &cell);
        object.insert(output.name.clone(), cell.json());
    }
}

fn sort(dataverse: &Dataverse, bound: &Bound, rows: &mut [Joined<'_>]) {
    let path_of = |sort: &Sort| match sort {
        Sort::Path(path) => path.clone(),
        Sort::Output(at) => bound.outputs[*at].path.clone(),
    };
    let keys: Vec<_> = bound
        .orders
        .iter()
        .map(|(sort, down)| (path_of(sort), *down))
        .collect();
    if keys.is_empty() {
        return;
    }
    rows.sort_by(|left, right| {
        keys.iter()
            .map(|(path, descending)| {
                let a = Scope {
                    dataverse,
                    rows: left,
                }
                .value(path);
                let b = Scope {
                    dataverse,
                    rows: right,
                }
                .value(path);
                let (a, b) = (a.as_ref().map(Held::cell), b.as_ref().map(Held::cell));
                let ordering = compare(a.as_deref(), b.as_deref());
                if *descending {
                    ordering.reverse()
                } else {
                    ordering
                }
            })
            .find(|ordering| *ordering != Ordering::Equal)
            .unwrap_or(Ordering::Equal)
    });
}

fn aggregated(
    dataverse: &Dataverse,
    call: &Call,
    fetch: &Fetch,
    bound: &Bound,
    rows: &[Joined<'_>],
) -> Result<Value, Fault> {
    let grouped: Vec<&Output> = bound
        .outputs
        .iter()
        .filter(|it| matches!(it.role, Role::Group(_)))
        .collect();
    let computed: Vec<&Output> = bound
        .outputs
        .iter()
        .filter(|it| matches!(it.role, Role::Measure(_)))
        .collect();
    let groupings: Vec<Grouping> = grouped
        .iter()
        .map(|output| Grouping {
            path: output.path.clone(),
            part: output.role.part(),
        })
        .collect();
    let measures: Vec<Measure> = computed
        .iter()
        .map(|output| Measure {
            function: output.role.function(),
            path: Some(output.path.clone()),
        })
        .collect();
    let mut groups = group(dataverse, rows, &groupings, &measures)?;
    let place = |name: &str| {
        grouped
            .iter()
            .chain(&computed)
            .position(|it| it.name == name)
    };
    for (sort, descending) in bound.orders.iter().rev() {
        let Sort::Output(at) = sort else {
            return Err(Fault::bad_fetch(
                "An order of an aggregate query needs an alias.",
            ));
        };
        let at = place(&bound.outputs[*at].name).unwrap_or_default();
        groups.sort_by(|left, right| {
            let pick = |group: &crate::query::aggregate::Group<'_>| -> Option<Cell> {
                group
                    .keys
                    .iter()
                    .chain(&group.values)
                    .nth(at)
                    .cloned()
                    .flatten()
            };
            let ordering = compare(pick(left).as_ref(), pick(right).as_ref());
            if *descending {
                ordering.reverse()
            } else {
                ordering
            }
        });
    }
    let renderer = Renderer::of(dataverse, call);
    let most = fetch.top.or(fetch.count).unwrap_or(PAGE);
    let values = groups.iter().take(most).map(|group| {
        let mut object = Map::new();
        for (output, cell) in grouped.iter().zip(&group.keys) {
            let Some(held) = cell else { continue };
            let path = &output.path;
            if let (Some(Some(row)), None) = (group.sample.get(path.scope), output.role.part()) {
                renderer.annotate(
                    &mut object,
                    &output.name,
                    path.table,
                    row,
                    path.column,
                    held,
                );
            }
            object.insert(output.name.clone(), held.json());
        }
        for (output, cell) in computed.iter().zip(&group.values) {
            let Some(held) = cell else { continue };
            object.insert(output.name.clone(), held.json());
        }
        Value::Object(object)
    });
    let values: Vec<Value> = values.collect();
    let mut body = head(dataverse, call, bound);
    body.insert("value".to_owned(), Value::Array(values));
    Ok(Value::Object(body))
}
