//! What an attendee's calendar has of a meeting.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::state::State;
use crate::state::calendar::DEFAULT;
use crate::state::calendar::event::{Answer, Details, Event, Response};
use crate::state::mail::Mailbox;

/// What an attendee's calendar has of a meeting, made or brought up to date. A new time asks for a new answer.
pub(super) fn place_copy(
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

pub(super) fn cancel_copy(mailbox: &mut Mailbox, uid: &str, day: Option<Date>, now: Timestamp) {
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
