use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, id};

const THREAD: &str = "Northwind renewal";

async fn original(caller: &Caller<'_>) -> Value {
    caller.find("inbox", THREAD).await.remove(0)
}

#[tokio::test]
async fn a_reply_reaches_the_sender_in_the_same_conversation() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let letter = original(&ana).await;
    let sent = ana
        .post(
            &format!("/me/messages/{}/reply", id(&letter)),
            json!({"comment": "Well done"}),
        )
        .await;
    assert_eq!((sent.status, sent.text.as_str()), (202, ""));
    let copy = ana
        .find("sentitems", "RE: Northwind renewal")
        .await
        .remove(0);
    assert_eq!(copy["conversationId"], letter["conversationId"]);
    assert!(
        copy["conversationIndex"].as_str().unwrap().len()
            > letter["conversationIndex"].as_str().unwrap().len()
    );
    assert_eq!(copy["toRecipients"][0]["emailAddress"]["address"], BEN);
    let arrived = ben.find("inbox", "RE: Northwind renewal").await.remove(0);
    assert_eq!(arrived["isRead"], false);
    assert_eq!(arrived["internetMessageId"], copy["internetMessageId"]);
    assert_ne!(arrived["id"], copy["id"]);
    let own_letter = ben.find("sentitems", THREAD).await.remove(0);
    assert_eq!(arrived["conversationId"], own_letter["conversationId"]);
    assert!(
        arrived["bodyPreview"]
            .as_str()
            .unwrap()
            .starts_with("Well done")
    );
    assert!(
        arrived["body"]["content"]
            .as_str()
            .unwrap()
            .contains("three-year renewal")
    );
    let headers = ben
        .get(&format!(
            "/me/messages/{}?$select=internetMessageHeaders",
            id(&arrived)
        ))
        .await;
    let list = headers.body["internetMessageHeaders"]
        .as_array()
        .unwrap()
        .clone();
    assert!(list.contains(&json!({"name": "In-Reply-To", "value": letter["internetMessageId"]})));
}

#[tokio::test]
async fn an_answer_to_all_reaches_everyone_but_its_writer() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let letter = original(&ana).await;
    let before = ana.get("/me/mailFolders/inbox").await.body["totalItemCount"].clone();
    ana.post(
        &format!("/me/messages/{}/replyAll", id(&letter)),
        json!({"comment": "To all"}),
    )
    .await;
    let copy = ana
        .find("sentitems", "RE: Northwind renewal")
        .await
        .remove(0);
    let to: Vec<&str> = copy["toRecipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["emailAddress"]["address"].as_str().unwrap())
        .collect();
    assert_eq!(to, [BEN, "jonas.weber@contoso.com"]);
    assert_eq!(
        ana.get("/me/mailFolders/inbox").await.body["totalItemCount"],
        before
    );
    let jonas = cloud.mail_user("jonas.weber@contoso.com");
    assert!(
        jonas
            .find("inbox", "RE: Northwind renewal")
            .await
            .iter()
            .any(|m| m["isRead"] == false)
    );
}

#[tokio::test]
async fn a_forward_carries_the_files_to_new_people() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let letter = original(&ana).await;
    let path = format!("/me/messages/{}/forward", id(&letter));
    ana.post(&path, json!({"comment": "FYI"}))
        .await
        .assert_refused(400, "ErrorInvalidRecipients");
    let to = json!([{"emailAddress": {"address": "grace.kim@contoso.com"}}]);
    assert_eq!(
        ana.post(&path, json!({"comment": "FYI", "toRecipients": to}))
            .await
            .status,
        202
    );
    let grace = cloud.mail_user("grace.kim@contoso.com");
    let arrived = grace.find("inbox", "FW: Northwind renewal").await.remove(0);
    assert_eq!(arrived["hasAttachments"], true);
}

#[tokio::test]
async fn a_comment_and_a_body_exclude_each_other() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let letter = original(&ana).await;
    let both =
        json!({"comment": "a", "message": {"body": {"contentType": "text", "content": "b"}}});
    for action in [
        "reply",
        "replyAll",
        "createReply",
        "createReplyAll",
        "createForward",
        "forward",
    ] {
        ana.post(
            &format!("/me/messages/{}/{action}", id(&letter)),
            both.clone(),
        )
        .await
        .assert_refused(400, "BadRequest");
    }
    let elsewhere = json!({"message": {"toRecipients": [{"emailAddress": {"address": "ines.silva@contoso.com"}}],
        "body": {"contentType": "text", "content": "other people"}}});
    assert_eq!(
        ana.post(&format!("/me/messages/{}/reply", id(&letter)), elsewhere)
            .await
            .status,
        202
    );
    let ines = cloud.mail_user("ines.silva@contoso.com");
    assert_eq!(
        ines.find("inbox", "RE: Northwind renewal").await[0]["bodyPreview"],
        "other people"
    );
}

#[tokio::test]
async fn drafts_of_answers_wait_to_be_sent() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let letter = original(&ana).await;
    for (action, subject) in [
        ("createReply", "RE: Northwind renewal"),
        ("createReplyAll", "RE: Northwind renewal"),
        ("createForward", "FW: Northwind renewal"),
    ] {
        let draft = ana
            .post(
                &format!("/me/messages/{}/{action}", id(&letter)),
                json!({"comment": "Soon"}),
            )
            .await;
        assert_eq!(draft.status, 201, "{}", draft.text);
        assert_eq!(
            (
                &draft.body["isDraft"],
                draft.body["subject"].as_str().unwrap()
            ),
            (&json!(true), subject)
        );
        assert_eq!(draft.body["conversationId"], letter["conversationId"]);
        assert!(
            draft.body["bodyPreview"]
                .as_str()
                .unwrap()
                .starts_with("Soon")
        );
    }
    let before = ben.find("inbox", "RE: Northwind renewal").await.len();
    let draft = ana
        .post(
            &format!("/me/messages/{}/createReply", id(&letter)),
            json!({}),
        )
        .await;
    assert_eq!(
        ben.find("inbox", "RE: Northwind renewal").await.len(),
        before
    );
    assert_eq!(
        ana.post(&format!("/me/messages/{}/send", draft.id()), json!({}))
            .await
            .status,
        202
    );
    let arrived = ben.find("inbox", "RE: Northwind renewal").await;
    assert_eq!(arrived.len(), before + 1);
    assert!(
        arrived
            .iter()
            .any(|message| message["internetMessageId"] == draft.body["internetMessageId"])
    );
}
