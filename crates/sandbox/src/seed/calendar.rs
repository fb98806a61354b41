//! What is in the calendars of Contoso: team meetings, talks with managers, visits, holidays. Everybody has answered,
//! and no invitation is left in an inbox.

use jiff::civil::{Date, date, time};
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};
use serde_json::json;

use crate::state::State;
use crate::state::calendar::DEFAULT;
use crate::state::calendar::event::{
    Answer, Attendee, AttendeeKind, Details, Event, Response, Span,
};
use crate::state::calendar::recurrence::{Day, End, Pattern, Recurrence};
use crate::state::calendar::zones;
use crate::state::directory::User;
use crate::state::mail::delivery::address_of;
use crate::state::mail::message::Body;

/// Weeks before the start of the sandbox in which series begin.
const WEEKS_BACK: i64 = 6;
/// Turns of a weekly series: about half a year.
const TURNS: u32 = 26;

/// Subject, department, day from Monday, hour, minutes, room.
const TEAM_MEETINGS: [(&str, &str, i64, i8, i64, &str); 8] = [
    ("Sales stand-up", "Sales", 0, 9, 30, "room.tejo"),
    ("Pipeline review", "Sales", 3, 15, 60, "room.tejo"),
    ("Finance weekly", "Finance", 1, 11, 60, "room.alfama"),
    ("Delivery planning", "Delivery", 0, 13, 60, "room.spree"),
    (
        "Service hand-over",
        "Customer Service",
        4,
        8,
        30,
        "room.alfama",
    ),
    ("Campaign meeting", "Marketing", 2, 10, 60, "room.havel"),
    ("Hiring round", "Human Resources", 2, 14, 45, "room.havel"),
    ("Change board", "IT", 3, 9, 45, "room.belem"),
];

/// Who visits or calls, whom, and how many minutes it takes.
const VISITS: [(&str, &str, i64); 8] = [
    ("Northwind Traders: renewal", "ben.okafor", 60),
    ("Fabrikam: pilot status", "elena.petrova", 45),
    ("Tailspin Toys: service review", "grace.kim", 60),
    ("Woodgrove Bank: demo", "luis.ferreira", 90),
    ("Litware: requirements", "karin.berg", 60),
    ("Fourth Coffee: invoice questions", "rita.sousa", 30),
    ("Adventure Works: maintenance visit", "zoe.duarte", 120),
    (
        "Wide World Importers: printer replacement",
        "yusuf.demir",
        90,
    ),
];

/// Fills everybody's calendar; `now` is within the week in the middle.
pub(super) fn fill(state: &mut State, now: Timestamp) {
    let today = Offset::UTC.to_datetime(now).date();
    let back = i64::from(today.weekday().to_monday_zero_offset());
    let monday = today.saturating_sub(back.days());
    let people: Vec<User> = state
        .directory
        .users
        .iter()
        .filter(|user| user.has_mailbox() && !user.disabled)
        .cloned()
        .collect();
    for meeting in &TEAM_MEETINGS {
        hold_team_meeting(state, &people, meeting, monday);
    }
    for (turn, person) in (0_i64..).zip(&people) {
        talk_with_manager(state, person, turn, monday);
        take_a_day_off(state, person, turn, monday);
    }
    for week in -WEEKS_BACK..WEEKS_BACK {
        for (turn, visit) in (0_i64..).zip(&VISITS) {
            receive(state, visit, week, turn, monday);
        }
    }
}

fn hold_team_meeting(
    state: &mut State,
    people: &[User],
    (subject, department, day, hour, minutes, room): &(&str, &str, i64, i8, i64, &str),
    monday: Date,
) {
    let members: Vec<&User> = people
        .iter()
        .filter(|user| user.department.as_deref() == Some(department))
        .collect();
    let Some((organizer, others)) = members.split_first() else {
        return;
    };
    let day = monday
        .saturating_sub(WEEKS_BACK.weeks())
        .saturating_add((*day).days());
    let mut details = meeting(organizer, subject, day, *hour, *minutes);
    let room = state
        .directory
        .user(&format!("{room}@contoso.com"))
        .cloned();
    if let Some(room) = &room {
        details.locations = vec![json!({
            "displayName": room.display_name,
            "locationType": "conferenceRoom",
            "locationEmailAddress": room.mail,
            "uniqueIdType": "unknown",
        })];
    }
    details.join_url = Some(format!(
        "https://teams.microsoft.com/l/meetup-join/19%3ameeting_{}%40thread.v2/0",
        state.ids.uuid().simple()
    ));
    let invited: Vec<User> = others
        .iter()
        .copied()
        .chain(room.as_ref())
        .cloned()
        .collect();
    let pattern = Pattern::Weekly {
        days: vec![Day::of(day)],
    };
    put(
        state,
        organizer,
        &invited,
        details,
        Some(series(pattern, 1, day)),
    );
}

