//! Events that repeat.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, id};

const ALL: [&str; 3] = ["Calendars.ReadWrite", "Mail.ReadWrite", "Mail.Send"];

fn weekly(subject: &str) -> Value {
    json!({
        "subject": subject,
        "start": {"dateTime": "2026-10-05T09:00:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-10-05T09:30:00", "timeZone": "Europe/Berlin"},
        "recurrence": {
            "pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday", "wednesday"]},
            "range": {"type": "endDate", "startDate": "2026-10-05", "endDate": "2026-11-04"},
        },
    })
}

async fn view(caller: &Caller<'_>, subject: &str) -> Vec<Value> {
    let path = "/me/calendarView?startDateTime=2026-10-01T00:00:00Z&endDateTime=2026-12-01T00:00:00Z&$top=100";
    caller
        .get(&format!("{path}&$filter=subject eq '{subject}'"))
        .await
        .values()
}

#[tokio::test]
async fn a_series_is_spread_out_over_its_days_at_the_hour_of_its_zone() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let made = ana.post("/me/events", weekly("Stand up")).await;
    assert_eq!(
        (made.status, made.body["type"].as_str()),
        (201, Some("seriesMaster")),
        "{}",
        made.text
    );
    assert_eq!(
        made.body["recurrence"]["pattern"]["daysOfWeek"],
        json!(["monday", "wednesday"])
    );
    let days = view(&ana, "Stand up").await;
    assert_eq!(days.len(), 10);
    assert!(
        days.iter()
            .all(|day| day["type"] == "occurrence" && day["seriesMasterId"] == made.body["id"])
    );
    // Summer time ends on 25 October in Berlin.
    assert_eq!(days[0]["start"]["dateTime"], "2026-10-05T07:00:00.0000000");
    assert_eq!(days[9]["start"]["dateTime"], "2026-11-04T08:00:00.0000000");
    let window = "startDateTime=2026-10-10T00:00:00Z&endDateTime=2026-10-20T00:00:00%2B02:00";
    let instances = ana
        .get(&format!("/me/events/{}/instances?{window}", made.id()))
        .await
        .values();
    assert_eq!(instances.len(), 3);
    let one = ana.get(&format!("/me/events/{}", id(&instances[0]))).await;
    assert_eq!(
        (one.body["type"].as_str(), &one.body["recurrence"]),
        (Some("occurrence"), &Value::Null)
    );
}

#[tokio::test]
async fn one_day_is_changed_and_one_taken_out() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let made = ana.post("/me/events", weekly("Touch base")).await;
    let days = view(&ana, "Touch base").await;
    let change = json!({"subject": "Long one", "end": {"dateTime": "2026-10-07T10:00:00", "timeZone": "Europe/Berlin"}});
    let other = ana
        .patch(&format!("/me/events/{}", id(&days[1])), change)
        .await;
    assert_eq!(
        (other.status, other.body["type"].as_str()),
        (200, Some("exception")),
        "{}",
        other.text
    );
    assert_eq!(
        ana.delete(&format!("/me/events/{}", id(&days[2])))
            .await
            .status,
        204
    );
    assert_eq!(view(&ana, "Touch base").await.len(), 8);
    assert_eq!(view(&ana, "Long one").await.len(), 1);
    ana.get(&format!("/me/events/{}", id(&days[2])))
        .await
        .assert_refused(404, "ErrorItemNotFound");
    let master = ana
        .get(&format!(
            "/me/events/{}?$select=cancelledOccurrences,subject&$expand=exceptionOccurrences",
            made.id()
        ))
        .await;
    assert_eq!(
        master.body["cancelledOccurrences"]
            .as_array()
            .unwrap()
            .len(),
        1,
        "{}",
        master.text
    );
    assert_eq!(
        master.body["exceptionOccurrences"][0]["subject"],
        "Long one"
    );
    ana.patch(
        &format!("/me/events/{}", id(&days[0])),
        json!({"recurrence": null}),
    )
    .await
    .assert_refused(400, "ErrorInvalidPropertySet");
}

#[tokio::test]
async fn a_day_of_a_meeting_is_cancelled_and_declined_alone() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let mut event = weekly("Our team");
    event["attendees"] = json!([{"emailAddress": {"address": BEN}}]);
    ana.post("/me/events", event).await;
    let (hers, his) = (view(&ana, "Our team").await, view(&ben, "Our team").await);
    assert_eq!((hers.len(), his.len()), (10, 10));
    ana.post(
        &format!("/me/events/{}/cancel", id(&hers[0])),
        json!({"comment": "Holiday"}),
    )
    .await;
    assert_eq!(view(&ben, "Our team").await.len(), 9);
    assert_eq!(
        ben.find("inbox", "Canceled: Our team").await[0]["type"],
        "occurrence"
    );
    ben.post(&format!("/me/events/{}/decline", id(&his[1])), json!({}))
        .await;
    assert_eq!(view(&ben, "Our team").await.len(), 8);
    let day = ana.get(&format!("/me/events/{}", id(&hers[1]))).await.body;
    assert_eq!(day["attendees"][0]["status"]["response"], "declined");
    assert_eq!(
        view(&ana, "Our team").await[1]["attendees"][0]["status"]["response"],
        "none"
    );
}

#[tokio::test]
async fn a_recurrence_that_makes_no_sense_is_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let with = |pattern: Value, range: Value| {
        let mut event = weekly("Bad");
        event["recurrence"] = json!({"pattern": pattern, "range": range});
        event
    };
    let no_end = json!({"type": "noEnd", "startDate": "2026-10-05"});
    let daily = json!({"type": "daily", "interval": 1});
    let cases = [
        (
            with(json!({"type": "hourly", "interval": 1}), no_end.clone()),
            "RequestBodyRead",
        ),
        (
            with(json!({"type": "weekly", "interval": 1}), no_end.clone()),
            "ErrorInvalidRequest",
        ),
        (
            with(json!({"type": "daily", "interval": 0}), no_end.clone()),
            "ErrorPropertyValidationFailure",
        ),
        (
            with(
                json!({"type": "absoluteMonthly", "interval": 1, "dayOfMonth": 40}),
                no_end,
            ),
            "ErrorPropertyValidationFailure",
        ),
        (
            with(
                daily.clone(),
                json!({"type": "numbered", "startDate": "2026-10-05", "numberOfOccurrences": 0}),
            ),
            "ErrorPropertyValidationFailure",
        ),
        (
            with(
                daily,
                json!({"type": "endDate", "startDate": "2026-10-05", "endDate": "2026-10-01"}),
            ),
            "ErrorPropertyValidationFailure",
        ),
    ];
    for (body, code) in cases {
        ana.post("/me/events", body).await.assert_refused(400, code);
    }
}
