//! The messages about a meeting.

use jiff::Timestamp;

use super::{Meeting, MeetingKind};
use crate::state::State;
use crate::state::calendar::event::{Attendee, AttendeeKind};
use crate::state::calendar::occurrence::Occurrence;
use crate::state::mail::delivery::{self, Outgoing};
use crate::state::mail::message::{Body, Content};

/// A message about a meeting.
pub(super) fn letter(
    occurrence: &Occurrence<'_>,
    kind: MeetingKind,
    subject: &str,
    to: &[Attendee],
    body: Body,
) -> Content {
    let details = occurrence.details;
    let of = |wanted: fn(AttendeeKind) -> bool| {
        let fitting = to.iter().filter(|attendee| wanted(attendee.kind));
        fitting.map(|attendee| attendee.address.clone()).collect()
    };
    let meeting = Meeting {
        kind,
        uid: occurrence.event.uid.clone(),
        day: occurrence.day,
        event_kind: occurrence.kind().to_owned(),
        span: occurrence.span(),
        is_all_day: details.is_all_day,
        location: details.locations.first().cloned(),
        recurrence: occurrence
            .event
            .recurrence
            .clone()
            .filter(|_| occurrence.day.is_none()),
        response_requested: details.response_requested,
        allow_new_time_proposals: details.allow_new_time_proposals,
        proposed: None,
    };
    let mut content = Content {
        subject: subject.to_owned(),
        to: of(|kind| kind != AttendeeKind::Optional),
        cc: of(|kind| kind == AttendeeKind::Optional),
        importance: details.importance,
        attachments: if kind == MeetingKind::Request {
            details.attachments.clone()
        } else {
            Vec::new()
        },
        meeting: Some(Box::new(meeting)),
        ..Content::default()
    };
    content.set_body(body);
    content
}

pub(super) fn post(state: &mut State, user_id: &str, content: Content, now: Timestamp) {
    let outgoing = Outgoing {
        content,
        internet_message_id: None,
        thread: None,
        save_to_sent_items: true,
        draft: None,
    };
    delivery::send(state, user_id, outgoing, now);
}
