//! Messages and events in a search: of the person who asks and of nobody else, newest first, in small pages.
//! Source: <https://learn.microsoft.com/graph/search-concept-messages>, <https://learn.microsoft.com/graph/search-concept-events>

use serde_json::{Map, Value, json};

use super::{allow, count, hit};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::{calendar, mail};
use crate::odata::search::{self as kql, Query};

/// Hits of a page at most, and where the request does not say.
const MOST: usize = 25;
const FOR_MESSAGES: [&str; 2] = ["Mail.Read", "Mail.ReadWrite"];
const FOR_EVENTS: [&str; 2] = ["Calendars.Read", "Calendars.ReadWrite"];

/// What a search finds: ids, resources, and the text that stands for each.
pub(in crate::graph) struct Found {
    pub(in crate::graph) id: String,
    pub(in crate::graph) summary: String,
    pub(in crate::graph) resource: Map<String, Value>,
}

/// Whether a request is for what is kept in mailboxes; 400 where it mixes that with anything else.
pub(super) fn is_mine(kinds: &[&str]) -> Result<bool, Fault> {
    let is_of_outlook = |kind: &&str| matches!(*kind, "message" | "event");
    match kinds {
        [kind] => Ok(is_of_outlook(kind)),
        _ if kinds.iter().any(is_of_outlook) => Err(Fault::bad_request(
            "SearchRequest Invalid (The combination of entity types is not supported: message and event are searched for alone.)",
        )),
        _ => Ok(false),
    }
}

/// The answer to one request for `kind`.
pub(super) fn answer(
    call: &Call,
    kind: &str,
    words: &str,
    request: &Value,
) -> Result<Value, Fault> {
    if call.caller.is_application() {
        return Err(Fault::bad_request(format!(
            "SearchRequest Invalid (Application permission is not supported for the entity type {kind}.)"
        )));
    }
    let is_message = kind == "message";
    allow(
        call,
        if is_message {
            &FOR_MESSAGES
        } else {
            &FOR_EVENTS
        },
    )?;
    refuse_what_is_not_for_outlook(request)?;
    let from = count(request, "from")?.unwrap_or_default();
    let size = count(request, "size")?.unwrap_or(MOST);
    if size > MOST {
        return Err(Fault::bad_request(format!(
            "SearchRequest Invalid (Size must be at most {MOST} for the entity type {kind}.)"
        )));
    }
    let fields: Vec<&str> = request
        .get("fields")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let query = parse(words)?;
    let wanted = from..from.saturating_add(size);
    let (found, total) = if is_message {
        mail::found(call, query.as_ref(), &fields, wanted)?
    } else {
        calendar::found(call, query.as_ref(), &fields, wanted)?
    };
    let shown: Vec<Value> = found
        .into_iter()
        .enumerate()
        .map(|(at, it)| hit(from + at, &it.id, &it.summary, &it.resource))
        .collect();
    // Of messages the total is that of the page.
    let told = if is_message { shown.len() } else { total };
    let mut container = json!({
        "total": told,
        "moreResultsAvailable": from + shown.len() < total,
    });
    if !shown.is_empty() {
        container["hits"] = Value::Array(shown);
    }
    let terms: Vec<&str> = words.split_whitespace().collect();
    Ok(json!({"searchTerms": terms, "hitsContainers": [container]}))
}

/// None finds everything.
fn parse(words: &str) -> Result<Option<Query>, Fault> {
    let words = words.trim();
    if words == "*" {
        return Ok(None);
    }
    let quoted = format!("\"{}\"", words.replace('"', "\\\""));
    let query = kql::parse(&quoted);
    query
        .map(Some)
        .map_err(|error| Fault::bad_request(error.to_string()))
}

fn refuse_what_is_not_for_outlook(request: &Value) -> Result<(), Fault> {
    let asks = |name: &str| match request.get(name) {
        None | Some(Value::Null | Value::Bool(false)) => false,
        Some(Value::Array(list)) => !list.is_empty(),
        Some(_) => true,
    };
    for name in ["sortProperties", "aggregations", "collapseProperties"] {
        if asks(name) {
            return Err(Fault::bad_request(format!(
                "SearchRequest Invalid ({name} is not supported for messages and events.)"
            )));
        }
    }
    if asks("enableTopResults") {
        return Err(Fault::not_implemented("enableTopResults"));
    }
    Ok(())
}
