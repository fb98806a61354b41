//! Online meetings and what remains of them, and who is there.

use std::time::Duration;

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud};
use crate::teams::{ALL, refused};

fn meeting() -> Value {
    json!({
        "subject": "Quarter",
        "startDateTime": "2026-10-02T09:00:00Z",
        "endDateTime": "2026-10-02T10:00:00Z",
        "allowedPresenters": "organization",
        "participants": { "attendees": [{ "upn": BEN, "role": "presenter" }] },
    })
}

#[tokio::test]
async fn a_meeting_is_made_found_by_its_address_changed_and_removed() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let made = ana.post("/me/onlineMeetings", meeting()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["allowedPresenters"], "organization");
    let url = made.body["joinWebUrl"].as_str().unwrap();
    assert!(url.starts_with("https://teams.microsoft.com/l/meetup-join/"));
    let encoded: String = url.replace('%', "%25");
    let found = ben
        .get(&format!(
            "/me/onlineMeetings?$filter=JoinWebUrl eq '{encoded}'"
        ))
        .await;
    assert_eq!(found.values()[0]["subject"], "Quarter", "{}", found.text);
    refused(&ana.get("/me/onlineMeetings").await, 400, "BadRequest");
    let path = format!("/me/onlineMeetings/{}", made.id());
    let changed = ana
        .patch(
            &path,
            json!({ "subject": "Half-year", "allowRecording": false }),
        )
        .await;
    assert_eq!(
        (&changed.body["subject"], &changed.body["allowRecording"]),
        (&json!("Half-year"), &json!(false))
    );
    refused(
        &ben.patch(&path, json!({ "subject": "Mine" })).await,
        403,
        "Forbidden",
    );
    let thread = made.body["chatInfo"]["threadId"].as_str().unwrap();
    let chat = ben.get(&format!("/chats/{thread}")).await.body;
    assert_eq!(
        (&chat["chatType"], &chat["topic"]),
        (&json!("meeting"), &json!("Half-year"))
    );
    assert_eq!(ana.delete(&path).await.status, 204);
    refused(&ana.get(&path).await, 404, "NotFound");
    let mut backwards = meeting();
    backwards["endDateTime"] = json!("2026-10-01T09:00:00Z");
    refused(
        &ana.post("/me/onlineMeetings", backwards).await,
        400,
        "BadRequest",
    );
}

#[tokio::test]
async fn an_outside_id_makes_one_meeting() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["OnlineMeetings.ReadWrite.All"]);
    let mut new = meeting();
    new["externalId"] = json!("ticket-17");
    let path = format!("/users/{ANA}/onlineMeetings/createOrGet");
    let first = application.post(&path, new.clone()).await;
    assert_eq!(first.status, 201, "{}", first.text);
    let second = application.post(&path, new).await;
    assert_eq!(
        (second.status, &second.body["id"]),
        (200, &first.body["id"])
    );
    refused(&application.post(&path, meeting()).await, 400, "BadRequest");
    let reader = cloud.application(&["OnlineMeetings.Read.All"]);
    let one = format!("/users/{ANA}/onlineMeetings/{}", first.id());
    assert_eq!(reader.get(&one).await.status, 200);
    refused(&reader.delete(&one).await, 403, "Forbidden");
    refused(
        &reader.get(&format!("{one}/transcripts")).await,
        403,
        "Forbidden",
    );
}

