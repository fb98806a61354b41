//! Meetings: what goes back and forth between an organizer and those who are invited.
//! Source: <https://learn.microsoft.com/graph/api/resources/eventmessage>

mod answers;
mod copies;
mod letters;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::answers::{add_attendees, answer_for_room, keep_answer, note_answer};
use self::copies::{cancel_copy, place_copy};
use self::letters::{letter, post};
use super::event::{Answer, Attendee, AttendeeKind, Event, Response, Span};
use super::occurrence::Occurrence;
use super::recurrence::Recurrence;
use crate::state::State;
use crate::state::directory::User;
use crate::state::mail::delivery::address_of;
use crate::state::mail::message::{Address, Body, Content};

/// What makes a message one about a meeting.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Meeting {
    pub(crate) kind: MeetingKind,
    /// The event's, in whichever mailbox it is.
    pub(crate) uid: String,
    /// The day of a series that it is about; none for all of it.
    pub(crate) day: Option<Date>,
    pub(crate) event_kind: String,
    pub(crate) span: Span,
    pub(crate) is_all_day: bool,
    pub(crate) location: Option<Value>,
    pub(crate) recurrence: Option<Recurrence>,
    pub(crate) response_requested: bool,
    pub(crate) allow_new_time_proposals: bool,
    pub(crate) proposed: Option<Span>,
}

/// What such a message says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum MeetingKind {
    Request,
    /// Other times or places than before.
    Update,
    Cancelled,
    Accepted,
    TentativelyAccepted,
    Declined,
}

/// What an invited person does.
pub(crate) struct Reply<'a> {
    pub(crate) answer: Answer,
    pub(crate) comment: Option<&'a str>,
    pub(crate) proposed: Option<Span>,
    pub(crate) is_sent: bool,
}

/// An event in somebody's mailbox, or one day of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spot<'a> {
    pub(crate) user_id: &'a str,
    pub(crate) key: u64,
    pub(crate) day: Option<Date>,
}

impl Spot<'_> {
    fn event(&self, state: &State) -> Option<Event> {
        state.mail.mailbox(self.user_id)?.event(self.key).cloned()
    }
}

/// Puts a meeting, or what changed of it, into the calendars of those who are invited and writes to them.
/// `only` leaves out the rest of the attendees.
pub(crate) fn invite(
    state: &mut State,
    spot: Spot<'_>,
    only: Option<&[Address]>,
    is_update: bool,
    now: Timestamp,
) {
    let Some(event) = spot.event(state) else {
        return;
    };
    let Some(occurrence) = occurrence(&event, spot.day) else {
        return;
    };
    let is_meant = |attendee: &&Attendee| {
        let others = !attendee.address.is_same_mailbox(&event.organizer);
        others
            && only.is_none_or(|only| {
                only.iter()
                    .any(|address| address.is_same_mailbox(&attendee.address))
            })
    };
    let attendees: Vec<Attendee> = occurrence
        .details
        .attendees
        .iter()
        .filter(is_meant)
        .cloned()
        .collect();
    if attendees.is_empty() {
        return;
    }
    let mut answers = Vec::new();
    for attendee in &attendees {
        if let Some(user) = mailbox_of(state, spot.user_id, &attendee.address) {
            place_copy(state, &user.id, &event, spot.day, now);
            if state.directory.is_room(&user.id) {
                answers.push((user, attendee.address.clone()));
            }
        }
    }
    let kind = if is_update {
        MeetingKind::Update
    } else {
        MeetingKind::Request
    };
    let content = letter(
        &occurrence,
        kind,
        &occurrence.details.subject,
        &attendees,
        occurrence.details.body.clone(),
    );
    post(state, spot.user_id, content, now);
    for (room, _) in answers {
        answer_for_room(state, &room, &event.uid, now);
    }
}

