//! Collections of directory objects, with the query options that the directory has.

use serde_json::Value;

use super::Row;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{self, Style, Window};
use crate::odata::project::Selection;
use crate::odata::schema::EntityType;

const DEFAULT_PAGE: usize = 100;
const MAX_PAGE: usize = 999;

/// `$filter`, `$orderby`, `$top`, `$select` and `$count` over a collection.
pub(super) fn list(
    call: &Call,
    set: &str,
    entity: &EntityType,
    rows: Vec<Row>,
) -> Result<Reply, Fault> {
    let selection = selection(call, entity)?;
    let options = &call.options;
    let mut condition = options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, entity).map_err(|error| Fault::directory_query(&error))?;
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, entity).map_err(|error| Fault::directory_query(&error))?;
    if options.search.is_some() {
        return Err(Fault::not_implemented("$search on the directory"));
    }
    let mut rows: Vec<Value> = rows.into_iter().map(Value::Object).collect();
    if let Some(condition) = &condition {
        rows.retain(|row| eval::matches(condition, row));
    }
    rows.sort_by(|a, b| order::compare(&keys, a, b));
    let size = options.top.unwrap_or(DEFAULT_PAGE).clamp(1, MAX_PAGE);
    let start = match &options.skip_token {
        Some(token) => {
            paging::position(token).ok_or_else(|| Fault::bad_request("Invalid $skiptoken."))?
        }
        None => 0,
    };
    let window = Window::new(rows.len(), start, size);
    let shown = rows[window.start..window.end].iter().cloned();
    let page = Page {
        context: call.context(&format!("{set}{}", selection.context_suffix())),
        count: (options.count && call.is_eventual()).then_some(rows.len()),
        next: call.next_link(Style::Token, window),
        value: shown
            .map(|row| Value::Object(project(row, &selection)))
            .collect(),
    };
    Ok(Reply::json(&page.into_value()))
}

/// How many objects meet the condition; only the index that lags behind counts.
pub(super) fn count(call: &Call, entity: &EntityType, rows: Vec<Row>) -> Result<Reply, Fault> {
    if !call.is_eventual() {
        return Err(Fault::needs_eventual_consistency());
    }
    let mut condition = call.options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, entity).map_err(|error| Fault::directory_query(&error))?;
    }
    let rows = rows.into_iter().map(Value::Object);
    let meets = |row: &Value| condition.as_ref().is_none_or(|it| eval::matches(it, row));
    Ok(Reply::count(rows.filter(meets).count()))
}

/// One object, as far as it was selected.
pub(super) fn one(call: &Call, set: &str, entity: &EntityType, row: Row) -> Result<Reply, Fault> {
    let selection = selection(call, entity)?;
    let context = call.context(&format!("{set}{}/$entity", selection.context_suffix()));
    let row = project(Value::Object(row), &selection);
    Ok(Reply::json(&envelope::entity(&context, row)))
}

/// 201 with the new object.
pub(super) fn created(call: &Call, set: &str, row: Row) -> Reply {
    let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
    let location = format!("{}/{set}/{id}", call.base);
    let context = call.context(&format!("{set}/$entity"));
    Reply::created(&envelope::entity(&context, row), location)
}

/// Relations that callers put into the rows themselves.
const EXPANDED: [&str; 2] = ["members", "owners"];

fn selection(call: &Call, entity: &EntityType) -> Result<Selection, Fault> {
    let served: Vec<&str> = EXPANDED
        .into_iter()
        .filter(|name| entity.property(name).is_some())
        .collect();
    call.expands_only(&served, entity, Fault::directory_query)?;
    let mut select = call.options.select.clone();
    entity
        .resolve_select(&mut select)
        .map_err(|error| Fault::directory_query(&error))?;
    Ok(Selection::new(&select))
}

fn project(row: Value, selection: &Selection) -> Row {
    let Value::Object(mut row) = row else {
        return Row::new();
    };
    if !selection.is_everything() {
        selection.apply(&mut row, &[]);
    }
    row
}
