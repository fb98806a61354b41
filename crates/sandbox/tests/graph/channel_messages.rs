//! Messages of channels: written, answered, edited, taken back, followed and exported.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud};
use crate::listener::Listener;
use crate::subscriptions::inbox;
use crate::teams::{ALL, make_team, person, plans, refused};

/// The address of the messages of a channel that Ana and Ben share.
async fn channel(ana: &Caller<'_>) -> String {
    let team = make_team(ana, "Talk").await;
    ana.post(&format!("{team}/members"), person(BEN, &[])).await;
    format!("{}/messages", plans(ana, &team).await)
}

fn text(content: &str) -> Value {
    json!({ "body": { "content": content } })
}

#[tokio::test]
async fn a_message_is_written_and_answered() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let path = channel(&ana).await;
    let new = json!({
        "subject": "Plan",
        "importance": "high",
        "body": { "contentType": "html", "content": "<p>Who has <at id=\"0\">Ben Okafor</at> seen?</p>" },
        "mentions": [{ "id": 0, "mentionText": "Ben Okafor", "mentioned": { "user": {
            "id": "c0a7050f-0000-4000-8000-000000000103", "displayName": "Ben Okafor", "userIdentityType": "aadUser",
        }}}],
    });
    let made = ana.post(&path, new).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["subject"], "Plan");
    assert_eq!(made.body["importance"], "high");
    assert_eq!(made.body["from"]["user"]["displayName"], "Ana Reis");
    assert_eq!(
        made.body["mentions"][0]["mentioned"]["user"]["displayName"],
        "Ben Okafor"
    );
    let replies = format!("{path}/{}/replies", made.id());
    let reply = ben.post(&replies, text("Me")).await;
    assert_eq!(
        (reply.status, &reply.body["replyToId"]),
        (201, &json!(made.id())),
        "{}",
        reply.text
    );
    assert_eq!(ana.get(&replies).await.values().len(), 1);
    assert_eq!(
        ana.get(&format!("{replies}/{}", reply.id())).await.body["body"]["content"],
        "Me"
    );
    let listed = ana.get(&format!("{path}?$expand=replies")).await.values();
    assert_eq!(
        (listed.len(), &listed[0]["replies"][0]["id"]),
        (1, &json!(reply.id()))
    );
}

#[tokio::test]
async fn images_and_attachments_have_their_places_in_the_text() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let path = channel(&ana).await;
    let image = json!({
        "body": { "contentType": "html", "content": "<img src=\"../hostedContents/1/$value\"><attachment id=\"card\"></attachment>" },
        "hostedContents": [{ "@microsoft.graph.temporaryId": "1", "contentBytes": "iVBORw0KGgo=", "contentType": "image/png" }],
        "attachments": [{ "id": "card", "contentType": "application/vnd.microsoft.card.thumbnail", "content": "{}" }],
    });
    let made = ana.post(&path, image).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let content = made.body["body"]["content"].as_str().unwrap();
    let address = content.split('"').nth(1).unwrap();
    let bytes = ana.get(address).await;
    assert_eq!(
        (bytes.status, bytes.header("content-type")),
        (200, "image/png")
    );
    assert_eq!(made.body["attachments"][0]["id"], "card");
    let hosted = ana
        .get(&format!("{path}/{}/hostedContents", made.id()))
        .await;
    assert_eq!(hosted.values().len(), 1);
    let mut lost = text("no place for it");
    lost["attachments"] = json!([{ "id": "card", "contentType": "reference" }]);
    refused(&ana.post(&path, lost).await, 400, "BadRequest");
    let mut lost = text("no place for it");
    lost["mentions"] = json!([{ "id": 0, "mentioned": { "user": { "id": "x" } } }]);
    refused(&ana.post(&path, lost).await, 400, "BadRequest");
    refused(
        &ana.post(&path, json!({ "body": {} })).await,
        400,
        "BadRequest",
    );
    refused(
        &ana.post(&path, json!({ "nonsense": 1 })).await,
        400,
        "RequestBodyRead",
    );
    let large = text(&"x".repeat(29_000));
    refused(&ana.post(&path, large).await, 413, "RequestEntityTooLarge");
}

#[tokio::test]
async fn people_edit_take_back_and_react_and_only_their_own() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.user(BEN, &ALL));
    let path = channel(&ana).await;
    let one = format!("{path}/{}", ana.post(&path, text("First")).await.id());
    refused(&ben.patch(&one, text("Mine now")).await, 403, "Forbidden");
    assert_eq!(ana.patch(&one, text("Second")).await.status, 204);
    let found = ana.get(&one).await.body;
    assert_eq!(found["body"]["content"], "Second");
    assert_eq!(found["lastEditedDateTime"], "2026-10-01T12:00:00Z");
    assert_eq!(
        ben.post(
            &format!("{one}/setReaction"),
            json!({ "reactionType": "💘" })
        )
        .await
        .status,
        204
    );
    assert_eq!(
        ben.post(
            &format!("{one}/setReaction"),
            json!({ "reactionType": "💘" })
        )
        .await
        .status,
        204
    );
    let found = ana.get(&one).await.body;
    assert_eq!(found["reactions"].as_array().unwrap().len(), 1);
    assert_eq!(
        found["reactions"][0]["user"]["user"]["displayName"],
        "Ben Okafor"
    );
    ben.post(
        &format!("{one}/unsetReaction"),
        json!({ "reactionType": "💘" }),
    )
    .await;
    assert_eq!(ana.get(&one).await.body["reactions"], json!([]));
    refused(
        &ben.post(&format!("{one}/softDelete"), json!({})).await,
        403,
        "Forbidden",
    );
    assert_eq!(
        ana.post(&format!("{one}/softDelete"), json!({}))
            .await
            .status,
        204
    );
    let gone = ana.get(&one).await.body;
    assert_eq!(
        (
            &gone["body"]["content"],
            gone["deletedDateTime"].is_string()
        ),
        (&json!(""), true)
    );
    assert_eq!(
        ana.post(&format!("{one}/undoSoftDelete"), json!({}))
            .await
            .status,
        204
    );
    assert_eq!(ana.get(&one).await.body["body"]["content"], "Second");
}

