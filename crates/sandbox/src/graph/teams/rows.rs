//! Collections of Teams, with the query options that they have.

use serde_json::{Map, Value};

use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::{self, Page};
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{self, Style, Window};
use crate::odata::project::Selection;
use crate::odata::schema::EntityType;

/// One object as Graph shows it.
pub(super) type Row = Map<String, Value>;

/// How large pages are: without `$top`, and at most.
#[derive(Clone, Copy)]
pub(super) struct Sizes {
    pub(super) usual: usize,
    pub(super) most: usize,
}

/// `$filter`, `$orderby`, `$top`, `$select` and `$count` over a collection.
pub(super) fn list(
    call: &Call,
    set: &str,
    entity: &EntityType,
    rows: Vec<Row>,
    sizes: Sizes,
) -> Result<Reply, Fault> {
    let mut condition = call.options.filter.clone();
    if let Some(condition) = &mut condition {
        filter::bind(condition, entity).map_err(|error| bad_query(&error))?;
    }
    let mut keys = call.options.order_by.clone();
    order::bind(&mut keys, entity).map_err(|error| bad_query(&error))?;
    let mut rows: Vec<Value> = rows.into_iter().map(Value::Object).collect();
    if let Some(condition) = &condition {
        rows.retain(|row| eval::matches(condition, row));
    }
    if !keys.is_empty() {
        rows.sort_by(|a, b| order::compare(&keys, a, b));
    }
    page(call, set, rows, sizes)
}

/// One page of rows that are filtered and sorted already.
pub(super) fn page(call: &Call, set: &str, rows: Vec<Value>, sizes: Sizes) -> Result<Reply, Fault> {
    let size = size(call, sizes)?;
    let start = match &call.options.skip_token {
        Some(token) => {
            paging::position(token).ok_or_else(|| Fault::bad_request("Invalid $skiptoken."))?
        }
        None => call.options.skip.unwrap_or_default(),
    };
    let window = Window::new(rows.len(), start, size);
    let total = rows.len();
    let selection = Selection::new(&call.options.select);
    let shown = rows
        .into_iter()
        .skip(window.start)
        .take(window.end - window.start);
    let page = Page {
        context: call.context(&format!("{set}{}", selection.context_suffix())),
        count: call.options.count.then_some(total),
        next: call.next_link(Style::Token, window),
        value: shown.map(|row| project(row, &selection)).collect(),
    };
    Ok(Reply::json(&page.into_value()))
}

/// The size of a page; too large a wish is refused.
pub(super) fn size(call: &Call, sizes: Sizes) -> Result<usize, Fault> {
    let size = call.options.top.unwrap_or(sizes.usual);
    if size > sizes.most {
        return Err(Fault::bad_request(format!(
            "The limit of '{}' for Top query has been exceeded. The value from the incoming request is '{size}'.",
            sizes.most
        )));
    }
    Ok(size.max(1))
}

/// One object.
pub(super) fn one(call: &Call, set: &str, row: Row) -> Reply {
    let selection = Selection::new(&call.options.select);
    let context = call.context(&format!("{set}{}/$entity", selection.context_suffix()));
    match project(Value::Object(row), &selection) {
        Value::Object(row) => Reply::json(&envelope::entity(&context, row)),
        other => Reply::json(&other),
    }
}

/// 201 with the new object.
pub(super) fn created(call: &Call, set: &str, row: Row) -> Reply {
    let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
    let location = format!("{}/{set}('{id}')", call.base);
    let context = call.context(&format!("{set}/$entity"));
    Reply::created(&envelope::entity(&context, row), location)
}

fn project(row: Value, selection: &Selection) -> Value {
    let Value::Object(mut row) = row else {
        return row;
    };
    selection.apply(&mut row, &["id"]);
    Value::Object(row)
}

fn bad_query(error: &crate::odata::error::Error) -> Fault {
    Fault::bad_request(error.to_string())
}