/// Half an hour every other week.
fn talk_with_manager(state: &mut State, person: &User, turn: i64, monday: Date) {
    let manager = person
        .manager
        .as_deref()
        .and_then(|id| state.directory.user(id))
        .cloned();
    let Some(manager) = manager else {
        return;
    };
    let day = monday
        .saturating_sub(WEEKS_BACK.weeks())
        .saturating_add((turn % 5).days());
    let hour = 13 + i8::try_from(turn / 5 % 4).unwrap_or_default();
    let subject = format!("{} / {}", manager.given_name, person.given_name);
    let details = meeting(&manager, &subject, day, hour, 30);
    let pattern = Pattern::Weekly {
        days: vec![Day::of(day)],
    };
    put(
        state,
        &manager,
        std::slice::from_ref(person),
        details,
        Some(series(pattern, 2, day)),
    );
}

fn take_a_day_off(state: &mut State, person: &User, turn: i64, monday: Date) {
    let first = monday
        .saturating_add((3 + turn % 4).weeks())
        .saturating_add((turn % 5).days());
    let midnight = |day: Date| {
        Offset::UTC
            .to_timestamp(day.at(0, 0, 0, 0))
            .unwrap_or_default()
    };
    let details = Details {
        subject: "Day off".to_owned(),
        span: Span {
            start: midnight(first),
            end: midnight(first.saturating_add(1.days())),
            start_zone: zone_of(person).to_owned(),
            end_zone: zone_of(person).to_owned(),
        },
        is_all_day: true,
        show_as: "oof".to_owned(),
        is_reminder_on: false,
        ..Details::default()
    };
    put(state, person, &[], details, None);
}

/// A customer, once a week, on changing days.
fn receive(
    state: &mut State,
    (subject, host, minutes): &(&str, &str, i64),
    week: i64,
    turn: i64,
    monday: Date,
) {
    let Some(host) = state
        .directory
        .user(&format!("{host}@contoso.com"))
        .cloned()
    else {
        return;
    };
    let offset = (turn + week).rem_euclid(5);
    let day = monday
        .saturating_add(week.weeks())
        .saturating_add(offset.days());
    let details = meeting(&host, subject, day, 10, *minutes);
    let colleague = host
        .manager
        .as_deref()
        .and_then(|id| state.directory.user(id))
        .cloned();
    let invited: Vec<User> = colleague
        .into_iter()
        .filter(|_| (turn + week) % 3 == 0)
        .collect();
    put(state, &host, &invited, details, None);
}

fn zone_of(person: &User) -> &'static str {
    match person.city.as_deref() {
        Some("Berlin" | "Milan") => "W. Europe Standard Time",
        _ => "GMT Standard Time",
    }
}

fn meeting(organizer: &User, subject: &str, day: Date, hour: i8, minutes: i64) -> Details {
    let zone = zone_of(organizer);
    let start = zones::find(zone)
        .and_then(|zone| zone.to_timestamp(day.to_datetime(time(hour, 0, 0, 0))).ok());
    let start = start.unwrap_or_default();
    Details {
        subject: subject.to_owned(),
        body: Body::html(&format!("<p>{subject}</p>")),
        span: Span {
            start,
            end: start.saturating_add(minutes.minutes()).unwrap_or(start),
            start_zone: zone.to_owned(),
            end_zone: zone.to_owned(),
        },
        ..Details::default()
    }
}

fn series(pattern: Pattern, interval: i32, start: Date) -> Recurrence {
    let turns = TURNS / u32::try_from(interval).unwrap_or(1);
    Recurrence {
        pattern,
        interval,
        first_day_of_week: Day::Sunday,
        start,
        end: End::After(turns),
        zone: "W. Europe Standard Time".to_owned(),
    }
}

/// Into the organizer's calendar and those of the invited, who accepted when it was made.
fn put(
    state: &mut State,
    organizer: &User,
    invited: &[User],
    details: Details,
    recurrence: Option<Recurrence>,
) {
    let made = Offset::UTC
        .to_timestamp(date(2026, 8, 3).at(9, 0, 0, 0))
        .unwrap_or_default();
    let made = made.min(details.span.start);
    let accepted = Response {
        answer: Answer::Accepted,
        at: Some(made),
    };
    let attendees = invited.iter().map(|user| Attendee {
        address: address_of(user),
        kind: if state.directory.is_room(&user.id) {
            AttendeeKind::Resource
        } else {
            AttendeeKind::Required
        },
        response: accepted,
    });
    let details = Details {
        attendees: attendees.collect(),
        ..details
    };
    let uid = state.ids.uuid().simple().to_string().to_uppercase();
    let uid = format!(
        "040000008200E00074C5B7101A82E008000000000000000000000000000000000000000010000000{uid}"
    );
    let event = Event {
        recurrence,
        ..Event::new(DEFAULT, address_of(organizer), uid, details, made)
    };
    let State { mail, ids, .. } = state;
    for user in invited {
        let copy = Event {
            is_organizer: false,
            response: accepted,
            ..event.clone()
        };
        mail.open(&user.id, ids).add_event(copy);
    }
    mail.open(&organizer.id, ids).add_event(event);
}
