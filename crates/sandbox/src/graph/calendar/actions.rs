//! What can be done to one event with `POST …/events/{id}/{action}`.

use axum::http::Method;
use serde_json::Value;

use super::events::call_off;
use super::{Place, require, times};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::mail::{Parameters, Target, input};
use crate::graph::permission::CalendarAccess;
use crate::graph::reply::Reply;
use crate::state::State;
use crate::state::calendar::event::{Answer, Event, Span};
use crate::state::calendar::meeting::{self, Spot};

/// Runs the action by its lower-case name; `segment` is how the client wrote it.
pub(super) fn run(
    call: &Call,
    target: &Target,
    place: Place<'_>,
    action: &str,
    segment: &str,
) -> Result<Reply, Fault> {
    let known = [
        "accept",
        "tentativelyaccept",
        "decline",
        "cancel",
        "forward",
        "dismissreminder",
        "snoozereminder",
        "permanentdelete",
    ];
    if !known.contains(&action) {
        return Err(Fault::unknown_segment(segment));
    }
    if call.method != Method::POST {
        return Err(Fault::method_not_allowed());
    }
    match action {
        "accept" => answer(call, target, place, Answer::Accepted),
        "tentativelyaccept" => answer(call, target, place, Answer::TentativelyAccepted),
        "decline" => answer(call, target, place, Answer::Declined),
        "cancel" => cancel(call, target, place),
        "forward" => forward(call, target, place),
        "dismissreminder" => dismiss(call, target, place),
        _ => Err(Fault::not_implemented(segment)),
    }
}

fn refused(message: &str) -> Fault {
    Fault::invalid_request(&format!("Your request can't be completed. {message}"))
}

/// `accept`, `tentativelyAccept`, `decline`: 202.
fn answer(call: &Call, target: &Target, place: Place<'_>, answer: Answer) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let known: &[&str] = if answer == Answer::Accepted {
        &["comment", "sendresponse"]
    } else {
        &["comment", "sendresponse", "proposednewtime"]
    };
    let body = Parameters::read(call, known, answer.name())?;
    let is_sent = body
        .get("sendresponse")
        .and_then(Value::as_bool)
        .unwrap_or(true);
    let comment = body.get("comment").and_then(Value::as_str);
    let proposed = body.get("proposednewtime").filter(|value| !value.is_null());
    let proposed = proposed.map(proposal).transpose()?;
    if proposed.is_some() && !is_sent {
        return Err(refused(
            "A new time can be proposed only with a response that is sent.",
        ));
    }
    call.shared.write(|state| {
        let (event, spot) = find(state, target, place)?;
        if event.is_organizer {
            return Err(refused(
                "You can't respond to this meeting because you're the meeting organizer.",
            ));
        }
        if is_sent && !event.details.response_requested {
            return Err(refused(
                "The meeting organizer hasn't requested a response.",
            ));
        }
        if proposed.is_some() && !event.details.allow_new_time_proposals {
            return Err(refused(
                "The meeting organizer doesn't allow proposals of a new time.",
            ));
        }
        meeting::answer(
            state,
            spot,
            meeting::Reply {
                answer,
                comment,
                proposed,
                is_sent,
            },
            call.now,
        );
        Ok(Reply::accepted())
    })
}

fn proposal(value: &Value) -> Result<Span, Fault> {
    let slot = input::object("proposedNewTime", value)?;
    let part = |name: &'static str| {
        let value = slot
            .get(name)
            .ok_or_else(|| Fault::missing_property(name))?;
        times::read(name, value)
    };
    let (start, end) = (part("start")?, part("end")?);
    Ok(Span {
        start: start.at,
        end: end.at,
        start_zone: start.zone,
        end_zone: end.zone,
    })
}

fn find<'t>(
    state: &mut State,
    target: &'t Target,
    place: Place<'_>,
) -> Result<(Event, Spot<'t>), Fault> {
    let State { mail, ids, .. } = state;
    let mailbox = mail.open(&target.owner.id, ids);
    let (event, occurrence) = place.find(mailbox)?;
    let spot = Spot {
        user_id: &target.owner.id,
        key: event.key,
        day: occurrence.day,
    };
    Ok((event.clone(), spot))
}

/// `cancel`: 202, for the organizer only.
fn cancel(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    let body = Parameters::read(call, &["comment"], "cancel")?;
    let comment = body
        .get("comment")
        .and_then(Value::as_str)
        .unwrap_or_default();
    call.shared.write(|state| {
        let (event, spot) = find(state, target, place)?;
        if !event.is_organizer {
            return Err(refused("You need to be an organizer to cancel a meeting."));
        }
        call_off(state, target, &event, spot.day, comment, call);
        Ok(Reply::accepted())
    })
}

/// `forward`: 202. The page asks for no more than reading.
fn forward(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Read)?;
    let body = Parameters::read(call, &["comment", "torecipients"], "forward")?;
    let to = body
        .get("torecipients")
        .ok_or_else(|| Fault::missing_property("toRecipients"))?;
    let to = input::recipients("toRecipients", to)?;
    if to.is_empty() {
        return Err(Fault::invalid_recipients(
            "At least one recipient is needed to forward an event.",
        ));
    }
    let comment = body
        .get("comment")
        .and_then(Value::as_str)
        .unwrap_or_default();
    call.shared.write(|state| {
        let (_, spot) = find(state, target, place)?;
        meeting::forward(state, spot, &to, comment, call.now);
        Ok(Reply::accepted())
    })
}

/// `dismissReminder`: 202, and no more reminder.
fn dismiss(call: &Call, target: &Target, place: Place<'_>) -> Result<Reply, Fault> {
    require(target, CalendarAccess::Write)?;
    target.change(call, |mailbox, _| {
        let (key, _) = place.key(mailbox)?;
        mailbox.change_event(key, call.now, |event| event.details.is_reminder_on = false);
        Ok(Reply::accepted())
    })
}
