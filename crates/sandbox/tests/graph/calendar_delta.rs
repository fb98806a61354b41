//! Following a window of a calendar.

use serde_json::{Value, json};

use crate::cloud::{ANA, Caller, Cloud, id};

const START: &str =
    "/me/calendarView/delta?startDateTime=2028-01-01T00:00:00Z&endDateTime=2028-02-01T00:00:00Z";

async fn follow(caller: &Caller<'_>, start: &str) -> (Vec<Value>, String) {
    let mut all = Vec::new();
    let mut address = start.to_owned();
    loop {
        let page = caller.get(&address).await;
        all.extend(page.values());
        if let Some(link) = page.body["@odata.deltaLink"].as_str() {
            return (all, link.to_owned());
        }
        page.body["@odata.nextLink"]
            .as_str()
            .unwrap()
            .clone_into(&mut address);
    }
}

fn event(subject: &str, day: &str) -> Value {
    let at = |hour| json!({"dateTime": format!("2028-{day}T{hour}:00:00"), "timeZone": "UTC"});
    json!({"subject": subject, "start": at("10"), "end": at("11")})
}

#[tokio::test]
async fn a_window_is_followed_through_changes_moves_and_departures() {
    let cloud = Cloud::start().await;
    let ana = cloud
        .user(ANA, &["Calendars.ReadWrite"])
        .with("prefer", "odata.maxpagesize=2");
    let inside = ana.post("/me/events", event("Inside", "01-05")).await.body;
    ana.post("/me/events", event("Outside", "03-06")).await;
    let mut series = event("Daily", "01-11");
    series["recurrence"] = json!({"pattern": {"type": "daily", "interval": 1}, "range": {"type": "numbered", "startDate": "2028-01-11", "numberOfOccurrences": 5}});
    ana.post("/me/events", series).await;
    let (first, link) = follow(&ana, START).await;
    let named = |values: &[Value], subject: &str| {
        values
            .iter()
            .filter(|value| value["subject"] == subject)
            .count()
    };
    assert_eq!(
        (
            named(&first, "Inside"),
            named(&first, "Daily"),
            named(&first, "Outside")
        ),
        (1, 5, 0)
    );
    let (nothing, link) = follow(&ana, &link).await;
    assert!(nothing.is_empty(), "{nothing:?}");
    let day = first
        .iter()
        .find(|value| value["subject"] == "Daily")
        .unwrap();
    ana.delete(&format!("/me/events/{}", id(day))).await;
    let moved = json!({"start": event("", "02-21")["start"], "end": event("", "02-21")["end"]});
    ana.patch(&format!("/me/events/{}", id(&inside)), moved)
        .await;
    ana.post("/me/events", event("New", "01-20")).await;
    let (changes, _) = follow(&ana, &link).await;
    let gone: Vec<&Value> = changes
        .iter()
        .filter(|value| value["@removed"]["reason"] == "deleted")
        .map(|value| &value["id"])
        .collect();
    assert!(
        gone.contains(&&day["id"]) && gone.contains(&&inside["id"]),
        "{changes:?}"
    );
    assert_eq!(named(&changes, "New"), 1);
}

#[tokio::test]
async fn following_wants_a_window_and_a_known_token() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["Calendars.Read"]);
    ana.get("/me/calendarView/delta")
        .await
        .assert_refused(400, "ErrorInvalidParameter");
    ana.get(&format!("{START}&$filter=subject eq 'x'"))
        .await
        .assert_refused(400, "BadRequest");
    ana.get("/me/calendarView/delta?$deltatoken=nonsense")
        .await
        .assert_refused(410, "syncStateNotFound");
    let (_, link) = follow(&ana, START).await;
    cloud.control.forget_changes(ANA).unwrap();
    ana.get(&link)
        .await
        .assert_refused(410, "syncStateNotFound");
}
