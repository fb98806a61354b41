//! Free and busy, and times that suit everybody.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud};

const JONAS: &str = "jonas.weber@contoso.com";

fn at(text: &str) -> Value {
    json!({"dateTime": format!("2028-03-{text}:00"), "timeZone": "UTC"})
}

#[tokio::test]
async fn busy_times_of_people_and_rooms_are_told_without_what_they_are_about() {
    let cloud = Cloud::start().await;
    let ben = cloud.user(BEN, &["Calendars.ReadWrite"]);
    ben.post("/me/events", json!({"subject": "Doctor", "start": at("02T10:00"), "end": at("02T11:00"), "showAs": "oof"})).await;
    let ana = cloud.user(ANA, &["Calendars.ReadBasic"]);
    let body = json!({"schedules": [BEN, "nobody@contoso.com", "room.spree@contoso.com"], "startTime": at("02T09:00"), "endTime": at("02T12:00"), "availabilityViewInterval": 60});
    let told = ana
        .post("/me/calendar/getSchedule", body.clone())
        .await
        .values();
    assert_eq!(told[0]["availabilityView"], "030");
    assert_eq!(told[0]["scheduleItems"][0]["status"], "oof");
    assert!(told[0]["scheduleItems"][0].get("subject").is_none());
    assert_eq!(
        told[1]["error"]["responseCode"],
        "ErrorMailRecipientNotFound"
    );
    assert_eq!(
        (
            told[2]["availabilityView"].as_str(),
            told[2]["workingHours"]["startTime"].as_str()
        ),
        (Some("000"), Some("08:00:00.0000000"))
    );
    let application = cloud.application(&["Calendars.Read"]);
    let told = application
        .post(&format!("/users/{BEN}/calendar/getSchedule"), body.clone())
        .await
        .values();
    assert_eq!(told[0]["scheduleItems"][0]["subject"], "Doctor");
    let mut long = body;
    long["endTime"] = json!({"dateTime": "2028-06-02T12:00:00", "timeZone": "UTC"});
    ana.post("/me/calendar/getSchedule", long)
        .await
        .assert_refused(400, "ErrorTimeIntervalTooBig");
    cloud
        .user(ANA, &["Mail.Read"])
        .post("/me/calendar/getSchedule", json!({}))
        .await
        .assert_refused(403, "ErrorAccessDenied");
}

#[tokio::test]
async fn suggested_times_lie_where_everybody_is_free() {
    let cloud = Cloud::start().await;
    for (who, hour) in [(BEN, "09"), (JONAS, "11")] {
        let event = json!({"subject": "Busy", "start": at(&format!("02T{hour}:00")), "end": at(&format!("02T{hour}:59"))});
        let made = cloud
            .user(who, &["Calendars.ReadWrite"])
            .post("/me/events", event)
            .await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let ana = cloud.user(ANA, &["Calendars.Read.Shared"]);
    let invited = |address: &str| json!({"type": "required", "emailAddress": {"address": address}});
    let body = json!({
        "attendees": [invited(BEN), invited(JONAS)], "meetingDuration": "PT1H", "minimumAttendeePercentage": 100,
        "returnSuggestionReasons": true,
        "timeConstraint": {"activityDomain": "work", "timeSlots": [{"start": at("02T06:00"), "end": at("02T13:00")}]},
    });
    let found = ana.post("/me/findMeetingTimes", body.clone()).await;
    assert_eq!(found.status, 200, "{}", found.text);
    let all = found.body["meetingTimeSuggestions"].as_array().unwrap();
    let times: Vec<&str> = all
        .iter()
        .map(|it| it["meetingTimeSlot"]["start"]["dateTime"].as_str().unwrap())
        .collect();
    assert_eq!(
        times,
        [
            "2028-03-02T08:00:00.0000000",
            "2028-03-02T10:00:00.0000000",
            "2028-03-02T12:00:00.0000000"
        ]
    );
    assert_eq!(found.body["emptySuggestionsReason"], "");
    let mut short = body.clone();
    short["timeConstraint"]["timeSlots"][0] =
        json!({"start": at("02T09:00"), "end": at("02T10:00")});
    let none = ana.post("/me/findMeetingTimes", short).await;
    assert_eq!(none.body["emptySuggestionsReason"], "AttendeesUnavailable");
    cloud
        .application(&["Calendars.Read"])
        .post(&format!("/users/{ANA}/findMeetingTimes"), body)
        .await
        .assert_refused(403, "ErrorAccessDenied");
    ana.post("/me/findMeetingTimes", json!({"meetingDuration": "soon"}))
        .await
        .assert_refused(400, "RequestBodyRead");
}
