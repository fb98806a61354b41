//! Windows of time: `calendarView` and `instances`, in which series are spread out.
//! Source: <https://learn.microsoft.com/graph/api/user-list-calendarview>

use axum::http::Method;
use jiff::Timestamp;

use super::list::Listing;
use super::render::View;
use super::{Place, calendar_number, delta, is_basic, require, times};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::Target;
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::odata::options::Options;
use crate::state::calendar::occurrence::Occurrence;

/// The longest window.
const MAX_DAYS: i64 = 5 * 366;

/// `calendarView` and what is below it.
pub(super) fn dispatch(
    call: &Call,
    target: &Target,
    calendar: Option<&str>,
    below: &[&str],
) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    match below {
        [] => list(call, target, calendar, false),
        [count] if *count == "$count" => list(call, target, calendar, true),
        [name]
            if name
                .to_ascii_lowercase()
                .trim_start_matches("microsoft.graph.")
                .starts_with("delta") =>
        {
            delta::follow(call, target, calendar)
        }
        [segment, ..] => Err(Fault::unknown_segment(segment)),
    }
}

/// The window that the query names.
pub(super) fn window(options: &Options) -> Result<(Timestamp, Timestamp), Fault> {
    let read = |name: &str| -> Result<Timestamp, Fault> {
        let text = options.custom(name).ok_or_else(|| {
            Fault::invalid_parameter(
                "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.",
            )
        })?;
        times::instant(text).ok_or_else(|| {
            Fault::invalid_parameter(&format!(
                "The value '{text}' of parameter '{name}' is invalid."
            ))
        })
    };
    let (from, to) = (read("startDateTime")?, read("endDateTime")?);
    if to < from {
        return Err(Fault::invalid_parameter(
            "The value of EndDateTime must be later than that of StartDateTime.",
        ));
    }
    if to.duration_since(from).as_hours() > 24 * MAX_DAYS {
        return Err(Fault::invalid_parameter(
            "The time window is longer than five years.",
        ));
    }
    Ok((from, to))
}

fn list(
    call: &Call,
    target: &Target,
    calendar: Option<&str>,
    counts: bool,
) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    let listing = Listing::read(call)?;
    let (from, to) = window(&call.options)?;
    target.read(call, |mailbox| {
        let view = View::of(call, &call.options, mailbox.id, is_basic(target))?;
        let number = calendar_number(mailbox, calendar)?;
        let events = mailbox.events().filter(|event| event.calendar == number);
        let mut all: Vec<Occurrence<'_>> =
            events.flat_map(|event| event.within(from, to)).collect();
        all.sort_by_key(|occurrence| (occurrence.start, occurrence.event.key));
        let found = listing.arrange(&view, all);
        if counts {
            return Ok(Reply::count(found.len()));
        }
        let place = calendar.map_or_else(String::new, |id| format!("/calendars('{id}')"));
        listing.page(
            call,
            &view,
            &format!("{}{place}/calendarView", target.path()),
            &found,
        )
    })
}

/// `…/events/{id}/instances`
pub(super) fn instances(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    if call.method != Method::GET {
        return Err(Fault::method_not_allowed());
    }
    require(target, CalendarAccess::ReadBasic)?;
    let listing = Listing::read(call)?;
    let (from, to) = window(&call.options)?;
    target.read(call, |mailbox| {
        let view = View::of(call, &call.options, mailbox.id, is_basic(target))?;
        let (event, _) = place.find(mailbox)?;
        if event.recurrence.is_none() {
            return Err(Fault::invalid_request(
                "Your request can't be completed. Instances are only there for series of events.",
            ));
        }
        let found = listing.arrange(&view, event.within(from, to));
        let context = format!("{}/events('{}')/instances", target.path(), place.id);
        listing.page(call, &view, &context, &found)
    })
}
