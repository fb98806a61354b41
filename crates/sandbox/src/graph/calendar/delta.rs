//! Following a window of a calendar: <https://learn.microsoft.com/graph/api/event-delta>
//!
//! A series is told as the days of it that lie in the window. What left the window is told as removed.

use jiff::Timestamp;
use serde_json::Value;

use super::render::View;
use super::window::window;
use super::{calendar_number, is_basic, require};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::Target;
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::graph::rounds::{Change, Round, removed};
use crate::state::calendar::event::Event;
use crate::state::calendar::occurrence::{Occurrence, day_number};
use crate::state::mail::Mailbox;
use crate::state::mail::gone::GoneItem;
use crate::state::mail::item_id;

/// An event that is there, or the id of one that is not.
enum Told<'e> {
    There(Box<Occurrence<'e>>),
    Gone(String),
}

/// `GET …/calendarView/delta`
pub(super) fn follow(call: &Call, target: &Target, calendar: Option<&str>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::ReadBasic)?;
    target.read(call, |mailbox| {
        let round = Round::open(call, mailbox)?;
        let options = &round.options;
        if options.filter.is_some() || !options.order_by.is_empty() || options.search.is_some() || !options.expand.is_empty() {
            return Err(Fault::bad_request(
                "Change tracking of a calendar view does not support '$filter', '$orderby', '$search' and '$expand'.",
            ));
        }
        let (from, to) = window(options)?;
        let view = View::of(call, options, mailbox.id, is_basic(target))?;
        let number = calendar_number(mailbox, calendar)?;
        let mut changes: Vec<Change<Told<'_>>> = Vec::new();
        let events = mailbox.events().filter(|event| event.calendar == number);
        for event in events.filter(|event| round.tells(event.change)) {
            let told = tell(event, &view, (from, to), round.is_first);
            changes.extend(told.into_iter().map(|told| (event.change, told)));
        }
        for gone in mailbox.gone_after(round.after).filter(|_| !round.is_first) {
            if let GoneItem::Event { calendar, key } = gone.what
                && calendar == number
                && round.tells(gone.change)
            {
                changes.push((gone.change, Told::Gone(gone_id(call, mailbox, calendar, key))));
            }
        }
        round.page(call, mailbox, "Collection(event)", changes, |told| match told {
            Told::There(occurrence) => {
                let mut entity = serde_json::Map::new();
                entity.insert("@odata.type".to_owned(), "#microsoft.graph.event".into());
                entity.extend(view.event(&occurrence)?);
                Ok(Some(Value::Object(entity)))
            }
            Told::Gone(id) => Ok(Some(removed(&id))),
        })
    })
}

fn tell<'e>(
    event: &'e Event,
    view: &View,
    (from, to): (Timestamp, Timestamp),
    is_first: bool,
) -> Vec<Told<'e>> {
    let inside = event.within(from, to);
    let mut told: Vec<Told<'e>> = Vec::new();
    if !is_first {
        if inside.is_empty() {
            told.push(Told::Gone(view.id(&event.whole())));
        }
        for day in &event.deleted {
            let start = event.start_on(*day);
            if start >= from && start < to {
                let id =
                    item_id::occurrence(view.mailbox, event.calendar, event.key, day_number(*day));
                told.push(Told::Gone(id));
            }
        }
    }
    told.extend(
        inside
            .into_iter()
            .map(|occurrence| Told::There(Box::new(occurrence))),
    );
    told
}

fn gone_id(call: &Call, mailbox: &Mailbox, calendar: u32, key: u64) -> String {
    if call.prefer.immutable_ids {
        item_id::immutable(mailbox.id, key)
    } else {
        item_id::message(mailbox.id, calendar, key)
    }
}
