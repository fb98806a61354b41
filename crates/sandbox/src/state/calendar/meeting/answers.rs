//! What those who are invited answer, and where that is noted.

use jiff::Timestamp;
use jiff::civil::Date;

use super::{Reply, Spot};
use crate::state::State;
use crate::state::calendar::event::{Answer, Attendee, Details, Event, Response};
use crate::state::directory::User;
use crate::state::mail::Mailbox;
use crate::state::mail::message::Address;

/// What the own calendar shows after an answer. What is declined disappears.
pub(super) fn keep_answer(mailbox: &mut Mailbox, spot: Spot<'_>, answer: Answer, now: Timestamp) {
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
pub(super) fn note_answer(
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

pub(super) fn add_attendees(state: &mut State, event: &Event, to: &[Address], now: Timestamp) {
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
pub(super) fn answer_for_room(state: &mut State, room: &User, uid: &str, now: Timestamp) {
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
    super::answer(state, spot, reply, now);
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
