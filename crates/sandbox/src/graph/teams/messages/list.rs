//! Pages of messages and of replies.

use axum::http::Method;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::rows::{self, Row, Sizes};
use super::render;
use super::{Entered, Place};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::teams::only;
use crate::odata::filter::{self, eval};
use crate::odata::schema::{EntityType, text, time};
use crate::state::teams::conversation::{Conversation, Message};

pub(super) const SIZES: Sizes = Sizes {
    usual: 20,
    most: 50,
};
/// Replies that `$expand` brings along.
const MOST_REPLIES: usize = 1000;

/// What messages can be asked for by.
pub(super) static MESSAGE: EntityType = EntityType {
    name: "microsoft.graph.chatMessage",
    properties: &[
        text("id"),
        time("createdDateTime"),
        time("lastModifiedDateTime"),
    ],
};

/// `GET …/messages`
pub(super) fn messages(call: &Call, place: &Place) -> Result<Reply, Fault> {
    place.read().require(call)?;
    let entered = place.enter(call)?;
    let by = match place {
        Place::Channel { .. } => {
            refuse_options(call)?;
            By::Modified
        }
        Place::Chat { .. } => order(call)?,
    };
    let condition = condition(call, by)?;
    let mut found = all(call, &entered, |it| it.thread.is_none());
    found.sort_by_key(|it| std::cmp::Reverse((by.of(it), it.number)));
    found.retain(|it| {
        condition.as_ref().is_none_or(|condition| {
            let dates = json!({
                "createdDateTime": it.created_at,
                "lastModifiedDateTime": it.modified_at,
            });
            eval::matches(condition, &dates)
        })
    });
    let expands = expands_replies(call, place)?;
    let rows = found.iter().map(|it| {
        let mut row = render::message(call, &entered.place, it);
        if expands {
            row.insert("replies".to_owned(), replies_of(call, &entered, it));
        }
        Value::Object(row)
    });
    rows::page(call, &entered.place.set(), rows.collect(), SIZES)
}

/// `GET …/messages/{id}/replies`
pub(super) fn replies(call: &Call, place: &Place, thread: &str) -> Result<Reply, Fault> {
    only(call, &Method::GET)?;
    place.read().require(call)?;
    refuse_options(call)?;
    let entered = place.enter(call)?;
    let parent = entered.find(call, None, thread)?;
    let mut found = all(call, &entered, |it| it.thread == Some(parent.number));
    found.sort_by_key(|it| std::cmp::Reverse(it.number));
    let rows = found
        .iter()
        .map(|it| Value::Object(render::message(call, &entered.place, it)));
    let set = format!("{}('{}')/replies", entered.place.set(), parent.number);
    rows::page(call, &set, rows.collect(), SIZES)
}

/// Messages of a place that the caller sees.
pub(super) fn all(
    call: &Call,
    entered: &Entered,
    is_wanted: impl Fn(&Message) -> bool,
) -> Vec<Message> {
    call.shared.read(|state| {
        let conversation = entered.place.conversation(state);
        let messages = conversation.into_iter().flat_map(Conversation::all);
        messages
            .filter(|it| is_wanted(it) && entered.sees(it))
            .cloned()
            .collect()
    })
}

fn replies_of(call: &Call, entered: &Entered, message: &Message) -> Value {
    let mut found = all(call, entered, |it| it.thread == Some(message.number));
    found.sort_by_key(|it| std::cmp::Reverse(it.number));
    let rows: Vec<Row> = found
        .iter()
        .take(MOST_REPLIES)
        .map(|it| render::message(call, &entered.place, it))
        .collect();
    json!(rows)
}

fn expands_replies(call: &Call, place: &Place) -> Result<bool, Fault> {
    let mut expands = false;
    for expand in &call.options.expand {
        let is_channel = matches!(place, Place::Channel { .. });
        if !is_channel || !expand.path.eq_ignore_ascii_case("replies") {
            return Err(Fault::bad_request(format!(
                "Expanding '{}' is not supported.",
                expand.path
            )));
        }
        expands = true;
    }
    Ok(expands)
}

/// Messages of channels take `$top` and `$expand`, nothing else.
fn refuse_options(call: &Call) -> Result<(), Fault> {
    if call.options.filter.is_some() {
        return Err(Fault::bad_request("QueryOptions $filter is not supported."));
    }
    if !call.options.order_by.is_empty() {
        return Err(Fault::bad_request(
            "QueryOptions $orderby is not supported.",
        ));
    }
    Ok(())
}

/// What messages of a chat are in order of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Created,
    Modified,
}

impl By {
    fn of(self, message: &Message) -> Timestamp {
        match self {
            Self::Created => message.created_at,
            Self::Modified => message.modified_at,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Created => "createdDateTime",
            Self::Modified => "lastModifiedDateTime",
        }
    }
}

/// Newest first is the only order.
fn order(call: &Call) -> Result<By, Fault> {
    let Some(key) = call.options.order_by.first() else {
        return Ok(By::Modified);
    };
    let name = key.path.join("/");
    let by = [By::Created, By::Modified]
        .into_iter()
        .find(|by| by.name().eq_ignore_ascii_case(&name))
        .ok_or_else(|| {
            Fault::bad_request(format!(
                "QueryOptions to order by '{name}' is not supported."
            ))
        })?;
    if key.descending {
        return Ok(by);
    }
    Err(Fault::bad_request(format!(
        "QueryOptions to order by '{name}' in 'Ascending' direction is not supported."
    )))
}

/// A condition counts only together with the order by the same property; else it is ignored.
fn condition(call: &Call, by: By) -> Result<Option<filter::ast::Expr>, Fault> {
    let Some(mut condition) = call.options.filter.clone() else {
        return Ok(None);
    };
    filter::bind(&mut condition, &MESSAGE)
        .map_err(|error| Fault::bad_request(error.to_string()))?;
    let is_ordered = !call.options.order_by.is_empty();
    let is_by = condition
        .paths()
        .iter()
        .all(|path| path.join("/") == by.name());
    Ok((is_ordered && is_by).then_some(condition))
}