#[tokio::test]
async fn an_application_reads_but_does_not_write() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let path = channel(&ana).await;
    let one = format!("{path}/{}", ana.post(&path, text("Hello")).await.id());
    let reader = cloud.application(&["ChannelMessage.Read.All"]);
    assert_eq!(reader.get(&one).await.body["body"]["content"], "Hello");
    refused(&reader.post(&path, text("No")).await, 403, "Forbidden");
    let importer = cloud.application(&["Teamwork.Migrate.All"]);
    let answer = importer.post(&path, text("No")).await;
    refused(&answer, 401, "Unauthorized");
    assert!(answer.message().contains("only for import purposes"));
    refused(
        &importer.post(&format!("{one}/softDelete"), json!({})).await,
        403,
        "Forbidden",
    );
    let watchdog = cloud.application(&["ChannelMessage.UpdatePolicyViolation.All"]);
    refused(&watchdog.patch(&one, text("No")).await, 403, "Forbidden");
    let violation = json!({ "policyViolation": { "dlpAction": "blockAccess" } });
    assert_eq!(watchdog.patch(&one, violation).await.status, 200);
    assert_eq!(
        reader.get(&one).await.body["policyViolation"]["dlpAction"],
        "blockAccess"
    );
}

#[tokio::test]
async fn pages_are_small_and_changes_are_followed() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let path = channel(&ana).await;
    for number in 0..25 {
        ana.post(&path, text(&format!("Number {number}"))).await;
    }
    let first = ana.get(&path).await;
    assert_eq!(first.values().len(), 20);
    let next = first.body["@odata.nextLink"].as_str().unwrap();
    assert_eq!(ana.get(next).await.values().len(), 5);
    refused(
        &ana.get(&format!("{path}?$top=51")).await,
        400,
        "BadRequest",
    );
    refused(
        &ana.get(&format!("{path}?$filter=id eq '1'")).await,
        400,
        "BadRequest",
    );
    let mut round = ana.get(&format!("{path}/delta?$top=10")).await;
    let mut seen = round.values().len();
    while let Some(next) = round.body["@odata.nextLink"].as_str().map(str::to_owned) {
        round = ana.get(&next).await;
        seen += round.values().len();
    }
    assert_eq!(seen, 25);
    let link = round.body["@odata.deltaLink"].as_str().unwrap().to_owned();
    assert!(ana.get(&link).await.values().is_empty());
    ana.post(&path, text("After")).await;
    let changed = ana.get(&link).await.values();
    assert_eq!(
        (changed.len(), &changed[0]["body"]["content"]),
        (1, &json!("After"))
    );
    let bad = ana.get(&format!("{path}/delta?$deltatoken=nonsense")).await;
    refused(&bad, 410, "SyncStateNotFound");
}

#[tokio::test]
async fn an_approved_application_exports_a_team() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let path = channel(&ana).await;
    let one = ana.post(&path, text("One")).await.id();
    ana.post(&format!("{path}/{one}/replies"), text("Two"))
        .await;
    let team = path.split("/channels").next().unwrap();
    let export = format!("{team}/channels/getAllMessages");
    let application = cloud.application(&["ChannelMessage.Read.All"]);
    assert_eq!(
        application
            .get(&format!("{export}?model=A"))
            .await
            .values()
            .len(),
        2
    );
    refused(
        &application.get(&format!("{export}?model=C")).await,
        400,
        "BadRequest",
    );
    refused(&ana.get(&export).await, 403, "Forbidden");
    cloud.control.refuse_protected_apis(true);
    let refusal = application.get(&export).await;
    refused(&refusal, 403, "Forbidden");
    assert!(refusal.message().contains("Protected API"));
}

#[tokio::test]
async fn a_channel_tells_of_its_messages() {
    let (cloud, listener) = (Cloud::start().await, Listener::start().await);
    let ana = cloud.user(ANA, &ALL);
    let path = channel(&ana).await;
    let mut new = inbox(&listener.url);
    new["resource"] = json!(path);
    new["lifecycleNotificationUrl"] = json!(listener.url);
    assert_eq!(ana.post("/subscriptions", new).await.status, 201);
    let one = ana.post(&path, text("One")).await.id();
    ana.post(&format!("{path}/{one}/replies"), text("Two"))
        .await;
    ana.post(&format!("{path}/{one}/softDelete"), json!({}))
        .await;
    cloud.control.notified().await;
    let mut told = listener.take();
    told.sort_by_key(|it| it["resource"].as_str().unwrap().len());
    let kinds: Vec<&str> = told
        .iter()
        .map(|it| it["changeType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 3, "{told:?}");
    assert!(kinds[..2].contains(&"created") && kinds[..2].contains(&"deleted"));
    assert!(told[2]["resource"].as_str().unwrap().contains("/replies('"));
    assert_eq!(
        told[2]["resourceData"]["@odata.type"],
        "#Microsoft.Graph.chatMessage"
    );
}
