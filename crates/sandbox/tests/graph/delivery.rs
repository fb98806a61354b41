use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud, id, message};

#[tokio::test]
async fn a_sent_message_is_kept_by_its_sender_and_reaches_every_recipient_once() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let mut letter = message(
        "Lunch",
        &[BEN, "BEN.OKAFOR@contoso.com", "friend@elsewhere.example"],
    );
    letter["bccRecipients"] = json!([{"emailAddress": {"address": "ines.silva@contoso.com"}}]);
    letter["internetMessageId"] = json!("<lunch-1@contoso.com>");
    letter["internetMessageHeaders"] = json!([{"name": "X-Run", "value": "42"}]);
    let sent = ana.post("/me/sendMail", json!({"message": letter})).await;
    assert_eq!((sent.status, sent.text.as_str()), (202, ""));
    let copy = ana.find("sentitems", "Lunch").await.remove(0);
    assert_eq!(
        (&copy["isDraft"], &copy["isRead"]),
        (&json!(false), &json!(true))
    );
    assert_eq!(copy["bccRecipients"].as_array().unwrap().len(), 1);
    let arrived = ben.find("inbox", "Lunch").await;
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0]["isRead"], false);
    assert_eq!(arrived[0]["bccRecipients"], json!([]));
    assert_eq!(arrived[0]["internetMessageId"], "<lunch-1@contoso.com>");
    assert_eq!(
        arrived[0]["from"]["emailAddress"],
        json!({"name": "Ana Reis", "address": ANA})
    );
    assert_eq!(arrived[0]["receivedDateTime"], "2026-10-01T12:00:00Z");
    let headers = ben
        .get(&format!(
            "/me/messages/{}?$select=internetMessageHeaders",
            id(&arrived[0])
        ))
        .await;
    assert!(
        headers.body["internetMessageHeaders"]
            .as_array()
            .unwrap()
            .contains(&json!({"name": "X-Run", "value": "42"}))
    );
    assert_eq!(
        cloud
            .mail_user("ines.silva@contoso.com")
            .find("inbox", "Lunch")
            .await
            .len(),
        1
    );
    assert!(ana.find("inbox", "Undeliverable: Lunch").await.is_empty());
}

#[tokio::test]
async fn no_copy_is_kept_when_none_is_wanted() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let body = json!({"Message": message("Secret lunch", &[BEN]), "SaveToSentItems": false});
    assert_eq!(ana.post("/me/sendMail", body).await.status, 202);
    assert!(ana.find("sentitems", "Secret lunch").await.is_empty());
    assert_eq!(
        cloud
            .mail_user(BEN)
            .find("inbox", "Secret lunch")
            .await
            .len(),
        1
    );
}

#[tokio::test]
async fn an_unknown_colleague_comes_back_as_a_report() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    ana.post(
        "/me/sendMail",
        json!({"message": message("Hello?", &["nobody@contoso.com"])}),
    )
    .await;
    let report = ana.find("inbox", "Undeliverable: Hello?").await.remove(0);
    assert!(
        report["from"]["emailAddress"]["address"]
            .as_str()
            .unwrap()
            .starts_with("MicrosoftExchange")
    );
    assert!(
        report["body"]["content"]
            .as_str()
            .unwrap()
            .contains("550 5.1.10 RESOLVER.ADR.RecipientNotFound")
    );
    let sent = ana.find("sentitems", "Hello?").await.remove(0);
    assert_eq!(report["conversationId"], sent["conversationId"]);
}

#[tokio::test]
async fn a_draft_is_sent_once_and_keeps_its_immutable_id() {
    let cloud = Cloud::start().await;
    let ana = cloud
        .mail_user(ANA)
        .with("prefer", "IdType=\"ImmutableId\"");
    let draft = ana.draft("Offer").await;
    let path = format!("/me/messages/{}/send", id(&draft));
    let sent = ana.call(reqwest::Method::POST, &path, None).await;
    assert_eq!((sent.status, sent.text.as_str()), (202, ""));
    let copy = ana.find("sentitems", "Offer").await.remove(0);
    assert_eq!(copy["id"], draft["id"]);
    assert_eq!(copy["internetMessageId"], draft["internetMessageId"]);
    assert!(ana.find("drafts", "Offer").await.is_empty());
    ana.call(reqwest::Method::POST, &path, None)
        .await
        .assert_refused(400, "ErrorInvalidOperation");
    assert_eq!(cloud.mail_user(BEN).find("inbox", "Offer").await.len(), 1);
}

#[tokio::test]
async fn mail_without_a_valid_recipient_is_refused_and_not_kept() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for (to, reason) in [
        (vec![], "contains no recipients"),
        (vec!["no address"], "is not resolved"),
    ] {
        let refused = ana
            .post("/me/sendMail", json!({"message": message("Nowhere", &to)}))
            .await;
        refused.assert_refused(400, "ErrorInvalidRecipients");
        assert!(refused.message().contains(reason));
    }
    ana.post("/me/sendMail", json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    ana.post("/me/sendMail", json!({"mesage": {}}))
        .await
        .assert_refused(400, "BadRequest");
    assert!(ana.find("sentitems", "Nowhere").await.is_empty());
}

#[tokio::test]
async fn an_application_sends_as_the_mailbox_that_it_names() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["Mail.Send"]);
    let body = json!({"message": message("From the system", &[BEN])});
    assert_eq!(
        application
            .post(&format!("/users/{ANA}/sendMail"), body.clone())
            .await
            .status,
        202
    );
    let arrived = cloud
        .mail_user(BEN)
        .find("inbox", "From the system")
        .await
        .remove(0);
    assert_eq!(arrived["from"]["emailAddress"]["address"], ANA);
    application
        .post("/users/nobody@contoso.com/sendMail", body)
        .await
        .assert_refused(404, "ErrorInvalidUser");
}

#[tokio::test]
async fn writing_in_somebody_elses_name_needs_their_leave() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let mut letter = message("As the team", &[BEN]);
    letter["from"] = json!({"emailAddress": {"address": "support@contoso.com"}});
    assert_eq!(
        ana.post("/me/sendMail", json!({"message": letter}))
            .await
            .status,
        202
    );
    letter["from"] = json!({"emailAddress": {"address": "jonas.weber@contoso.com"}});
    ana.post("/me/sendMail", json!({"message": letter}))
        .await
        .assert_refused(403, "ErrorSendAsDenied");
    let arrived = cloud.mail_user(BEN).find("inbox", "As the team").await;
    assert_eq!(arrived.len(), 1);
    assert_eq!(
        arrived[0]["from"]["emailAddress"]["address"],
        "support@contoso.com"
    );
    assert_eq!(arrived[0]["sender"]["emailAddress"]["address"], ANA);
}
