//! Searching one's own messages and events.
//! Source: <https://learn.microsoft.com/graph/search-concept-messages>,
//! <https://learn.microsoft.com/graph/api/resources/search-api-overview#page-search-results>

use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud};

const MAIL: [&str; 2] = ["Mail.ReadWrite", "Mail.Send"];

fn ask(kind: &str, words: &str) -> Value {
    json!({ "entityTypes": [kind], "query": { "queryString": words } })
}

async fn search(caller: &Caller<'_>, request: Value) -> Answer {
    let body = json!({ "requests": [request] });
    caller.post("/search/query", body).await
}

fn container(answer: &Answer) -> &Value {
    assert_eq!(answer.status, 200, "{}", answer.text);
    &answer.body["value"][0]["hitsContainers"][0]
}

fn subjects(answer: &Answer) -> Vec<&str> {
    let hits = container(answer)["hits"].as_array();
    let hits = hits.into_iter().flatten();
    hits.map(|hit| hit["resource"]["subject"].as_str().unwrap())
        .collect()
}

#[tokio::test]
async fn messages_are_found_by_words_and_properties_newest_first_and_in_pages() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &MAIL);
    for number in 0..30 {
        ana.draft(&format!("Zeppelin {number}")).await;
    }
    let first = search(&ana, ask("message", "zeppelin")).await;
    let found = container(&first);
    // The total is that of the page.
    assert_eq!(found["total"], 25);
    assert_eq!(found["moreResultsAvailable"], true);
    assert_eq!(subjects(&first)[0], "Zeppelin 29");
    let hit = &found["hits"][0];
    assert_eq!(hit["rank"], 1);
    assert_eq!(hit["resource"]["@odata.type"], "#microsoft.graph.message");
    assert!(hit["resource"]["from"].is_null() || hit["resource"]["from"].is_object());
    assert!(hit["resource"].get("body").is_none());
    let path = format!("/me/messages/{}", hit["hitId"].as_str().unwrap());
    assert_eq!(ana.get(&path).await.body["subject"], "Zeppelin 29");
    let mut next = ask("message", "zeppelin");
    next["from"] = json!(25);
    next["size"] = json!(25);
    let second = search(&ana, next).await;
    assert_eq!(container(&second)["total"], 5);
    assert_eq!(container(&second)["moreResultsAvailable"], false);
    assert_eq!(container(&second)["hits"][0]["rank"], 26);
    assert_eq!(subjects(&second)[4], "Zeppelin 0");
    let narrow = search(&ana, ask("message", "subject:\"Zeppelin 7\"")).await;
    assert_eq!(subjects(&narrow), ["Zeppelin 7"]);
    let either = ask(
        "message",
        "subject:\"Zeppelin 7\" OR subject:\"Zeppelin 8\"",
    );
    assert_eq!(subjects(&search(&ana, either).await).len(), 2);
    let none = search(
        &ana,
        ask(
            "message",
            "subject:zeppelin AND isread:perhaps AND to:nobody",
        ),
    )
    .await;
    assert!(container(&none).get("hits").is_none());
    let mut selected = ask("message", "subject:\"Zeppelin 7\"");
    selected["fields"] = json!(["subject", "isRead", "nothing"]);
    let chosen = search(&ana, selected).await;
    let resource = container(&chosen)["hits"][0]["resource"]
        .as_object()
        .unwrap();
    let names: Vec<&str> = resource.keys().map(String::as_str).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    // Nobody finds what is in somebody else's mailbox.
    let ben = cloud.user(BEN, &MAIL);
    let other = search(&ben, ask("message", "zeppelin")).await;
    assert_eq!(container(&other)["total"], 0);
}

#[tokio::test]
async fn events_of_the_primary_calendar_are_found() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["Calendars.ReadWrite"]);
    let event = |subject: &str, day: u32| {
        json!({
            "subject": subject,
            "start": { "dateTime": format!("2026-11-0{day}T09:00:00"), "timeZone": "UTC" },
            "end": { "dateTime": format!("2026-11-0{day}T10:00:00"), "timeZone": "UTC" },
            "location": { "displayName": "Dirigible hall" },
        })
    };
    for (subject, day) in [("Zeppelin first", 2), ("Zeppelin second", 3)] {
        let made = ana.post("/me/events", event(subject, day)).await;
        assert_eq!(made.status, 201, "{}", made.text);
    }
    let other = ana
        .post("/me/calendars", json!({ "name": "Other" }))
        .await
        .id();
    let path = format!("/me/calendars/{other}/events");
    assert_eq!(
        ana.post(&path, event("Zeppelin elsewhere", 4)).await.status,
        201
    );
    let found = search(&ana, ask("event", "zeppelin")).await;
    assert_eq!(subjects(&found), ["Zeppelin second", "Zeppelin first"]);
    let hit = &container(&found)["hits"][0];
    assert_eq!(hit["resource"]["@odata.type"], "#microsoft.graph.event");
    let place = search(
        &ana,
        ask("event", "location:dirigible AND start>=2026-11-03"),
    )
    .await;
    assert_eq!(subjects(&place), ["Zeppelin second"]);
}

#[tokio::test]
async fn what_a_search_of_mailboxes_does_not_take_is_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["Mail.Read", "Calendars.Read", "Sites.Read.All"]);
    let with = |name: &str, value: Value| {
        let mut request = ask("message", "x");
        request[name] = value;
        request
    };
    for (request, status) in [
        (with("size", json!(26)), 400),
        (with("size", json!(-1)), 400),
        (with("from", json!("a")), 400),
        (with("entityTypes", json!(["message", "event"])), 400),
        (with("entityTypes", json!(["message", "driveItem"])), 400),
        (with("entityTypes", json!(["letter"])), 400),
        (with("sortProperties", json!([{ "name": "subject" }])), 400),
        (with("enableTopResults", json!(true)), 501),
        (with("query", json!({})), 400),
        (ask("message", "subject:("), 400),
    ] {
        let refused = search(&ana, request.clone()).await;
        assert_eq!(refused.status, status, "{request}: {}", refused.text);
    }
    // Neither basic access, nor another permission, nor an application will do.
    for scope in ["Mail.ReadBasic", "Calendars.Read"] {
        let poor = cloud.user(ANA, &[scope]);
        let refused = search(&poor, ask("message", "x")).await;
        refused.assert_refused(403, "Forbidden");
    }
    let application = cloud.application(&["Mail.Read"]);
    let mut request = ask("message", "x");
    request["region"] = json!("EMEA");
    search(&application, request)
        .await
        .assert_refused(400, "BadRequest");
    let ben = cloud.user(BEN, &["Mail.Read"]);
    let refused = search(&ben, ask("event", "x")).await;
    refused.assert_refused(403, "Forbidden");
}
