//! What the body of a request names besides its address: in whose name something is sent, whose times are asked for, what a
//! subscription watches, what is searched.
//!
//! Sources: <https://learn.microsoft.com/graph/outlook-send-mail-from-other-user>,
//! <https://learn.microsoft.com/graph/api/calendar-getschedule>, <https://learn.microsoft.com/graph/api/user-findmeetingtimes>,
//! <https://learn.microsoft.com/graph/api/user-getmailtips>, <https://learn.microsoft.com/graph/api/search-query>.

use serde_json::Value;
use url::Url;

use super::super::watched::{self, field};
use super::path;
use super::reach::Reach;

const ODD: Reach = Reach::Beyond("names a mailbox in a way that is not known");
const UNREAD: Reach = Reach::Beyond("holds what cannot be read");

/// What a search may look for: nothing that is kept in a mailbox.
const NO_MAIL: [&str; 5] = ["drive", "driveitem", "list", "listitem", "site"];
/// The MAPI property by which mail is held back; any other that has a number and no name may say who sends.
const DEFERRED_SEND_TIME: &str = "0x3fef";

/// `names` are the last words of the request's path and of its operation's; `is_inside` whether it leads into a mailbox.
pub(super) fn of(url: &Url, names: &[String], is_inside: bool, body: Option<&Value>) -> Vec<Reach> {
    let mut all = Vec::new();
    let is = |wanted: &str| names.iter().any(|name| name == wanted);
    if is("getschedule") {
        strings(body, "schedules", &mut all);
    }
    if is("getmailtips") {
        strings(body, "emailAddresses", &mut all);
    }
    if let Some(body) = body.filter(|_| is("findmeetingtimes")) {
        times(body, &mut all);
    }
    let Some(body) = body else {
        return all;
    };
    if is_inside {
        if !body.is_object() {
            all.push(UNREAD);
        }
        senders(body, &mut all);
    }
    match watched::resource(url, body) {
        Some(Ok(resource)) => all.extend(of_resource(resource)),
        Some(Err(why)) => all.push(Reach::Beyond(why)),
        None => {}
    }
    all
}

/// What a subscription watches.
pub(super) fn of_resource(resource: &str) -> Vec<Reach> {
    match watched::path(resource) {
        Ok(path) => path::of_path(path),
        Err(why) => vec![Reach::Beyond(why)],
    }
}

/// A search reaches every mailbox that it may, unless all that it looks for is none.
pub(super) fn of_search(body: Option<&Value>) -> Vec<Reach> {
    let requests = body
        .and_then(|body| field(body, "requests"))
        .and_then(Value::as_array);
    let is_no_mail = |kind: &Value| {
        kind.as_str()
            .is_some_and(|kind| NO_MAIL.contains(&kind.to_ascii_lowercase().as_str()))
    };
    let is_apart = |request: &Value| {
        let kinds = field(request, "entityTypes").and_then(Value::as_array);
        kinds.is_some_and(|kinds| !kinds.is_empty() && kinds.iter().all(is_no_mail))
    };
    let is_apart = requests.is_some_and(|requests| requests.iter().all(is_apart));
    if is_apart {
        return Vec::new();
    }
    vec![Reach::Beyond("searches everywhere")]
}

/// Addresses in a list of texts.
fn strings(body: Option<&Value>, name: &str, all: &mut Vec<Reach>) {
    let list = body.and_then(|body| field(body, name));
    let Some(list) = list.and_then(Value::as_array) else {
        all.push(UNREAD);
        return;
    };
    all.extend(list.iter().map(|one| one.as_str().map_or(ODD, mailbox)));
}

fn mailbox(address: &str) -> Reach {
    Reach::Named(address.to_owned())
}

/// Whose calendars are looked into for a time that suits: the attendees', and of rooms.
fn times(body: &Value, all: &mut Vec<Reach>) {
    for attendee in list(body, "attendees", all) {
        all.push(of_recipient(attendee));
    }
    let Some(place) = field(body, "locationConstraint").filter(|place| !place.is_null()) else {
        return;
    };
    let is_off = |name: &str| {
        field(place, name).is_none_or(|value| matches!(value, Value::Bool(false) | Value::Null))
    };
    if !is_off("suggestLocation") {
        all.push(Reach::Beyond(
            "looks into the calendars of rooms that Microsoft chooses",
        ));
    }
    for place in list(place, "locations", all) {
        match field(place, "locationEmailAddress") {
            None | Some(Value::Null) => {}
            Some(address) => all.push(address.as_str().map_or(ODD, mailbox)),
        }
    }
}

fn list<'a>(body: &'a Value, name: &str, all: &mut Vec<Reach>) -> &'a [Value] {
    match field(body, name) {
        None | Some(Value::Null) => &[],
        Some(Value::Array(items)) => items,
        Some(_) => {
            all.push(UNREAD);
            &[]
        }
    }
}

/// In whose name it is, wherever that is said but in what is only attached.
fn senders(value: &Value, all: &mut Vec<Reach>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| senders(item, all)),
        Value::Object(fields) => {
            for (name, value) in fields {
                match name.to_ascii_lowercase().as_str() {
                    "attachments" | "item" => {}
                    "from" | "sender" | "organizer" => {
                        if !value.is_null() {
                            all.push(of_recipient(value));
                        }
                    }
                    "singlevalueextendedproperties" | "multivalueextendedproperties" => {
                        numbered(value, all);
                    }
                    _ => senders(value, all),
                }
            }
        }
        _ => {}
    }
}

/// `{"emailAddress": {"address": "…"}}`. A name alone Exchange would look for by itself.
fn of_recipient(value: &Value) -> Reach {
    let address = field(value, "emailAddress").and_then(|address| field(address, "address"));
    address.and_then(Value::as_str).map_or(ODD, mailbox)
}

/// MAPI has numbered properties for the sender too.
///
/// Source: <https://learn.microsoft.com/graph/api/resources/extended-properties-overview>.
fn numbered(properties: &Value, all: &mut Vec<Reach>) {
    let is_harmless = |property: &Value| {
        let id = field(property, "id").and_then(Value::as_str);
        id.is_some_and(|id| {
            let id = id.to_ascii_lowercase();
            let mut words = id.split_ascii_whitespace().skip(1);
            let tag = words.next().unwrap_or_default();
            tag == DEFERRED_SEND_TIME || (tag.starts_with('{') && tag.ends_with('}'))
        })
    };
    let is_known = properties
        .as_array()
        .is_some_and(|all| all.iter().all(is_harmless));
    if !is_known && !properties.is_null() {
        all.push(Reach::Beyond(
            "sets a numbered MAPI property, which may say who sends",
        ));
    }
}

#[cfg(test)]
mod tests;
