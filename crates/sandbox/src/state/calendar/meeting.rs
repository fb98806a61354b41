//! Meetings: what goes back and forth between an organizer and those who are invited.
//! Source: <https://learn.microsoft.com/graph/api/resources/eventmessage>

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::DEFAULT;
use super::event::{Answer, Attendee, AttendeeKind, Details, Event, Response, Span};
use super::occurrence::Occurrence;
use super::recurrence::Recurrence;
use crate::state::State;
use crate::state::directory::User;
use crate::state::mail::Mailbox;
use crate::state::mail::delivery::{self, Outgoing, address_of};
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

/// What an attendee's calendar has of a meeting, made or brought up to date. A new time asks for a new answer.
fn place_copy(
    state: &mut State,
    attendee_id: &str,
    event: &Event,
    day: Option<Date>,
    now: Timestamp,
) {
    let State { mail, ids, .. } = state;
    let mailbox = mail.open(attendee_id, ids);
    let known = mailbox
        .event_by_uid(&event.uid)
        .map(|copy| (copy.key, copy.is_organizer));
    match known {
        Some((_, true)) => {}
        Some((key, false)) => {
            mailbox.change_event(key, now, |copy| refresh(copy, event, day));
        }
        None => {
            let copy = Event {
                calendar: DEFAULT,
                created: now,
                modified: now,
                transaction_id: None,
                is_organizer: false,
                response: Response {
                    answer: Answer::NotResponded,
                    at: None,
                },
                details: seen_by_attendee(&event.details),
                ..event.clone()
            };
            mailbox.add_event(copy);
        }
    }
}

fn seen_by_attendee(details: &Details) -> Details {
    Details {
        categories: Vec::new(),
        show_as: "tentative".to_owned(),
        ..details.clone()
    }
}

fn refresh(copy: &mut Event, event: &Event, day: Option<Date>) {
    if let Some(day) = day {
        if let Some(details) = event.exceptions.get(&day) {
            copy.exceptions.insert(day, seen_by_attendee(details));
        }
        return;
    }
    let (old, new) = (&copy.details, &event.details);
    let is_moved = old.span.start != new.span.start
        || old.span.end != new.span.end
        || copy.recurrence != event.recurrence;
    let mut details = Details {
        categories: old.categories.clone(),
        reminder_minutes: old.reminder_minutes,
        is_reminder_on: old.is_reminder_on,
        show_as: old.show_as.clone(),
        ..new.clone()
    };
    if is_moved {
        "tentative".clone_into(&mut details.show_as);
        copy.response = Response {
            answer: Answer::NotResponded,
            at: None,
        };
        copy.exceptions.clone_from(&event.exceptions);
        copy.deleted.clone_from(&event.deleted);
    }
    copy.details = details;
    copy.recurrence.clone_from(&event.recurrence);
    copy.is_cancelled = false;
}

fn cancel_copy(mailbox: &mut Mailbox, uid: &str, day: Option<Date>, now: Timestamp) {
    let Some(key) = mailbox
        .event_by_uid(uid)
        .filter(|copy| !copy.is_organizer)
        .map(|copy| copy.key)
    else {
        return;
    };
    mailbox.change_event(key, now, |copy| {
        if let Some(day) = day {
            copy.exceptions.remove(&day);
            copy.deleted.insert(day);
        } else {
            copy.is_cancelled = true;
            copy.details.subject = format!("Canceled: {}", copy.details.subject);
            "free".clone_into(&mut copy.details.show_as);
        }
    });
}

