//! Calendars themselves, and who may see them.

use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud, id};

const WRITE: [&str; 1] = ["Calendars.ReadWrite"];

#[tokio::test]
async fn calendars_are_made_renamed_and_removed_and_the_default_one_stays() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let default = ana.get("/me/calendar").await;
    assert_eq!(
        (
            default.body["name"].as_str(),
            &default.body["isDefaultCalendar"]
        ),
        (Some("Calendar"), &json!(true)),
        "{}",
        default.text
    );
    let made = ana
        .post(
            "/me/calendars",
            json!({"name": "Trips", "color": "lightBlue"}),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/me/calendars/{}", made.id());
    let changed = ana.patch(&path, json!({"name": "Travel"})).await;
    assert_eq!(
        (
            changed.body["name"].as_str(),
            changed.body["color"].as_str()
        ),
        (Some("Travel"), Some("lightBlue"))
    );
    assert_eq!(
        ana.get("/me/calendars?$count=true").await.body["@odata.count"],
        2
    );
    ana.post("/me/calendars", json!({"name": "travel"}))
        .await
        .assert_refused(409, "ErrorFolderExists");
    ana.post("/me/calendars", json!({"name": "x", "color": "mauve"}))
        .await
        .assert_refused(400, "RequestBodyRead");
    ana.delete(&format!("/me/calendars/{}", default.id()))
        .await
        .assert_refused(400, "ErrorDeleteDistinguishedFolder");
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
    ana.get("/me/calendars/nonsense")
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
}

#[tokio::test]
async fn events_of_a_calendar_stay_in_it() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &WRITE);
    let trips = ana
        .post("/me/calendars", json!({"name": "Trips"}))
        .await
        .id();
    let at = |hour| json!({"dateTime": format!("2026-10-05T{hour}:00:00"), "timeZone": "UTC"});
    let event = json!({"subject": "Train", "start": at("08"), "end": at("12")});
    let made = ana
        .post(&format!("/me/calendars/{trips}/events"), event)
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let listed = ana
        .get(&format!("/me/calendars/{trips}/events"))
        .await
        .values();
    assert_eq!(id(&listed[0]), made.id());
    assert!(
        ana.get("/me/events?$filter=subject eq 'Train'")
            .await
            .values()
            .is_empty()
    );
    let inside = format!(
        "/me/calendars/{trips}/calendarView?startDateTime=soon&endDateTime=2026-10-06T00:00:00Z"
    );
    ana.get(&inside)
        .await
        .assert_refused(400, "ErrorInvalidParameter");
    assert_eq!(
        ana.get(&inside.replace("soon", "2026-10-05T00:00:00Z"))
            .await
            .values()
            .len(),
        1
    );
}

#[tokio::test]
async fn each_permission_opens_its_part_of_calendars() {
    let cloud = Cloud::start().await;
    let at = |hour| json!({"dateTime": format!("2026-10-05T{hour}:00:00"), "timeZone": "UTC"});
    let event = json!({"subject": "Secret", "start": at("08"), "end": at("12"), "body": {"contentType": "text", "content": "hidden"}});
    let ana = cloud.user(ANA, &WRITE);
    let made = ana.post("/me/events", event.clone()).await.id();
    let basic = cloud
        .user(ANA, &["Calendars.ReadBasic"])
        .get(&format!("/me/events/{made}"))
        .await;
    assert_eq!(basic.body["subject"], "Secret", "{}", basic.text);
    assert!(basic.body.get("body").is_none() && basic.body.get("bodyPreview").is_none());
    let reader = cloud.user(ANA, &["Calendars.Read"]);
    assert_eq!(
        reader.get(&format!("/me/events/{made}")).await.body["bodyPreview"],
        "hidden"
    );
    reader
        .post("/me/events", event.clone())
        .await
        .assert_refused(403, "ErrorAccessDenied");
    cloud
        .user(ANA, &["Mail.Read"])
        .get("/me/events")
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let ben = cloud.user(BEN, &["Calendars.ReadWrite.Shared"]);
    ben.get(&format!("/users/{ANA}/events"))
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let support = "/users/support@contoso.com/events";
    assert_eq!(ben.post(support, event).await.status, 201);
    cloud
        .user(BEN, &WRITE)
        .get(support)
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let application = cloud.application(&["Calendars.Read"]);
    assert_eq!(
        application
            .get(&format!("/users/{ANA}/events/{made}"))
            .await
            .status,
        200
    );
    application
        .delete(&format!("/users/{ANA}/events/{made}"))
        .await
        .assert_refused(403, "ErrorAccessDenied");
}
