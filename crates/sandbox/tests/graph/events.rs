//! Single events: times and zones, whole days, versions, files, links to join.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, id};

const WRITE: [&str; 1] = ["Calendars.ReadWrite"];

fn at(text: &str, zone: &str) -> Value {
    json!({"dateTime": text, "timeZone": zone})
}

fn plain(subject: &str) -> Value {
    json!({"subject": subject, "start": at("2026-10-05T10:00:00", "UTC"), "end": at("2026-10-05T11:00:00", "UTC")})
}

async fn made(ana: &Caller<'_>, event: Value) -> Value {
    let made = ana.post("/me/events", event).await;
    assert_eq!(made.status, 201, "{}", made.text);
    made.body
}

#[tokio::test]
async fn an_event_is_made_read_changed_and_removed() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let event = json!({
        "subject": "Review", "start": at("2026-10-05T10:00:00", "W. Europe Standard Time"),
        "end": at("2026-10-05T11:30:00", "Europe/Berlin"), "location": {"displayName": "Tejo"},
        "categories": ["Red category"], "showAs": "oof", "importance": "high", "reminderMinutesBeforeStart": 30,
    });
    let made = made(&ana, event).await;
    assert_eq!(made["start"], at("2026-10-05T08:00:00.0000000", "UTC"));
    assert_eq!(made["originalStartTimeZone"], "W. Europe Standard Time");
    assert_eq!(
        (made["type"].as_str(), &made["isOrganizer"]),
        (Some("singleInstance"), &json!(true))
    );
    assert_eq!(made["location"]["displayName"], "Tejo");
    assert_eq!(made["organizer"]["emailAddress"]["address"], ANA);
    let path = format!("/me/events/{}", id(&made));
    let abroad = cloud
        .user(ANA, &WRITE)
        .with("prefer", "outlook.timezone=\"Pacific Standard Time\"");
    let shown = abroad.get(&format!("{path}?$select=subject,start")).await;
    assert_eq!(
        shown.body["start"],
        at("2026-10-05T01:00:00.0000000", "Pacific Standard Time"),
        "{}",
        shown.text
    );
    assert!(shown.body.get("end").is_none());
    assert!(
        shown
            .header("preference-applied")
            .contains("outlook.timezone")
    );
    let changed = ana
        .patch(
            &path,
            json!({"subject": "Review 2", "end": at("2026-10-05T12:00:00", "UTC")}),
        )
        .await;
    assert_eq!(
        (changed.status, changed.body["subject"].as_str()),
        (200, Some("Review 2")),
        "{}",
        changed.text
    );
    assert_eq!(changed.body["start"], made["start"]);
    let old = made["@odata.etag"].as_str().unwrap();
    cloud
        .user(ANA, &WRITE)
        .with("if-match", old)
        .delete(&path)
        .await
        .assert_refused(412, "ErrorIrresolvableConflict");
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
}

