//! What remains of a meeting: attendance, transcripts and recordings.
//! Source: <https://learn.microsoft.com/graph/api/meetingattendancereport-list>,
//! <https://learn.microsoft.com/graph/api/onlinemeeting-list-transcripts>

use axum::http::Method;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::render::identity;
use crate::graph::call::Call;
use crate::graph::fault::Fault;
use crate::graph::reply::Reply;
use crate::graph::teams::access::{self, Permissions};
use crate::graph::teams::rows::{self, Sizes};
use crate::graph::teams::{only, plain};
use crate::state::directory::User;
use crate::state::teams::meeting::{Artifact, Meeting, Record, Report};

const ATTENDANCE: Permissions = Permissions::both(&["OnlineMeetingArtifact.Read.All"]);
const TRANSCRIPTS: Permissions = Permissions::both(&["OnlineMeetingTranscript.Read.All"]);
const RECORDINGS: Permissions = Permissions::both(&["OnlineMeetingRecording.Read.All"]);
const SIZES: Sizes = Sizes {
    usual: 100,
    most: 999,
};

/// Everything below a meeting. It is looked for only once the token is known to be good enough.
pub(super) fn dispatch(
    call: &Call,
    user: &User,
    find: impl FnOnce() -> Result<Meeting, Fault>,
    first: &str,
    below: &[&str],
) -> Result<Reply, Fault> {
    let permissions = match first {
        "attendancereports" => ATTENDANCE,
        "transcripts" => TRANSCRIPTS,
        "recordings" => RECORDINGS,
        "attendeereport" | "registration" => return Err(Fault::not_implemented(first)),
        _ => return Err(Fault::unknown_segment(first)),
    };
    only(call, &Method::GET)?;
    permissions.require(call)?;
    let meeting = find()?;
    let set = format!("{}('{}')", super::set(user), meeting.id);
    match first {
        "attendancereports" => reports(call, &set, &meeting, below),
        "transcripts" => artifacts(call, &set, &meeting, Kind::Transcript, below),
        _ => artifacts(call, &set, &meeting, Kind::Recording, below),
    }
}

fn reports(call: &Call, set: &str, meeting: &Meeting, below: &[&str]) -> Result<Reply, Fault> {
    let set = format!("{set}/attendanceReports");
    let find = |id: &str| {
        let mut reports = meeting.reports.iter();
        reports
            .find(|it| it.id == id)
            .ok_or_else(|| access::not_found("The attendance report was not found."))
    };
    match below {
        [] => {
            let rows = meeting
                .reports
                .iter()
                .map(|it| report(call, it, false))
                .collect();
            rows::page(call, &set, rows, SIZES)
        }
        [id] => {
            let mut expands = call.options.expand.iter();
            let whole = expands.any(|it| it.path.eq_ignore_ascii_case("attendanceRecords"));
            let row = report(call, find(id)?, whole);
            Ok(rows::one(
                call,
                &set,
                row.as_object().cloned().unwrap_or_default(),
            ))
        }
        [id, records] if plain(records) == "attendancerecords" => {
            let report = find(id)?;
            let set = format!("{set}('{id}')/attendanceRecords");
            rows::page(call, &set, records_of(call, report), SIZES)
        }
        [_, other, ..] => Err(Fault::unknown_segment(other)),
    }
}

fn report(call: &Call, report: &Report, whole: bool) -> Value {
    let mut value = json!({
        "id": report.id,
        "totalParticipantCount": report.records.len(),
        "meetingStartDateTime": report.starts_at,
        "meetingEndDateTime": report.ends_at,
        "externalEventInformation": [],
    });
    if whole {
        value["attendanceRecords"] = json!(records_of(call, report));
    }
    value
}

fn records_of(call: &Call, report: &Report) -> Vec<Value> {
    report.records.iter().map(|it| record(call, it)).collect()
}

fn record(call: &Call, record: &Record) -> Value {
    let user = call
        .shared
        .read(|state| state.directory.user(&record.user_id).cloned());
    let user = user.unwrap_or_default();
    let seconds = record.left_at.duration_since(record.joined_at).as_secs();
    json!({
        "id": record.user_id,
        "emailAddress": user.mail,
        "totalAttendanceInSeconds": seconds,
        "role": record.role,
        "registrationId": null,
        "externalRegistrationInformation": null,
        "identity": { "id": record.user_id, "displayName": user.display_name },
        "attendanceIntervals": [{
            "joinDateTime": record.joined_at,
            "leaveDateTime": record.left_at,
            "durationInSeconds": seconds,
        }],
    })
}

/// The two kinds of what was recorded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Transcript,
    Recording,
}

fn artifacts(
    call: &Call,
    set: &str,
    meeting: &Meeting,
    kind: Kind,
    below: &[&str],
) -> Result<Reply, Fault> {
    let (name, all) = match kind {
        Kind::Transcript => ("transcripts", &meeting.transcripts),
        Kind::Recording => ("recordings", &meeting.recordings),
    };
    let set = format!("{set}/{name}");
    let row = |it: &Artifact| artifact(call, &set, meeting, kind, it);
    let find = |id: &str| {
        let mut all = all.iter();
        all.find(|it| it.id == id)
            .ok_or_else(|| access::not_found("The artifact was not found."))
    };
    match below {
        [] => rows::page(call, &set, all.iter().map(row).collect(), SIZES),
        [id] => {
            let row = row(find(id)?);
            Ok(rows::one(
                call,
                &set,
                row.as_object().cloned().unwrap_or_default(),
            ))
        }
        [id, content] if plain(content) == "content" => {
            let artifact = find(id)?;
            Ok(match kind {
                Kind::Transcript => Reply::raw("text/vtt", artifact.content.clone().into_bytes()),
                Kind::Recording => {
                    let bytes = STANDARD.decode(&artifact.content).unwrap_or_default();
                    Reply::raw("video/mp4", bytes)
                }
            })
        }
        [_, other, ..] => Err(Fault::not_implemented(other)),
    }
}

fn artifact(call: &Call, set: &str, meeting: &Meeting, kind: Kind, artifact: &Artifact) -> Value {
    let organizer = call
        .shared
        .read(|state| identity(state, &meeting.organizer_id));
    let url = format!("{}/{set}('{}')/content", call.base, artifact.id);
    let mut value = json!({
        "id": artifact.id,
        "meetingId": meeting.id,
        "callId": artifact.call_id,
        "contentCorrelationId": artifact.correlation_id,
        "meetingOrganizer": organizer,
        "createdDateTime": artifact.created_at,
        "endDateTime": artifact.ended_at,
    });
    let name = match kind {
        Kind::Transcript => "transcriptContentUrl",
        Kind::Recording => "recordingContentUrl",
    };
    value[name] = json!(url);
    value
}
