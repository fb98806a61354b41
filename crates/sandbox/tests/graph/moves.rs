use serde_json::json;

use crate::cloud::{ANA, Cloud, id};

#[tokio::test]
async fn a_moved_message_has_a_new_id_and_the_old_one_is_gone() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let invoice = ana.find("inbox", "Invoice 2041").await.remove(0);
    let moved = ana
        .post(
            &format!("/me/messages/{}/move", id(&invoice)),
            json!({"destinationId": "archive"}),
        )
        .await;
    assert_eq!(moved.status, 201);
    assert_ne!(moved.body["id"], invoice["id"]);
    assert_eq!(
        moved.body["internetMessageId"],
        invoice["internetMessageId"]
    );
    assert!(ana.find("inbox", "Invoice 2041").await.is_empty());
    assert_eq!(
        ana.find("archive", "Invoice 2041").await[0]["id"],
        moved.body["id"]
    );
    ana.get(&format!("/me/messages/{}", id(&invoice)))
        .await
        .assert_refused(404, "ErrorItemNotFound");
    let back = ana
        .post(
            &format!("/me/messages/{}/move", moved.id()),
            json!({"destinationId": "inbox"}),
        )
        .await;
    assert_ne!(back.body["id"], invoice["id"]);
}

#[tokio::test]
async fn an_immutable_id_survives_the_move_and_a_copy_gets_its_own() {
    let cloud = Cloud::start().await;
    let ana = cloud
        .mail_user(ANA)
        .with("prefer", "IdType=\"ImmutableId\"");
    let invoice = ana.find("inbox", "Invoice 2041").await.remove(0);
    assert!(id(&invoice).starts_with("AAkALgAA"));
    let moved = ana
        .post(
            &format!("/me/messages/{}/move", id(&invoice)),
            json!({"destinationId": "archive"}),
        )
        .await;
    assert_eq!(moved.body["id"], invoice["id"]);
    assert_eq!(moved.header("preference-applied"), "IdType=\"ImmutableId\"");
    let copy = ana
        .post(
            &format!("/me/messages/{}/copy", id(&invoice)),
            json!({"destinationId": "inbox"}),
        )
        .await;
    assert_eq!(copy.status, 201);
    assert_ne!(copy.body["id"], invoice["id"]);
    assert_eq!(ana.find("archive", "Invoice 2041").await.len(), 1);
    assert_eq!(ana.find("inbox", "Invoice 2041").await.len(), 1);
}

#[tokio::test]
async fn a_move_to_nowhere_is_refused_and_moves_nothing() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let invoice = ana.find("inbox", "Invoice 2041").await.remove(0);
    let path = format!("/me/messages/{}/move", id(&invoice));
    ana.post(&path, json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    ana.post(&path, json!({"destinationId": "nowhere"}))
        .await
        .assert_refused(400, "ErrorInvalidIdMalformed");
    ana.post(&path, json!({"destination": "archive"}))
        .await
        .assert_refused(400, "BadRequest");
    assert_eq!(
        ana.find("inbox", "Invoice 2041").await[0]["id"],
        invoice["id"]
    );
}
