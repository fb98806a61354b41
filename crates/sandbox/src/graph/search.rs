//! `/search/query`: files, sites, lists and items of lists, and one's own messages and events.
//! Source: <https://learn.microsoft.com/graph/api/search-query>

mod outlook;

use axum::http::{Method, StatusCode};
use serde_json::{Map, Value, json};

use super::call::Call;
use super::fault::Fault;
use super::reply::Reply;
use super::{drive, sites};

pub(super) use outlook::Found;

const DEFAULT_SIZE: usize = 25;
const MAX_SIZE: usize = 500;

/// What the sandbox searches in.
const FOR_FILES: [&str; 5] = [
    "Files.Read.All",
    "Files.ReadWrite.All",
    "Sites.Read.All",
    "Sites.ReadWrite.All",
    "Sites.FullControl.All",
];
/// And what opens the rest of sites.
const FOR_SITES: [&str; 4] = [
    "Sites.Read.All",
    "Sites.ReadWrite.All",
    "Sites.Manage.All",
    "Sites.FullControl.All",
];

/// Everything at and below `search`.
pub(super) fn dispatch(call: &Call, path: &[&str]) -> Result<Reply, Fault> {
    let name = path.first().map(|name| name.to_ascii_lowercase());
    let name = name.as_deref().unwrap_or_default();
    match (name.trim_start_matches("microsoft.graph."), &call.method) {
        ("query", &Method::POST) if path.len() == 1 => query(call),
        ("query", _) => Err(Fault::method_not_allowed()),
        _ => Err(Fault::not_implemented("this part of search")),
    }
}

fn query(call: &Call) -> Result<Reply, Fault> {
    let body = call.json()?;
    let requests = body.get("requests").and_then(Value::as_array);
    let requests = requests.filter(|requests| !requests.is_empty());
    let requests = requests.ok_or_else(|| Fault::bad_request("The requests are missing."))?;
    let value: Result<Vec<Value>, Fault> = requests
        .iter()
        .map(|request| answer(call, request))
        .collect();
    Ok(Reply::json(&json!({
        "@odata.context": call.context("Collection(microsoft.graph.searchResponse)"),
        "value": value?,
    })))
}

fn answer(call: &Call, request: &Value) -> Result<Value, Fault> {
    let kinds = request.get("entityTypes").and_then(Value::as_array);
    let kinds: Vec<&str> = kinds
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    if kinds.is_empty() {
        return Err(Fault::bad_request("The entity types are missing."));
    }
    let words = request
        .pointer("/query/queryString")
        .and_then(Value::as_str);
    let words = words.ok_or_else(|| Fault::bad_request("The query string is missing."))?;
    if outlook::is_mine(&kinds)? {
        return outlook::answer(call, kinds[0], words, request);
    }
    if call.caller.is_application() && request.get("region").is_none() {
        return Err(Fault::bad_request(
            "SearchRequest Invalid (Region is required when request with application permission.)",
        ));
    }
    let terms = plain(words);
    let mut hits = Vec::new();
    for kind in kinds {
        hits.extend(of_kind(call, kind, &terms)?);
    }
    let from = count(request, "from")?.unwrap_or_default();
    let size = count(request, "size")?
        .unwrap_or(DEFAULT_SIZE)
        .min(MAX_SIZE);
    let total = hits.len();
    let shown: Vec<Value> = hits
        .into_iter()
        .enumerate()
        .skip(from)
        .take(size)
        .map(|(at, (id, resource))| {
            let summary = summary(&resource);
            hit(at, &id, &summary, &resource)
        })
        .collect();
    let mut container = json!({
        "total": total,
        "moreResultsAvailable": from + shown.len() < total,
    });
    if !shown.is_empty() {
        container["hits"] = Value::Array(shown);
    }
    let terms: Vec<&str> = terms.split_whitespace().collect();
    Ok(json!({"searchTerms": terms, "hitsContainers": [container]}))
}

/// A whole number that may be absent.
fn count(request: &Value, name: &str) -> Result<Option<usize>, Fault> {
    let Some(value) = request.get(name).filter(|value| !value.is_null()) else {
        return Ok(None);
    };
    let number = value.as_u64();
    let number = number.and_then(|number| usize::try_from(number).ok());
    number
        .map(Some)
        .ok_or_else(|| Fault::invalid_value(name, "Edm.Int32"))
}

/// The hit at a place in all that was found, from 0.
fn hit(at: usize, id: &str, summary: &str, resource: &Map<String, Value>) -> Value {
    json!({
        "hitId": id,
        "rank": at + 1,
        "summary": summary,
        "resource": resource,
    })
}

fn allow(call: &Call, permissions: &[&str]) -> Result<(), Fault> {
    if call.caller.has_any(permissions) {
        Ok(())
    } else {
        Err(Fault::new(
            StatusCode::FORBIDDEN,
            "Forbidden",
            "Access to the entity type is denied: the token lacks a permission for it.",
        ))
    }
}

type Hits = Vec<(String, Map<String, Value>)>;

fn of_kind(call: &Call, kind: &str, words: &str) -> Result<Hits, Fault> {
    match kind {
        "driveItem" => {
            allow(call, &FOR_FILES)?;
            Ok(drive::hits(call, words))
        }
        "site" | "list" | "listItem" => {
            allow(call, &FOR_SITES)?;
            Ok(match kind {
                "site" => sites::site_hit(call, words),
                "list" => sites::list_hit(call, words),
                _ => sites::item_hit(call, words),
            })
        }
        "chatMessage" | "person" | "drive" | "externalItem" | "acronym" | "bookmark" | "qna" => {
            Err(Fault::not_implemented(&format!(
                "search for entity type {kind}"
            )))
        }
        _ => Err(Fault::bad_request(format!(
            "The entity type '{kind}' is not valid."
        ))),
    }
}

/// The words of a query without the wildcards and quotes of its language, and without what narrows it by property.
fn plain(query: &str) -> String {
    let words = query
        .split_whitespace()
        .filter(|word| !word.contains(':') && !matches!(*word, "AND" | "*"));
    let words: Vec<&str> = words
        .map(|word| word.trim_matches(['"', '*', '(', ')']))
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

fn summary(resource: &Map<String, Value>) -> String {
    let text = |name: &str| resource.get(name).and_then(Value::as_str);
    let title = resource
        .get("fields")
        .and_then(|fields| fields.get("Title"));
    text("displayName")
        .or_else(|| text("name"))
        .or_else(|| title.and_then(Value::as_str))
        .unwrap_or_default()
        .to_owned()
}
