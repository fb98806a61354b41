//! A page of things of which there are few: sites, lists, columns, pages.

use serde_json::{Map, Value};

use super::fault;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{self, Style, Window};
use crate::odata::project::Selection;
use crate::odata::schema::EntityType;

pub(super) const DEFAULT_PAGE: usize = 200;
const MAX_PAGE: usize = 5_000;

/// What `$select` asks for.
pub(super) fn selection(select: &[String], kind: &EntityType) -> Result<Selection, Fault> {
    let mut select = select.to_vec();
    for name in &mut select {
        // Whatever lies below a facet comes with the facet.
        let first = name.split('/').next().unwrap_or_default().to_owned();
        *name = first;
    }
    kind.resolve_select(&mut select)
        .map_err(|error| fault::query(&error))?;
    Ok(Selection::new(&select))
}

/// One page of these, filtered, sorted and cut as the request says.
pub(super) fn page(
    call: &Call,
    kind: &EntityType,
    set: &str,
    mut rows: Vec<Map<String, Value>>,
) -> Result<Reply, Fault> {
    let options = &call.options;
    let selection = selection(&options.select, kind)?;
    if let Some(mut condition) = options.filter.clone() {
        filter::bind(&mut condition, kind).map_err(|error| fault::query(&error))?;
        rows.retain(|row| eval::matches(&condition, &Value::Object(row.clone())));
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, kind).map_err(|error| fault::query(&error))?;
    if !keys.is_empty() {
        let mut sorted: Vec<Value> = rows.into_iter().map(Value::Object).collect();
        sorted.sort_by(|a, b| order::compare(&keys, a, b));
        rows = sorted
            .into_iter()
            .filter_map(|row| match row {
                Value::Object(row) => Some(row),
                _ => None,
            })
            .collect();
    }
    let window = window(call, rows.len())?;
    let value = rows[window.start..window.end]
        .iter()
        .map(|row| {
            let mut row = row.clone();
            selection.apply(&mut row, &[]);
            Value::Object(row)
        })
        .collect();
    let page = Page {
        context: call.context(&format!("{set}{}", selection.context_suffix())),
        count: options.count.then_some(rows.len()),
        next: call.next_link(Style::Token, window),
        value,
    };
    Ok(Reply::json(&page.into_value()))
}

/// The part of so many rows that the request asks for.
pub(super) fn window(call: &Call, total: usize) -> Result<Window, Fault> {
    let options = &call.options;
    let start = match options.skip_token.as_deref().map(paging::position) {
        None => options.skip.unwrap_or_default(),
        Some(Some(position)) => position,
        Some(None) => return Err(fault::invalid("The skip token is invalid.")),
    };
    let size = options
        .top
        .or(call.prefer.max_page_size)
        .unwrap_or(DEFAULT_PAGE)
        .min(MAX_PAGE);
    Ok(Window::new(total, start, size))
}

/// One of them under its context.
pub(super) fn single(
    call: &Call,
    kind: &EntityType,
    set: &str,
    mut row: Map<String, Value>,
) -> Result<Reply, Fault> {
    let selection = selection(&call.options.select, kind)?;
    selection.apply(&mut row, &[]);
    let context = call.context(&format!("{set}{}/$entity", selection.context_suffix()));
    Ok(Reply::json(&envelope::entity(&context, row)))
}

/// The members of a JSON object.
pub(super) fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}
