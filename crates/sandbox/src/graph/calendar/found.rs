//! Events that a search finds in the primary calendar of the person who asks.
//! Source: <https://learn.microsoft.com/graph/search-concept-events>

use std::cmp::Reverse;
use std::ops::Range;

use serde_json::json;

use super::render::View;
use super::schema::EVENT_DEFAULT;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::Target;
use crate::graph::mail::search::{contains, day, names};
use crate::graph::search::Found;
use crate::odata::project::Selection;
use crate::odata::search::{Query, Relation, Term};
use crate::state::calendar::DEFAULT;
use crate::state::calendar::event::Event;

/// What a hit shows where the request does not say.
const USUAL: [&str; 9] = [
    "subject",
    "bodyPreview",
    "start",
    "end",
    "isAllDay",
    "sensitivity",
    "hasAttachments",
    "location",
    "organizer",
];

/// The wanted part of what the query finds, latest first, and how much that is in all. A series is one hit. Fields that events have
/// not are ignored.
pub(in crate::graph) fn found(
    call: &Call,
    query: Option<&Query>,
    fields: &[&str],
    wanted: Range<usize>,
) -> Result<(Vec<Found>, usize), Fault> {
    let target = Target::open(call, call.caller.object_id())?;
    target.read(call, |mailbox| {
        let mut view = View::whole(call, mailbox.id)?;
        view.selection = Selection::new(&selected(fields));
        let is_hit = |event: &&Event| {
            event.calendar == DEFAULT
                && query.is_none_or(|query| query.holds(&|term| holds(term, event)))
        };
        let mut hits: Vec<&Event> = mailbox.events().filter(is_hit).collect();
        hits.sort_by_key(|event| Reverse((event.details.span.start.as_second(), event.key)));
        let total = hits.len();
        let shown = hits.into_iter().skip(wanted.start).take(wanted.len());
        let shown = shown
            .map(|event| one(&view, event))
            .collect::<Result<_, _>>()?;
        Ok((shown, total))
    })
}

fn selected(fields: &[&str]) -> Vec<String> {
    let known = EVENT_DEFAULT.iter().filter(|name| {
        let mut fields = fields.iter();
        fields.any(|field| field.eq_ignore_ascii_case(name))
    });
    let named: Vec<String> = known.map(|&name| name.to_owned()).collect();
    if named.is_empty() {
        return USUAL.map(str::to_owned).to_vec();
    }
    named
}

fn holds(term: &Term, event: &Event) -> bool {
    let details = &event.details;
    let is_in_place = || {
        let places = details.locations.iter();
        let mut named = places.filter_map(|place| place["displayName"].as_str());
        named.any(|name| contains(term, name))
    };
    let is_invited = || {
        let mut attendees = details.attendees.iter();
        attendees.any(|attendee| names(term, &attendee.address))
    };
    let found = match term.property.as_deref() {
        None => {
            contains(term, &details.subject)
                || contains(term, &details.body.as_text())
                || names(term, &event.organizer)
                || is_in_place()
                || is_invited()
        }
        Some("subject") => contains(term, &details.subject),
        Some("body") => contains(term, &details.body.as_text()),
        Some("location") => is_in_place(),
        Some("organizer" | "from") => names(term, &event.organizer),
        Some("attendees" | "to") => is_invited(),
        Some("participants") => names(term, &event.organizer) || is_invited(),
        Some("category") => details.categories.iter().any(|name| contains(term, name)),
        Some("start" | "date") => day(term, details.span.start),
        Some("end") => day(term, details.span.end),
        Some("kind") => term.value.eq_ignore_ascii_case("meetings"),
        Some(_) => false,
    };
    found != (term.relation == Relation::HasNot)
}

fn one(view: &View, event: &Event) -> Result<Found, Fault> {
    let occurrence = event.whole();
    let mut resource = view.event(&occurrence)?;
    resource.remove("@odata.etag");
    resource.remove("id");
    resource.insert("@odata.type".to_owned(), json!("#microsoft.graph.event"));
    Ok(Found {
        id: view.id(&occurrence),
        summary: event.details.subject.clone(),
        resource,
    })
}
