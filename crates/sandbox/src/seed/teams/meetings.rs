//! Meetings that are over, with who was there and what was said.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

use super::talk::{MEETINGS, SeededMeeting};
use super::{before, days, id_of, later};
use crate::graph::{identify_meeting, open_meeting_chat};
use crate::seed::TENANT_ID;
use crate::state::State;
use crate::state::teams::meeting::{Artifact, Attendee, Meeting, Record, Report};

/// How long each of them was, in minutes.
const LENGTH: i64 = 30;
/// The beginning of every MP4: its brand, and an empty box of media.
const RECORDING: [u8; 32] = *b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom\0\0\0\x08mdat";

pub(super) fn fill(state: &mut State, now: Timestamp) {
    for seeded in MEETINGS {
        add(state, seeded, now);
    }
}

fn add(
    state: &mut State,
    (subject, organizer, others, days_ago, said): &SeededMeeting,
    now: Timestamp,
) {
    let Some(organizer_id) = id_of(state, organizer) else {
        return;
    };
    let starts_at = before(now, days(*days_ago));
    let ends_at = later(starts_at, LENGTH);
    let attendees = others.iter().map(|alias| Attendee {
        user_id: id_of(state, alias),
        upn: format!("{alias}@contoso.com"),
        role: "attendee".to_owned(),
    });
    let mut meeting = Meeting {
        tenant_id: TENANT_ID.to_owned(),
        organizer_id: organizer_id.clone(),
        subject: Some((*subject).to_owned()),
        created_at: before(starts_at, days(3)),
        starts_at,
        ends_at,
        attendees: attendees.collect(),
        ..Meeting::default()
    };
    identify_meeting(state, &mut meeting);
    meeting.reports.push(report(state, &meeting));
    let words = transcript(state, said);
    for (list, content) in [
        (&mut meeting.transcripts, words),
        (&mut meeting.recordings, STANDARD.encode(RECORDING)),
    ] {
        list.push(Artifact {
            id: STANDARD.encode(state.ids.uuid().to_string()),
            call_id: state.ids.uuid().to_string(),
            correlation_id: state.ids.uuid().to_string(),
            created_at: starts_at,
            ended_at: ends_at,
            content,
        });
    }
    open_meeting_chat(state, &meeting);
    state.teams.meetings.push(meeting);
}

/// Everybody came; each a minute later than the one before.
fn report(state: &mut State, meeting: &Meeting) -> Report {
    let others = meeting.attendees.iter().filter_map(|it| it.user_id.clone());
    let people = [meeting.organizer_id.clone()].into_iter().chain(others);
    let records = (0..).zip(people).map(|(minutes, user_id)| Record {
        user_id,
        role: if minutes == 0 {
            "Organizer"
        } else {
            "Attendee"
        }
        .to_owned(),
        joined_at: later(meeting.starts_at, minutes),
        left_at: meeting.ends_at,
    });
    Report {
        id: state.ids.uuid().to_string(),
        starts_at: meeting.starts_at,
        ends_at: meeting.ends_at,
        records: records.collect(),
    }
}

/// As Teams writes it: one cue for each thing said, with its speaker.
fn transcript(state: &State, said: &[(&str, &str)]) -> String {
    let mut text = "WEBVTT\n".to_owned();
    for (place, (alias, words)) in said.iter().enumerate() {
        let speaker = state.directory.user(&format!("{alias}@contoso.com"));
        let speaker = speaker.map_or_else(|| (*alias).to_owned(), |it| it.display_name.clone());
        let (from, to) = (place * 8, place * 8 + 7);
        // Writing to a text cannot fail.
        let _ = write!(
            text,
            "\n00:00:{from:02}.000 --> 00:00:{to:02}.000\n<v {speaker}>{words}</v>\n"
        );
    }
    text
}
