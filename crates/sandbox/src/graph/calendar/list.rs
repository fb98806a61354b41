//! Lists of events: conditions, order, pages.

use serde_json::Value;

use super::render::{Row, View};
use super::schema::EVENT;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::odata::envelope::Page;
use crate::odata::filter::ast::Expr;
use crate::odata::filter::{self, eval};
use crate::odata::order::{self, OrderKey};
use crate::odata::paging::{Style, Window};
use crate::state::calendar::occurrence::Occurrence;

const DEFAULT_PAGE: usize = 10;
const MAX_PAGE: usize = 1_000;

/// The options of a list, held against the type.
pub(super) struct Listing {
    condition: Option<Expr>,
    keys: Vec<OrderKey>,
    size: usize,
    skip: usize,
}

impl Listing {
    pub(super) fn read(call: &Call) -> Result<Self, Fault> {
        let options = &call.options;
        if options.search.is_some() {
            return Err(Fault::bad_request(
                "The query parameter '$search' is not supported on events.",
            ));
        }
        let mut condition = options.filter.clone();
        if let Some(condition) = &mut condition {
            filter::bind(condition, &EVENT).map_err(|error| Fault::outlook_query(&error))?;
        }
        let mut keys = options.order_by.clone();
        order::bind(&mut keys, &EVENT).map_err(|error| Fault::outlook_query(&error))?;
        let size = options
            .top
            .or(call.prefer.max_page_size.map(|size| size.min(MAX_PAGE)));
        let size = size.unwrap_or(DEFAULT_PAGE);
        if size > MAX_PAGE {
            return Err(Fault::too_large_page(MAX_PAGE, size));
        }
        Ok(Self {
            condition,
            keys,
            size,
            skip: options.skip.unwrap_or(0),
        })
    }

    /// What the condition leaves, in the wanted order. Conditions are about times in UTC.
    pub(super) fn arrange<'e>(
        &self,
        view: &View,
        mut found: Vec<Occurrence<'e>>,
    ) -> Vec<Occurrence<'e>> {
        let utc = view.in_utc();
        if let Some(condition) = &self.condition {
            found.retain(|occurrence| {
                eval::matches(
                    condition,
                    &Row {
                        view: &utc,
                        occurrence,
                    },
                )
            });
        }
        found.sort_by(|a, b| {
            order::compare(
                &self.keys,
                &Row {
                    view: &utc,
                    occurrence: a,
                },
                &Row {
                    view: &utc,
                    occurrence: b,
                },
            )
        });
        found
    }

    /// One page.
    pub(super) fn page(
        &self,
        call: &Call,
        view: &View,
        context: &str,
        found: &[Occurrence<'_>],
    ) -> Result<Reply, Fault> {
        let window = Window::new(found.len(), self.skip, self.size);
        let mut value = Vec::with_capacity(window.end - window.start);
        for occurrence in &found[window.start..window.end] {
            value.push(Value::Object(view.event(occurrence)?));
        }
        let page = Page {
            context: call.context(&format!("{context}{}", view.selection.context_suffix())),
            count: call.options.count.then_some(found.len()),
            next: call.next_link(Style::Skip, window),
            value,
        };
        Ok(Reply::json(&page.into_value()))
    }
}
