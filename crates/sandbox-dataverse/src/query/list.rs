//! A collection of rows, page by page.

use std::cmp::Ordering;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::condition::{Condition, Scope, compare, related};
use super::operator::Maker;
use super::page::{Cookie, next_link};
use super::plan::{Order, Plan, order};
use super::render::Renderer;
use super::{apply, changes};
use crate::Dataverse;
use crate::call::Call;
use crate::fault::Fault;
use crate::fetch;
use crate::reply::Reply;
use crate::schema::{Navigation, TableId};
use crate::security::{Access, Depth};
use crate::store::Row;

/// The most rows of a page, and the most that a count tells.
pub(crate) const PAGE: usize = 5_000;

/// Whose rows a collection has: all of a table, or those that a row is related to.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) table: TableId,
    pub(crate) of: Option<(&'a Row, Navigation)>,
}

impl<'a> Maker<'a> {
    pub(crate) fn of(dataverse: &'a Dataverse, call: &'a Call) -> Self {
        Maker {
            dataverse,
            who: &call.who,
            now: call.now,
        }
    }
}

impl Dataverse {
    /// `GET /accounts`, and the collections behind navigation properties.
    pub(crate) fn list(&self, call: &Call, source: Source<'_>) -> Result<Reply, Fault> {
        let depth = self.need(&call.who, Access::Read, source.table)?;
        refuse_unsupported(call)?;
        if let Some(xml) = fetch::wanted(self, call, source.table)? {
            return fetch::answer(self, call, source.table, &xml);
        }
        if let Some(text) = option(call, "apply") {
            return apply::answer(self, call, source.table, text);
        }
        if call.prefer.track_changes || option(call, "deltatoken").is_some() {
            return changes::answer(self, call, source.table);
        }
        let maker = Maker::of(self, call);
        let plan = Plan::read(maker, source.table, &call.options)?;
        let order = order(maker, source.table, &call.options)?;
        let rows = self.select(call, source, depth, &order)?;
        let (page, next) = self.page(call, source.table, &rows)?;
        let renderer = Renderer::of(self, call);
        let set = &self.schema.table(source.table).set_name;
        let mut body = Map::new();
        let context = call.context(&format!("{set}{}", plan.fragment(maker)));
        body.insert("@odata.context".to_owned(), json!(context));
        if call.options.count {
            body.insert("@odata.count".to_owned(), json!(rows.len().min(PAGE)));
        }
        self.add_totals(call, rows.len(), &mut body);
        let values: Vec<Value> = page.iter().map(|row| renderer.row(row, &plan)).collect();
        body.insert("value".to_owned(), Value::Array(values));
        if let Some(link) = next {
            body.insert("@odata.nextLink".to_owned(), json!(link));
        }
        Ok(Reply::ok(&Value::Object(body)))
    }

    /// `GET /accounts/$count`
    pub(crate) fn count(&self, call: &Call, source: Source<'_>) -> Result<Reply, Fault> {
        let depth = self.need(&call.who, Access::Read, source.table)?;
        let rows = self.select(call, source, depth, &Order::new())?;
        let text = format!("\u{feff}{}", rows.len().min(PAGE));
        Ok(Reply::bytes("text/plain", text))
    }

