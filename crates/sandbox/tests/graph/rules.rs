//! Rules of the inbox, and who is focused.

use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, id, message};

const ALL: [&str; 3] = ["MailboxSettings.ReadWrite", "Mail.ReadWrite", "Mail.Send"];
const RULES: &str = "/me/mailFolders/inbox/messageRules";
const INES: &str = "ines.silva@contoso.com";

async fn send(from: &Caller<'_>, subject: &str) {
    let sent = from
        .post("/me/sendMail", json!({"message": message(subject, &[ANA])}))
        .await;
    assert_eq!(sent.status, 202, "{}", sent.text);
}

fn rule(name: &str, conditions: &Value, actions: &Value) -> Value {
    json!({"displayName": name, "sequence": 1, "isEnabled": true, "conditions": conditions, "actions": actions})
}

#[tokio::test]
async fn a_rule_sorts_what_arrives() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &ALL), cloud.mail_user(BEN));
    let deals = ana
        .post("/me/mailFolders", json!({"displayName": "Deals"}))
        .await
        .id();
    let made = ana
        .post(RULES, rule("Deals", &json!({"subjectContains": ["deal"]}), &json!({"moveToFolder": deals, "markAsRead": true, "assignCategories": ["Blue category"], "stopProcessingRules": true})))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    send(&ben, "A new Deal").await;
    send(&ben, "Something else").await;
    let moved = ana.find(&deals, "A new Deal").await.remove(0);
    assert_eq!(
        (&moved["isRead"], &moved["categories"]),
        (&json!(true), &json!(["Blue category"]))
    );
    assert!(ana.find("inbox", "A new Deal").await.is_empty());
    assert_eq!(ana.find("inbox", "Something else").await.len(), 1);
    let path = format!("{RULES}/{}", made.id());
    let changed = ana.patch(&path, json!({"isEnabled": false})).await;
    assert_eq!(changed.body["isEnabled"], false, "{}", changed.text);
    send(&ben, "Another deal").await;
    assert_eq!(ana.find("inbox", "Another deal").await.len(), 1);
    assert_eq!(ana.get(RULES).await.values().len(), 1);
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
}

#[tokio::test]
async fn a_rule_forwards_once_and_deletes_by_sender() {
    let cloud = Cloud::start().await;
    let (ana, ben, ines) = (
        cloud.user(ANA, &ALL),
        cloud.mail_user(BEN),
        cloud.user(INES, &ALL),
    );
    let to = |address: &str| json!([{"emailAddress": {"address": address}}]);
    ana.post(
        RULES,
        rule(
            "To Ines",
            &json!({"fromAddresses": to(BEN)}),
            &json!({"forwardTo": to(INES)}),
        ),
    )
    .await;
    ines.post(
        RULES,
        rule(
            "To Ana",
            &json!({}),
            &json!({"forwardTo": to(ANA), "delete": true}),
        ),
    )
    .await;
    send(&ben, "Round trip").await;
    assert_eq!(ines.find("deleteditems", "FW: Round trip").await.len(), 1);
    assert!(ana.find("inbox", "FW: Round trip").await.is_empty());
    assert!(ana.find("inbox", "FW: FW: Round trip").await.is_empty());
}

#[tokio::test]
async fn rules_that_make_no_sense_or_are_not_allowed_are_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &ALL);
    let cases = [
        (
            rule("x", &json!({"nonsense": true}), &json!({"delete": true})),
            "RequestBodyRead",
        ),
        (
            rule("x", &json!({"sentToMe": "yes"}), &json!({"delete": true})),
            "RequestBodyRead",
        ),
        (
            rule("x", &json!({}), &json!({"moveToFolder": "nowhere"})),
            "ErrorInvalidIdMalformed",
        ),
        (rule("x", &json!({}), &json!({})), "ErrorInvalidRequest"),
    ];
    for (body, code) in cases {
        ana.post(RULES, body).await.assert_refused(400, code);
    }
    ana.get("/me/mailFolders/drafts/messageRules")
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    cloud
        .mail_user(ANA)
        .get(RULES)
        .await
        .assert_refused(403, "ErrorAccessDenied");
    cloud
        .application(&["MailboxSettings.Read"])
        .post(
            &format!("/users/{ANA}/mailFolders/inbox/messageRules"),
            json!({}),
        )
        .await
        .assert_refused(403, "ErrorAccessDenied");
}

#[tokio::test]
async fn an_override_decides_who_is_focused() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.mail_user(ANA), cloud.mail_user(BEN));
    let overrides = "/me/inferenceClassification/overrides";
    let made = ana
        .post(
            overrides,
            json!({"classifyAs": "other", "senderEmailAddress": {"name": "Ben", "address": BEN}}),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    send(&ben, "Never mind").await;
    assert_eq!(
        ana.find("inbox", "Never mind").await[0]["inferenceClassification"],
        "other"
    );
    let path = format!("{overrides}/{}", made.id());
    assert_eq!(
        ana.patch(&path, json!({"classifyAs": "focused"}))
            .await
            .body["classifyAs"],
        "focused"
    );
    assert_eq!(id(&ana.get(overrides).await.values()[0]), made.id());
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.post(overrides, json!({"classifyAs": "sometimes"}))
        .await
        .assert_refused(400, "RequestBodyRead");
    cloud
        .user(ANA, &["Mail.Send"])
        .get(overrides)
        .await
        .assert_refused(403, "ErrorAccessDenied");
}