/// What the own calendar shows after an answer. What is declined disappears.
fn keep_answer(mailbox: &mut Mailbox, spot: Spot<'_>, answer: Answer, now: Timestamp) {
    let show_as = if answer == Answer::Accepted {
        "busy"
    } else {
        "tentative"
    };
    match (spot.day, answer) {
        (None, Answer::Declined) => {
            mailbox.remove_event(spot.key);
        }
        (Some(day), Answer::Declined) => {
            mailbox.change_event(spot.key, now, |event| {
                event.exceptions.remove(&day);
                event.deleted.insert(day);
            });
        }
        (None, _) => {
            mailbox.change_event(spot.key, now, |event| {
                event.response = Response {
                    answer,
                    at: Some(now),
                };
                show_as.clone_into(&mut event.details.show_as);
            });
        }
        (Some(day), _) => {
            mailbox.change_event(spot.key, now, |event| {
                let own = event.on(day).map(|occurrence| occurrence.own_details());
                if let Some(details) = own {
                    let details = Details {
                        show_as: show_as.to_owned(),
                        ..details
                    };
                    event.exceptions.insert(day, details);
                }
            });
        }
    }
}

/// Writes an answer into the organizer's list of attendees.
fn note_answer(
    state: &mut State,
    event: &Event,
    day: Option<Date>,
    who: &Address,
    answer: Answer,
    now: Timestamp,
) {
    let response = Response {
        answer,
        at: Some(now),
    };
    change_at_organizer(state, event, now, |original| {
        let note = |details: &mut Details| {
            for attendee in details
                .attendees
                .iter_mut()
                .filter(|it| it.address.is_same_mailbox(who))
            {
                attendee.response = response;
            }
        };
        match day {
            None => note(&mut original.details),
            Some(day) => {
                let own = original.on(day).map(|occurrence| occurrence.own_details());
                if let Some(mut details) = own {
                    note(&mut details);
                    original.exceptions.insert(day, details);
                }
            }
        }
    });
}

fn add_attendees(state: &mut State, event: &Event, to: &[Address], now: Timestamp) {
    change_at_organizer(state, event, now, |original| {
        for address in to {
            let attendees = &mut original.details.attendees;
            if !attendees
                .iter()
                .any(|attendee| attendee.address.is_same_mailbox(address))
            {
                attendees.push(Attendee::of(address.clone()));
            }
        }
    });
}

fn change_at_organizer(
    state: &mut State,
    event: &Event,
    now: Timestamp,
    edit: impl FnOnce(&mut Event),
) {
    let Some(organizer) = state
        .directory
        .user(&event.organizer.address)
        .map(|user| user.id.clone())
    else {
        return;
    };
    let State { mail, ids, .. } = state;
    let mailbox = mail.open(&organizer, ids);
    let key = mailbox
        .event_by_uid(&event.uid)
        .filter(|original| original.is_organizer)
        .map(|original| original.key);
    if let Some(key) = key {
        mailbox.change_event(key, now, edit);
    }
}

/// A room takes what does not collide with what it has, and says so.
fn answer_for_room(state: &mut State, room: &User, uid: &str, now: Timestamp) {
    let Some((key, answer)) = state
        .mail
        .mailbox(&room.id)
        .and_then(|mailbox| decide(mailbox, uid))
    else {
        return;
    };
    let spot = Spot {
        user_id: &room.id,
        key,
        day: None,
    };
    let reply = Reply {
        answer,
        comment: None,
        proposed: None,
        is_sent: true,
    };
    self::answer(state, spot, reply, now);
}

fn decide(mailbox: &Mailbox, uid: &str) -> Option<(u64, Answer)> {
    let event = mailbox.event_by_uid(uid)?;
    let (from, to) = (event.details.span.start, event.details.span.end);
    let mut others = mailbox
        .events()
        .filter(|other| other.uid != uid && !other.is_cancelled);
    let is_taken = others.any(|other| !other.within(from, to).is_empty());
    Some((
        event.key,
        if is_taken {
            Answer::Declined
        } else {
            Answer::Accepted
        },
    ))
}

/// A message about a meeting.
fn letter(
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

fn post(state: &mut State, user_id: &str, content: Content, now: Timestamp) {
    let outgoing = Outgoing {
        content,
        internet_message_id: None,
        thread: None,
        save_to_sent_items: true,
        draft: None,
    };
    delivery::send(state, user_id, outgoing, now);
}