    /// Every row that the caller may see and the filter lets through, in order.
    fn select<'a>(
        &'a self,
        call: &Call,
        source: Source<'_>,
        depth: Depth,
        order: &Order,
    ) -> Result<Vec<&'a Row>, Fault> {
        let maker = Maker::of(self, call);
        let condition = match &call.options.filter {
            Some(filter) => Some(maker.filter(filter, source.table)?),
            None => None,
        };
        let rows: Box<dyn Iterator<Item = &Row>> = match source.of {
            Some((row, navigation)) => related(self, row, navigation),
            None => self.candidates(source.table, condition.as_ref()),
        };
        let mut rows: Vec<&Row> = rows
            .filter(|row| self.reaches(&call.who, Access::Read, depth, source.table, row))
            .filter(|row| {
                condition
                    .as_ref()
                    .is_none_or(|it| Scope::one(self, row, it))
            })
            .collect();
        self.sort(&mut rows, order);
        Ok(rows)
    }

    /// The rows among which all that satisfy a condition are: by an index where there is one.
    pub(crate) fn candidates<'a>(
        &'a self,
        table: TableId,
        condition: Option<&Condition>,
    ) -> Box<dyn Iterator<Item = &'a Row> + 'a> {
        if let Some(id) = condition.and_then(Condition::only_id) {
            return Box::new(self.store.get(table, id).into_iter());
        }
        if let Some((column, id)) = condition.and_then(Condition::only_referring)
            && self.schema.table(table).column(column).is_lookup()
        {
            return Box::new(self.store.referring(table, column, id));
        }
        Box::new(self.store.rows(table))
    }

    pub(crate) fn sort(&self, rows: &mut [&Row], order: &Order) {
        if order.is_empty() {
            return;
        }
        rows.sort_by(|left, right| {
            let (left, right) = ([Some(*left)], [Some(*right)]);
            let of = |rows| Scope {
                dataverse: self,
                rows,
            };
            order
                .iter()
                .map(|(path, descending)| {
                    let (a, b) = (of(&left).value(path), of(&right).value(path));
                    let ordering = compare(
                        a.as_ref().map(super::condition::Value::cell).as_deref(),
                        b.as_ref().map(super::condition::Value::cell).as_deref(),
                    );
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

    /// One page and the link to the next.
    fn page<'a>(
        &self,
        call: &Call,
        table: TableId,
        rows: &[&'a Row],
    ) -> Result<(Vec<&'a Row>, Option<String>), Fault> {
        if let Some(top) = call.options.top {
            return Ok((rows.iter().take(top.min(PAGE)).copied().collect(), None));
        }
        let size = call.prefer.max_page_size.unwrap_or(PAGE).min(PAGE);
        let cookie = match &call.options.skip_token {
            Some(token) => Some(
                Cookie::parse(token)
                    .ok_or_else(|| Fault::bad_query("Malformed XML in the Paging Cookie"))?,
            ),
            None => None,
        };
        let start = cookie.map_or(0, |cookie| start_after(rows, cookie));
        let end = start.saturating_add(size).min(rows.len());
        let page = rows[start..end].to_vec();
        let next = (end < rows.len()).then(|| {
            let last = page.last().map_or(Uuid::nil(), |row| row.id);
            let cookie = Cookie {
                page: cookie.map_or(1, |cookie| cookie.page).saturating_add(1),
                last,
                offset: end,
            };
            let token = cookie.to_text(self.schema.table(table).key_name());
            next_link(&call.url, &call.options.pairs, &token)
        });
        Ok((page, next))
    }

    fn add_totals(&self, call: &Call, total: usize, body: &mut Map<String, Value>) {
        let mut add = |name: &str, value: Value| {
            let name = format!("Microsoft.Dynamics.CRM.{name}");
            if call.prefer.annotations.has(&name) {
                body.insert(format!("@{name}"), value);
            }
        };
        let told = if call.options.count {
            json!(total.min(PAGE))
        } else {
            json!(-1)
        };
        add("totalrecordcount", told);
        add(
            "totalrecordcountlimitexceeded",
            json!(call.options.count && total > PAGE),
        );
        add(
            "globalmetadataversion",
            json!(self.metadata_version.to_string()),
        );
    }
}

/// The place after the last row of the page before; where that row is gone, the place that was counted.
fn start_after(rows: &[&Row], cookie: Cookie) -> usize {
    let guess = cookie.offset.checked_sub(1);
    if let Some(at) = guess
        && rows.get(at).is_some_and(|row| row.id == cookie.last)
    {
        return cookie.offset;
    }
    let found = rows.iter().position(|row| row.id == cookie.last);
    found.map_or(cookie.offset.min(rows.len()), |at| at + 1)
}

/// An option that the shared reader knows but keeps as text.
pub(crate) fn option<'a>(call: &'a Call, name: &str) -> Option<&'a str> {
    let mut pairs = call.options.pairs.iter();
    let found = pairs.find(|(key, _)| {
        key.strip_prefix('$')
            .is_some_and(|bare| bare.eq_ignore_ascii_case(name))
    });
    found.map(|(_, value)| value.as_str())
}

fn refuse_unsupported(call: &Call) -> Result<(), Fault> {
    if call.options.skip.is_some() {
        return Err(Fault::bad_query("Skip Clause is not supported in CRM"));
    }
    if call.options.search.is_some() {
        return Err(Fault::bad_query(
            "The query parameter $search is not supported",
        ));
    }
    if call.options.custom("sql").is_some() {
        return Err(Fault::not_implemented("the query parameter sql"));
    }
    Ok(())
}
