//! Messages about meetings: <https://learn.microsoft.com/graph/api/resources/eventmessage>

use serde_json::{Map, Value, json};

use crate::graph::calendar::times::Zone;
use crate::graph::calendar::{event_of, nowhere, recurrence};
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::state::calendar::meeting::{Meeting, MeetingKind};
use crate::state::mail::Mailbox;
use crate::state::mail::message::Message;

/// The type that a message has besides being a message.
pub(super) fn type_name(meeting: &Meeting) -> &'static str {
    match meeting.kind {
        MeetingKind::Request | MeetingKind::Update => "#microsoft.graph.eventMessageRequest",
        MeetingKind::Cancelled => "#microsoft.graph.eventMessage",
        _ => "#microsoft.graph.eventMessageResponse",
    }
}

/// What such a message shows besides.
pub(super) fn show(meeting: &Meeting, entity: &mut Map<String, Value>) {
    let utc = Zone::utc();
    let mut put = |name: &str, value: Value| entity.insert(name.to_owned(), value);
    let kind = match meeting.kind {
        MeetingKind::Request | MeetingKind::Update => "meetingRequest",
        MeetingKind::Cancelled => "meetingCancelled",
        MeetingKind::Accepted => "meetingAccepted",
        // Microsoft's own spelling.
        MeetingKind::TentativelyAccepted => "meetingTenativelyAccepted",
        MeetingKind::Declined => "meetingDeclined",
    };
    put("meetingMessageType", json!(kind));
    put("type", json!(meeting.event_kind));
    put("isOutOfDate", json!(false));
    put("isAllDay", json!(meeting.is_all_day));
    put("isDelegated", json!(false));
    put(
        "startDateTime",
        utc.show(meeting.span.start, meeting.is_all_day),
    );
    put(
        "endDateTime",
        utc.show(meeting.span.end, meeting.is_all_day),
    );
    put("location", meeting.location.clone().unwrap_or_else(nowhere));
    put(
        "recurrence",
        meeting
            .recurrence
            .as_ref()
            .map_or(Value::Null, recurrence::show),
    );
    match meeting.kind {
        MeetingKind::Request | MeetingKind::Update => {
            let is_new = meeting.kind == MeetingKind::Request;
            put("responseRequested", json!(meeting.response_requested));
            put(
                "allowNewTimeProposals",
                json!(meeting.allow_new_time_proposals),
            );
            put(
                "meetingRequestType",
                json!(if is_new {
                    "newMeetingRequest"
                } else {
                    "fullUpdate"
                }),
            );
        }
        MeetingKind::Cancelled => {}
        MeetingKind::Accepted => {
            put("responseType", json!("accepted"));
        }
        MeetingKind::TentativelyAccepted => {
            put("responseType", json!("tentativelyAccepted"));
        }
        MeetingKind::Declined => {
            put("responseType", json!("declined"));
        }
    }
    if let Some(span) = &meeting.proposed {
        let slot = json!({"start": utc.show(span.start, false), "end": utc.show(span.end, false)});
        put("proposedNewTime", slot);
    }
}

/// Whether a `$expand` is of the event that a message is about.
pub(super) fn is_event(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path == "event" || path.starts_with("microsoft.graph.eventmessage") && path.ends_with("/event")
}

/// `$expand=microsoft.graph.eventMessage/event`
pub(super) fn expand(
    call: &Call,
    mailbox: &Mailbox,
    message: &Message,
    entity: &mut Map<String, Value>,
) -> Result<(), Fault> {
    let wanted = call
        .options
        .expand
        .iter()
        .any(|expand| is_event(&expand.path));
    let Some(meeting) = message.content.meeting.as_ref().filter(|_| wanted) else {
        return Ok(());
    };
    if let Some(event) = event_of(call, mailbox, meeting)? {
        entity.insert("event".to_owned(), Value::Object(event));
    }
    Ok(())
}
