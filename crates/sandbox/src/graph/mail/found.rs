//! Messages that a search finds in the mailbox of the person who asks.
//! Source: <https://learn.microsoft.com/graph/search-concept-messages>

use std::cmp::Reverse;
use std::ops::Range;

use serde_json::json;

use super::render::View;
use super::schema::MESSAGE_DEFAULT;
use super::{Target, search};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::search::Found;
use crate::odata::project::Selection;
use crate::odata::search::Query;
use crate::state::mail::message::Message;

/// What a hit shows where the request does not say.
const USUAL: [&str; 11] = [
    "createdDateTime",
    "lastModifiedDateTime",
    "receivedDateTime",
    "sentDateTime",
    "hasAttachments",
    "subject",
    "bodyPreview",
    "importance",
    "replyTo",
    "sender",
    "from",
];

/// The wanted part of what the query finds, newest first, and how much that is in all. Fields that messages have not are ignored.
pub(in crate::graph) fn found(
    call: &Call,
    query: Option<&Query>,
    fields: &[&str],
    wanted: Range<usize>,
) -> Result<(Vec<Found>, usize), Fault> {
    let target = Target::open(call, call.caller.object_id())?;
    target.read(call, |mailbox| {
        let view = View {
            selection: Selection::new(&selected(fields)),
            ..View::whole(mailbox.id, &call.prefer)
        };
        let is_hit = |message: &&Message| {
            query.is_none_or(|query| query.holds(&|term| search::holds(term, message, false)))
        };
        let mut hits: Vec<&Message> = mailbox.messages().filter(is_hit).collect();
        hits.sort_by_key(|message| Reverse((message.received.as_second(), message.key)));
        let total = hits.len();
        let shown = hits.into_iter().skip(wanted.start).take(wanted.len());
        let shown = shown
            .map(|message| one(&view, message))
            .collect::<Result<_, _>>()?;
        Ok((shown, total))
    })
}

fn selected(fields: &[&str]) -> Vec<String> {
    let known = MESSAGE_DEFAULT.iter().filter(|name| {
        let mut fields = fields.iter();
        fields.any(|field| field.eq_ignore_ascii_case(name))
    });
    let named: Vec<String> = known.map(|&name| name.to_owned()).collect();
    if named.is_empty() {
        return USUAL.map(str::to_owned).to_vec();
    }
    named
}

fn one(view: &View, message: &Message) -> Result<Found, Fault> {
    let mut resource = view.message(message)?;
    resource.remove("@odata.etag");
    resource.remove("id");
    resource
        .entry("@odata.type")
        .or_insert_with(|| json!("#microsoft.graph.message"));
    Ok(Found {
        id: view.id(message),
        summary: message.content.preview.clone(),
        resource,
    })
}