#[tokio::test]
async fn whole_days_are_midnights_wherever_they_are_read() {
    let cloud = Cloud::start().await;
    let ana = cloud
        .user(ANA, &WRITE)
        .with("prefer", "outlook.timezone=\"Asia/Tokyo\"");
    let day = |from: &str, to: &str| json!({"subject": "Holiday", "isAllDay": true, "start": at(from, "Europe/Lisbon"), "end": at(to, "Europe/Lisbon")});
    let holiday = made(&ana, day("2026-10-05T00:00:00", "2026-10-06T00:00:00")).await;
    assert_eq!(
        holiday["start"],
        at("2026-10-05T00:00:00.0000000", "Asia/Tokyo")
    );
    for (from, to) in [
        ("2026-10-05T08:00:00", "2026-10-06T00:00:00"),
        ("2026-10-05T00:00:00", "2026-10-05T00:00:00"),
    ] {
        ana.post("/me/events", day(from, to))
            .await
            .assert_refused(400, "ErrorPropertyValidationFailure");
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let (start, end) = (
        at("2026-10-05T10:00:00", "UTC"),
        at("2026-10-05T09:00:00", "UTC"),
    );
    let cases = [
        (
            json!({"subject": "x", "start": start, "end": end}),
            "ErrorPropertyValidationFailure",
        ),
        (
            json!({"subject": "x", "start": start}),
            "ErrorInvalidRequest",
        ),
        (
            json!({"start": at("2026-10-05T10:00:00", "Nowhere/Land"), "end": start}),
            "TimeZoneNotSupportedException",
        ),
        (
            json!({"start": at("soon", "UTC"), "end": start}),
            "RequestBodyRead",
        ),
        (
            json!({"start": start, "end": start, "nonsense": 1}),
            "RequestBodyRead",
        ),
        (
            json!({"start": start, "end": start, "showAs": "asleep"}),
            "RequestBodyRead",
        ),
        (
            json!({"start": start, "end": start, "location": {"nonsense": 1}}),
            "RequestBodyRead",
        ),
    ];
    for (body, code) in cases {
        ana.post("/me/events", body).await.assert_refused(400, code);
    }
    ana.get("/me/events?$filter=nonsense eq 1")
        .await
        .assert_refused(400, "RequestBroker--ParseUri");
    ana.get("/me/events?$top=1001")
        .await
        .assert_refused(400, "ErrorInvalidUrlQuery");
    ana.get("/me/events?$search=\"x\"")
        .await
        .assert_refused(400, "BadRequest");
    ana.get("/me/events/nonsense")
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
    let zone = cloud
        .user(ANA, &WRITE)
        .with("prefer", "outlook.timezone=\"Nowhere\"");
    zone.get("/me/events")
        .await
        .assert_refused(400, "TimeZoneNotSupportedException");
    ana.call(Method::PUT, "/me/events", None)
        .await
        .assert_refused(405, "Request_BadRequest");
    ana.get("/me/calendarView")
        .await
        .assert_refused(400, "ErrorInvalidParameter");
}

#[tokio::test]
async fn the_same_transaction_makes_one_event() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let mut event = plain("Once");
    event["transactionId"] = json!("7f1b");
    let first = made(&ana, event.clone()).await;
    let second = made(&ana, event).await;
    assert_eq!(first["id"], second["id"]);
    assert_eq!(
        ana.get("/me/events?$filter=subject eq 'Once'")
            .await
            .values()
            .len(),
        1
    );
}

#[tokio::test]
async fn events_are_filtered_sorted_and_paged() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    for day in 1..=7 {
        let day = format!("2027-02-{day:02}");
        let event = json!({"subject": format!("F {day}"), "start": at(&format!("{day}T10:00:00"), "UTC"), "end": at(&format!("{day}T11:00:00"), "UTC")});
        made(&ana, event).await;
    }
    let path = "/me/events?$select=subject&$orderby=start/dateTime&$top=2&$count=true&$filter=start/dateTime ge '2027-02-03T00:00:00' and startswith(subject,'F ')";
    let page = ana.get(path).await;
    assert_eq!(
        (
            &page.body["@odata.count"],
            page.values()[0]["subject"].as_str()
        ),
        (&json!(5), Some("F 2027-02-03")),
        "{}",
        page.text
    );
    let next = ana
        .get(page.body["@odata.nextLink"].as_str().unwrap())
        .await;
    assert_eq!(next.values()[0]["subject"], "F 2027-02-05");
}

#[tokio::test]
async fn an_online_meeting_has_a_link_to_join() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let mut event = plain("Call");
    event["isOnlineMeeting"] = json!(true);
    event["attendees"] = json!([{"emailAddress": {"address": BEN}}]);
    let call = made(&ana, event).await;
    let url = call["onlineMeeting"]["joinUrl"].as_str().unwrap();
    assert!(url.starts_with("https://teams.microsoft.com/l/meetup-join/"));
    let ben = cloud.user(BEN, &["Calendars.Read"]);
    let copy = ben
        .get("/me/events?$filter=subject eq 'Call'")
        .await
        .values();
    assert_eq!(copy[0]["onlineMeeting"]["joinUrl"], url);
}

#[tokio::test]
async fn files_are_attached_to_events() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let event = made(&ana, plain("Files")).await;
    let path = format!("/me/events/{}/attachments", id(&event));
    let file = json!({"@odata.type": "#microsoft.graph.fileAttachment", "name": "a.txt", "contentType": "text/plain", "contentBytes": "aGk="});
    let file = ana.post(&path, file).await;
    assert_eq!(file.status, 201, "{}", file.text);
    assert_eq!(ana.get(&path).await.values()[0]["name"], "a.txt");
    assert_eq!(
        ana.get(&format!("{path}/{}/$value", file.id())).await.text,
        "hi"
    );
    assert_eq!(
        ana.get(&format!("/me/events/{}", id(&event))).await.body["hasAttachments"],
        true
    );
    cloud
        .user(ANA, &["Calendars.ReadBasic"])
        .get(&path)
        .await
        .assert_refused(403, "ErrorAccessDenied");
    assert_eq!(
        ana.delete(&format!("{path}/{}", file.id())).await.status,
        204
    );
    assert!(ana.get(&path).await.values().is_empty());
}