#[tokio::test]
async fn presence_is_what_applications_say_and_people_prefer() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let id = ana.get("/me").await.id();
    assert_eq!(
        ana.get("/me/presence").await.body["availability"],
        "Offline"
    );
    let session = cloud.client_id();
    let busy = json!({
        "sessionId": session, "availability": "Busy", "activity": "InACall", "expirationDuration": "PT1H",
    });
    let path = format!("/users/{id}/presence");
    let set = ana.post(&format!("{path}/setPresence"), busy.clone()).await;
    assert_eq!(set.status, 200, "{}", set.text);
    let shown = ana.get(&path).await.body;
    assert_eq!(
        (&shown["availability"], &shown["activity"]),
        (&json!("Busy"), &json!("InACall"))
    );
    let mut wrong = busy.clone();
    wrong["activity"] = json!("Dancing");
    refused(
        &ana.post(&format!("{path}/setPresence"), wrong).await,
        400,
        "BadRequest",
    );
    let mut long = busy.clone();
    long["expirationDuration"] = json!("PT5H");
    refused(
        &ana.post(&format!("{path}/setPresence"), long).await,
        400,
        "BadRequest",
    );
    refused(
        &cloud
            .user(BEN, &ALL)
            .post(&format!("{path}/setPresence"), busy)
            .await,
        403,
        "Forbidden",
    );
    let away = json!({ "availability": "Away", "activity": "Away" });
    assert_eq!(
        ana.post(&format!("{path}/setUserPreferredPresence"), away)
            .await
            .status,
        200
    );
    let many = json!({ "ids": [id] });
    let asked = ana
        .post("/communications/getPresencesByUserId", many)
        .await
        .values();
    assert_eq!(asked[0]["availability"], "Away");
    ana.post(&format!("{path}/clearUserPreferredPresence"), json!({}))
        .await;
    cloud.control.advance(Duration::from_mins(61));
    let later = cloud.user(ANA, &ALL);
    assert_eq!(
        later.get("/me/presence").await.body["availability"],
        "Offline"
    );
    refused(
        &cloud
            .user(ANA, &["Presence.Read"])
            .get(&format!("/users/{BEN}/presence"))
            .await,
        403,
        "Forbidden",
    );
}

#[tokio::test]
async fn a_meeting_that_is_over_has_attendance_a_transcript_and_a_recording() {
    let cloud = Cloud::start().await;
    let roles = [
        "OnlineMeetings.Read.All",
        "OnlineMeetingArtifact.Read.All",
        "OnlineMeetingTranscript.Read.All",
        "OnlineMeetingRecording.Read.All",
        "Chat.ReadBasic.All",
    ];
    let application = cloud.application(&roles);
    let chats = application
        .get(&format!("/users/{ANA}/chats?$top=50"))
        .await
        .values();
    let chat = chats
        .iter()
        .find(|it| it["topic"] == "Pipeline review")
        .unwrap();
    let url = chat["onlineMeetingInfo"]["joinWebUrl"].as_str().unwrap();
    let url = url.replace('%', "%25");
    let base = format!("/users/{ANA}/onlineMeetings");
    let found = application
        .get(&format!("{base}?$filter=JoinWebUrl eq '{url}'"))
        .await
        .values();
    let path = format!("{base}/{}", found[0]["id"].as_str().unwrap());
    let reports = application
        .get(&format!("{path}/attendanceReports"))
        .await
        .values();
    assert_eq!(reports[0]["totalParticipantCount"], 4);
    let report = format!(
        "{path}/attendanceReports/{}",
        reports[0]["id"].as_str().unwrap()
    );
    let records = application
        .get(&format!("{report}/attendanceRecords"))
        .await
        .values();
    assert_eq!(records[0]["role"], "Organizer");
    assert_eq!(records[0]["totalAttendanceInSeconds"], 1800);
    let whole = application
        .get(&format!("{report}?$expand=attendanceRecords"))
        .await;
    assert_eq!(whole.body["attendanceRecords"].as_array().unwrap().len(), 4);
    for (kind, content_type) in [("transcripts", "text/vtt"), ("recordings", "video/mp4")] {
        let all = application.get(&format!("{path}/{kind}")).await.values();
        let one = format!("{path}/{kind}/{}", all[0]["id"].as_str().unwrap());
        assert_eq!(
            application.get(&one).await.body["meetingId"],
            found[0]["id"]
        );
        let content = application.get(&format!("{one}/content")).await;
        assert_eq!(content.header("content-type"), content_type);
    }
}