/// Tells those who were invited that it is off; `only` are those who need no longer come.
pub(crate) fn withdraw(
    state: &mut State,
    user_id: &str,
    (event, day): (&Event, Option<Date>),
    only: Option<&[Address]>,
    comment: &str,
    now: Timestamp,
) {
    let Some(occurrence) = occurrence(event, day) else {
        return;
    };
    let mut attendees = occurrence.details.attendees.clone();
    attendees.retain(|attendee| !attendee.address.is_same_mailbox(&event.organizer));
    if let Some(only) = only {
        attendees = only
            .iter()
            .map(|address| Attendee::of(address.clone()))
            .collect();
    }
    if attendees.is_empty() {
        return;
    }
    for attendee in &attendees {
        if let Some(user) = mailbox_of(state, user_id, &attendee.address) {
            let State { mail, ids, .. } = state;
            cancel_copy(mail.open(&user.id, ids), &event.uid, day, now);
        }
    }
    let subject = format!("Canceled: {}", occurrence.details.subject);
    let content = letter(
        &occurrence,
        MeetingKind::Cancelled,
        &subject,
        &attendees,
        Body::text(comment),
    );
    post(state, user_id, content, now);
}

/// An invited person's answer: in their own calendar, and to the organizer when it is sent.
pub(crate) fn answer(state: &mut State, spot: Spot<'_>, reply: Reply<'_>, now: Timestamp) {
    let Some(event) = spot.event(state) else {
        return;
    };
    let Some(own) = state.directory.user(spot.user_id).map(address_of) else {
        return;
    };
    let State { mail, ids, .. } = state;
    keep_answer(mail.open(spot.user_id, ids), spot, reply.answer, now);
    if !reply.is_sent {
        return;
    }
    note_answer(state, &event, spot.day, &own, reply.answer, now);
    let Some(occurrence) = occurrence(&event, spot.day) else {
        return;
    };
    let (kind, word) = match reply.answer {
        Answer::Accepted => (MeetingKind::Accepted, "Accepted"),
        Answer::Declined => (MeetingKind::Declined, "Declined"),
        _ => (MeetingKind::TentativelyAccepted, "Tentative"),
    };
    let subject = format!("{word}: {}", occurrence.details.subject);
    let to = [Attendee::of(event.organizer.clone())];
    let mut content = letter(
        &occurrence,
        kind,
        &subject,
        &to,
        Body::text(reply.comment.unwrap_or_default()),
    );
    if let Some(meeting) = &mut content.meeting {
        meeting.proposed = reply.proposed;
    }
    post(state, spot.user_id, content, now);
}

/// Passes an invitation on. The organizer hears of it when somebody else does.
pub(crate) fn forward(
    state: &mut State,
    spot: Spot<'_>,
    to: &[Address],
    comment: &str,
    now: Timestamp,
) {
    let Some(event) = spot.event(state) else {
        return;
    };
    let Some(occurrence) = occurrence(&event, spot.day) else {
        return;
    };
    for address in to {
        if let Some(user) = mailbox_of(state, spot.user_id, address) {
            let copy = Event {
                is_organizer: false,
                ..event.clone()
            };
            place_copy(state, &user.id, &copy, None, now);
        }
    }
    add_attendees(state, &event, to, now);
    let attendees: Vec<Attendee> = to.iter().cloned().map(Attendee::of).collect();
    let subject = format!("FW: {}", occurrence.details.subject);
    let content = letter(
        &occurrence,
        MeetingKind::Request,
        &subject,
        &attendees,
        Body::text(comment),
    );
    post(state, spot.user_id, content, now);
    if !event.is_organizer {
        let names: Vec<&str> = to.iter().map(|address| address.address.as_str()).collect();
        let mut notice = Content {
            subject: format!(
                "Meeting Forward Notification: {}",
                occurrence.details.subject
            ),
            to: vec![event.organizer.clone()],
            ..Content::default()
        };
        notice.set_body(Body::text(&format!(
            "Your meeting was forwarded to {}.",
            names.join(", ")
        )));
        post(state, spot.user_id, notice, now);
    }
}

impl Attendee {
    /// Somebody who has not answered.
    pub(crate) fn of(address: Address) -> Self {
        Self {
            address,
            kind: AttendeeKind::Required,
            response: Response::default(),
        }
    }
}

fn occurrence(event: &Event, day: Option<Date>) -> Option<Occurrence<'_>> {
    match day {
        Some(day) => event.on(day),
        None => Some(event.whole()),
    }
}

/// The colleague who receives mail at an address.
fn mailbox_of(state: &State, user_id: &str, address: &Address) -> Option<User> {
    let tenant = &state.directory.user(user_id)?.tenant_id;
    let user = state.directory.user(&address.address)?;
    (user.tenant_id == *tenant && user.has_mailbox()).then(|| user.clone())
}
