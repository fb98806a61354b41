//! Listing a folder: <https://learn.microsoft.com/graph/api/driveitem-list-children>

use axum::http::StatusCode;
use serde_json::Value;
use uuid::Uuid;

use super::access::Access;
use super::address::Address;
use super::render::View;
use super::{Target, fault, list_items};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::odata::filter::{self, eval};
use crate::odata::order;
use crate::odata::paging::{self, Style, Window};
use crate::state::drive::tree::Drive;

pub(super) const DEFAULT_PAGE: usize = 200;
const MAX_PAGE: usize = 1_000;

/// `GET …/children`
pub(super) fn children(call: &Call, target: &Target, address: &Address) -> Result<Reply, Fault> {
    let view = View::of(call, target)?;
    let page = target.read(call, |drive| {
        let unique = target.item(call, drive, address, Access::Read)?;
        let item = drive.item(unique).ok_or_else(fault::not_found)?;
        // A file simply has none.
        let children = item
            .children()
            .into_iter()
            .flat_map(|children| children.values());
        let found = children.copied().collect();
        let set = format!(
            "drives('{}')/items('{}')/children",
            drive.id,
            drive.id_of(unique)
        );
        page(call, &view, drive, found, &set)
    })?;
    finished(call, target, page)
}

/// The page as it is sent.
pub(super) fn finished(call: &Call, target: &Target, mut page: Page) -> Result<Reply, Fault> {
    list_items::add(call, target, &mut page.value)?;
    Ok(Reply::json(&page.into_value()))
}

/// One page of these items, filtered and sorted as the request says.
pub(super) fn page(
    call: &Call,
    view: &View<'_>,
    drive: &Drive,
    mut found: Vec<Uuid>,
    set: &str,
) -> Result<Page, Fault> {
    let options = &call.options;
    if options.skip.is_some() {
        return Err(fault::invalid_request(
            "$skip is not supported on this API. Only URLs returned by the API can be used to page.",
        ));
    }
    let refuse = |error: crate::odata::error::Error| fault::invalid_request(error.to_string());
    let properties = |unique: Uuid| {
        let item = drive.item(unique);
        Value::Object(
            item.map(|item| view.properties(drive, unique, item))
                .unwrap_or_default(),
        )
    };
    if let Some(mut condition) = options.filter.clone() {
        filter::bind(&mut condition, &super::schema::ITEM).map_err(refuse)?;
        found.retain(|unique| eval::matches(&condition, &properties(*unique)));
    }
    let mut keys = options.order_by.clone();
    order::bind(&mut keys, &super::schema::ITEM).map_err(refuse)?;
    if !keys.is_empty() {
        let mut rows: Vec<(Value, Uuid)> = found
            .into_iter()
            .map(|unique| (properties(unique), unique))
            .collect();
        rows.sort_by(|(a, _), (b, _)| order::compare(&keys, a, b));
        found = rows.into_iter().map(|(_, unique)| unique).collect();
    }
    let start = match options.skip_token.as_deref().map(paging::position) {
        None => 0,
        Some(Some(position)) => position,
        Some(None) => {
            return Err(Fault::new(
                StatusCode::BAD_REQUEST,
                "invalidRequest",
                "The skip token is invalid.",
            ));
        }
    };
    let size = options
        .top
        .or(call.prefer.max_page_size)
        .unwrap_or(DEFAULT_PAGE)
        .min(MAX_PAGE);
    let window = Window::new(found.len(), start, size);
    let value: Result<Vec<Value>, Fault> = found[window.start..window.end]
        .iter()
        .map(|unique| view.item(drive, *unique).map(Value::Object))
        .collect();
    Ok(Page {
        context: call.context(&format!("{set}{}", view.selection.context_suffix())),
        count: options.count.then_some(found.len()),
        next: call.next_link(Style::Token, window),
        value: value?,
    })
}
