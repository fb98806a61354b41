//! Chats, their people and messages, and the activity feed.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud};
use crate::teams::{ALL, person, refused};

const CHIARA: &str = "chiara.conti@contoso.com";
const DAVID: &str = "david.nguyen@contoso.com";

fn chat(kind: &str, people: &[&str]) -> Value {
    let people: Vec<Value> = people.iter().map(|it| person(it, &["owner"])).collect();
    json!({ "chatType": kind, "members": people })
}

fn text(content: &str) -> Value {
    json!({ "body": { "content": content } })
}

#[tokio::test]
async fn two_people_have_one_chat() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let made = ana.post("/chats", chat("oneOnOne", &[ANA, BEN])).await;
    assert_eq!(
        (made.status, &made.body["chatType"]),
        (201, &json!("oneOnOne")),
        "{}",
        made.text
    );
    let again = ben.post("/chats", chat("oneOnOne", &[BEN, ANA])).await;
    assert_eq!(again.body["id"], made.body["id"]);
    let path = format!("/chats/{}/messages", made.id());
    let sent = ana.post(&path, text("Lunch?")).await;
    assert_eq!(
        (sent.status, &sent.body["chatId"]),
        (201, &made.body["id"]),
        "{}",
        sent.text
    );
    assert_eq!(
        ben.get(&path).await.values()[0]["body"]["content"],
        "Lunch?"
    );
    let listed = ben
        .get("/me/chats?$expand=members,lastMessagePreview&$top=50")
        .await
        .values();
    let found = listed
        .iter()
        .find(|it| it["id"] == made.body["id"])
        .unwrap();
    assert_eq!(found["lastMessagePreview"]["body"]["content"], "Lunch?");
    assert_eq!(found["members"].as_array().unwrap().len(), 2);
    refused(
        &ana.patch(&format!("/chats/{}", made.id()), json!({ "topic": "No" }))
            .await,
        400,
        "BadRequest",
    );
    let third = cloud.user(CHIARA, &ALL);
    refused(&third.get(&path).await, 403, "Forbidden");
    let both = chat("oneOnOne", &[ANA, BEN, CHIARA]);
    refused(&ana.post("/chats", both).await, 400, "BadRequest");
    refused(
        &third.post("/chats", chat("oneOnOne", &[ANA, BEN])).await,
        400,
        "BadRequest",
    );
}

#[tokio::test]
async fn a_group_chat_has_a_topic_and_people_who_see_what_they_may() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let mut new = chat("group", &[ANA, BEN, CHIARA]);
    new["topic"] = json!("Launch");
    let made = ana.post("/chats", new).await;
    assert_eq!(
        (made.status, &made.body["topic"]),
        (201, &json!("Launch")),
        "{}",
        made.text
    );
    let path = format!("/chats/{}", made.id());
    assert_eq!(
        ana.patch(&path, json!({ "topic": "Landing" })).await.body["topic"],
        "Landing"
    );
    ana.post(&format!("{path}/messages"), text("Before David"))
        .await;
    cloud.control.advance(std::time::Duration::from_mins(1));
    let members = format!("{path}/members");
    let added = ana.post(&members, person(DAVID, &["owner"])).await;
    assert_eq!(added.status, 201, "{}", added.text);
    ana.post(&format!("{path}/messages"), text("With David"))
        .await;
    let david = cloud.user(DAVID, &ALL);
    let seen = david.get(&format!("{path}/messages")).await.values();
    assert_eq!(
        (seen.len(), &seen[0]["body"]["content"]),
        (1, &json!("With David"))
    );
    assert_eq!(ana.get(&format!("{path}/messages")).await.values().len(), 2);
    let newest = format!(
        "{path}/messages?$orderby=createdDateTime desc&$filter=createdDateTime gt 2026-10-01T12:00:30Z"
    );
    assert_eq!(ana.get(&newest).await.values().len(), 1);
    refused(
        &ana.get(&format!("{path}/messages?$orderby=createdDateTime asc"))
            .await,
        400,
        "BadRequest",
    );
    assert_eq!(
        ana.delete(&format!("{members}/{}", added.id()))
            .await
            .status,
        204
    );
    assert_eq!(ana.get(&members).await.values().len(), 3);
    refused(&david.get(&path).await, 403, "Forbidden");
}

#[tokio::test]
async fn two_people_may_have_group_chats_beside_their_own() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let own = ana.post("/chats", chat("oneOnOne", &[ANA, BEN])).await.id();
    let first = ana.post("/chats", chat("group", &[ANA, BEN])).await;
    assert_eq!(
        (first.status, &first.body["chatType"]),
        (201, &json!("group")),
        "{}",
        first.text
    );
    let second = ana.post("/chats", chat("group", &[ANA, BEN])).await.id();
    assert_ne!(first.id(), second);
    assert_ne!(first.id(), own);
    let alone = chat("group", &[ANA]);
    refused(&ana.post("/chats", alone).await, 400, "BadRequest");
}

#[tokio::test]
async fn a_message_of_a_chat_is_taken_back_below_its_user() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let chat = ana.post("/chats", chat("oneOnOne", &[ANA, BEN])).await.id();
    let message = ana
        .post(&format!("/chats/{chat}/messages"), text("Oops"))
        .await
        .id();
    let below = format!("chats/{chat}/messages/{message}/softDelete");
    refused(
        &ana.post(&format!("/{below}"), json!({})).await,
        405,
        "Request_BadRequest",
    );
    assert_eq!(
        ana.post(&format!("/users/{ANA}/{below}"), json!({}))
            .await
            .status,
        204
    );
    let gone = ana
        .get(&format!("/chats/{chat}/messages/{message}"))
        .await
        .body;
    assert!(gone["deletedDateTime"].is_string());
}

#[tokio::test]
async fn an_application_makes_chats_and_exports_them_but_says_nothing() {
    let cloud = Cloud::start().await;
    let maker = cloud.application(&["Chat.Create", "Chat.Read.All"]);
    let made = maker
        .post("/chats", chat("group", &[ANA, BEN, CHIARA]))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let path = format!("/chats/{}/messages", made.id());
    refused(&maker.post(&path, text("No")).await, 403, "Forbidden");
    let ana = cloud.user(ANA, &ALL);
    ana.post(&path, text("For the record")).await;
    let export = format!("/users/{BEN}/chats/getAllMessages");
    let all = maker.get(&export).await.values();
    assert!(
        all.iter()
            .any(|it| it["body"]["content"] == "For the record")
    );
    refused(&ana.get(&export).await, 403, "Forbidden");
    assert!(
        !maker
            .get(&format!("/users/{BEN}/chats"))
            .await
            .values()
            .is_empty()
    );
    refused(&maker.get("/chats").await, 403, "Forbidden");
}

#[tokio::test]
async fn somebodys_activity_feed_is_written_to() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["TeamsActivity.Send"]);
    let path = format!("/users/{BEN}/teamwork/sendActivityNotification");
    let note = json!({
        "topic": { "source": "text", "value": "Deploy", "webUrl": "https://teams.microsoft.com/l/entity/x" },
        "activityType": "deploymentDone",
        "previewText": { "content": "All green" },
    });
    assert_eq!(application.post(&path, note.clone()).await.status, 204);
    let mut without = note.clone();
    without["topic"] = Value::Null;
    refused(&application.post(&path, without).await, 400, "BadRequest");
    let mut plain = note;
    plain["activityType"] = json!("systemDefault");
    refused(&application.post(&path, plain).await, 400, "BadRequest");
    let reader = cloud.application(&["User.Read.All"]);
    refused(&reader.post(&path, json!({})).await, 403, "Forbidden");
}
