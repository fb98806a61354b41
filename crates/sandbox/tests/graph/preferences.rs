use crate::cloud::{ANA, Cloud, id};

#[tokio::test]
async fn bodies_come_as_the_reader_prefers() {
    let cloud = Cloud::start().await;
    let path = "/me/messages?$filter=subject eq 'Invoice 2041'";
    let html = cloud.mail_user(ANA).get(path).await.values().remove(0);
    assert_eq!(html["body"]["contentType"], "html");
    assert!(
        html["body"]["content"]
            .as_str()
            .unwrap()
            .starts_with("<html>")
    );
    let answer = cloud
        .mail_user(ANA)
        .with("prefer", "outlook.body-content-type=\"text\"")
        .get(path)
        .await;
    assert_eq!(
        answer.header("preference-applied"),
        "outlook.body-content-type=\"text\""
    );
    let text = answer.values().remove(0);
    assert_eq!(text["body"]["contentType"], "text");
    assert!(!text["body"]["content"].as_str().unwrap().contains('<'));
    let draft = cloud.mail_user(ANA).draft("Plain").await;
    assert_eq!(draft["body"]["contentType"], "text");
    let as_html = cloud
        .mail_user(ANA)
        .with("prefer", "outlook.body-content-type=\"html\"");
    assert_eq!(
        as_html
            .get(&format!("/me/messages/{}", id(&draft)))
            .await
            .body["body"]["contentType"],
        "html"
    );
}

#[tokio::test]
async fn a_page_size_may_be_a_preference() {
    let cloud = Cloud::start().await;
    let answer = cloud
        .mail_user(ANA)
        .with("prefer", "odata.maxpagesize=3")
        .get("/me/messages")
        .await;
    assert_eq!(answer.values().len(), 3);
    assert_eq!(answer.header("preference-applied"), "odata.maxpagesize=3");
}

#[tokio::test]
async fn an_immutable_id_opens_the_message_whatever_the_reader_prefers() {
    let cloud = Cloud::start().await;
    let immutable = cloud
        .mail_user(ANA)
        .with("prefer", "IdType=\"ImmutableId\"");
    let message = immutable
        .get("/me/messages?$top=1")
        .await
        .values()
        .remove(0);
    let plain = cloud
        .mail_user(ANA)
        .get(&format!("/me/messages/{}", id(&message)))
        .await;
    assert_eq!(
        plain.body["internetMessageId"],
        message["internetMessageId"]
    );
    assert_ne!(plain.body["id"], message["id"]);
}
