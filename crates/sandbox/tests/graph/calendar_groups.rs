//! Groups of calendars.
//! Source: <https://learn.microsoft.com/graph/api/resources/calendargroup>

use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud};

const WRITE: [&str; 1] = ["Calendars.ReadWrite"];

#[tokio::test]
async fn groups_are_made_renamed_and_removed_and_the_default_one_stays() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let all = ana.get("/me/calendarGroups").await.values();
    assert_eq!(all.len(), 1);
    assert_eq!(all[0]["name"], "My Calendars");
    assert_eq!(all[0]["classId"], "0006f0b7-0000-0000-c000-000000000046");
    let default = format!("/me/calendarGroups/{}", all[0]["id"].as_str().unwrap());
    let made = ana
        .post("/me/calendarGroups", json!({ "name": "Trips" }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/me/calendarGroups/{}", made.id());
    let named = ana.patch(&path, json!({ "name": "Travel" })).await;
    assert_eq!(named.body["name"], "Travel", "{}", named.text);
    assert_eq!(named.body["classId"], made.body["classId"]);
    assert_ne!(named.body["changeKey"], made.body["changeKey"]);
    let listed = ana
        .get("/me/calendarGroups?$orderby=name desc&$top=1&$count=true")
        .await;
    assert_eq!(listed.values()[0]["name"], "Travel");
    assert_eq!(listed.body["@odata.count"], 2);
    assert_eq!(ana.get("/me/calendarGroups/$count").await.text, "2");
    ana.post("/me/calendarGroups", json!({ "name": "travel" }))
        .await
        .assert_refused(409, "ErrorFolderExists");
    ana.post("/me/calendarGroups", json!({ "color": "auto" }))
        .await
        .assert_refused(400, "RequestBodyRead");
    ana.post("/me/calendarGroups", json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    ana.delete(&default)
        .await
        .assert_refused(400, "ErrorDeleteDistinguishedFolder");
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
    ana.get("/me/calendarGroups/nonsense")
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
}

#[tokio::test]
async fn calendars_are_in_one_group_and_are_reached_through_it() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let group = ana
        .post("/me/calendarGroups", json!({ "name": "Trips" }))
        .await
        .id();
    let path = format!("/me/calendarGroups/{group}/calendars");
    assert!(ana.get(&path).await.values().is_empty());
    let made = ana.post(&path, json!({ "name": "Alps" })).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(ana.get(&path).await.values()[0]["name"], "Alps");
    assert_eq!(ana.get(&format!("{path}/$count")).await.text, "1");
    // It is among all calendars, and in no other group.
    assert_eq!(ana.get("/me/calendars/$count").await.text, "2");
    let mine = ana.get("/me/calendarGroups").await.values()[0]["id"].clone();
    let mine = format!("/me/calendarGroups/{}/calendars", mine.as_str().unwrap());
    let names = ana.get(&mine).await.values();
    assert_eq!(names.len(), 1);
    assert_eq!(names[0]["isDefaultCalendar"], true);
    ana.get(&format!("{mine}/{}", made.id()))
        .await
        .assert_refused(404, "ErrorItemNotFound");
    let events = format!("{path}/{}/events", made.id());
    let event = json!({
        "subject": "Hut",
        "start": { "dateTime": "2026-11-02T09:00:00", "timeZone": "UTC" },
        "end": { "dateTime": "2026-11-02T10:00:00", "timeZone": "UTC" },
    });
    let added = ana.post(&events, event).await;
    assert_eq!(added.status, 201, "{}", added.text);
    assert_eq!(ana.get(&events).await.values()[0]["subject"], "Hut");
    let refused = ana.delete(&format!("/me/calendarGroups/{group}")).await;
    refused.assert_refused(400, "ErrorCannotDeleteObject");
    let calendar = format!("{path}/{}", made.id());
    assert_eq!(ana.delete(&calendar).await.status, 204);
    let empty = ana.delete(&format!("/me/calendarGroups/{group}")).await;
    assert_eq!(empty.status, 204, "{}", empty.text);
}

#[tokio::test]
async fn groups_take_permissions_of_calendars() {
    let cloud = Cloud::start().await;
    let reader = cloud.user(ANA, &["Calendars.Read"]);
    assert_eq!(reader.get("/me/calendarGroups").await.status, 200);
    let made = reader
        .post("/me/calendarGroups", json!({ "name": "No" }))
        .await;
    made.assert_refused(403, "ErrorAccessDenied");
    let path = format!("/users/{ANA}/calendarGroups");
    let stranger = cloud.user(BEN, &WRITE);
    stranger
        .get(&path)
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let application = cloud.application(&WRITE);
    assert_eq!(application.get(&path).await.status, 200);
    let mail = cloud.user(ANA, &["Mail.Read"]);
    let refused = mail.get("/me/calendarGroups").await;
    refused.assert_refused(403, "ErrorAccessDenied");
}
