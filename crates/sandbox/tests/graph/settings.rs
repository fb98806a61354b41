//! Mailbox settings, automatic replies, colours and mail tips.

use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud, message};

const SETTINGS: [&str; 1] = ["MailboxSettings.ReadWrite"];

#[tokio::test]
async fn settings_are_read_and_changed_part_by_part() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &SETTINGS);
    let before = ana.get("/me/mailboxSettings").await;
    assert_eq!(
        (
            before.body["timeZone"].as_str(),
            before.body["userPurpose"].as_str()
        ),
        (Some("UTC"), Some("user")),
        "{}",
        before.text
    );
    let change = json!({"timeZone": "GMT Standard Time", "language": {"locale": "pt-PT"},
        "workingHours": {"daysOfWeek": ["monday", "friday"], "startTime": "09:00:00", "endTime": "18:30:00", "timeZone": {"name": "GMT Standard Time"}}});
    let changed = ana.patch("/me/mailboxSettings", change).await;
    assert_eq!(
        (
            changed.status,
            changed.body["language"]["displayName"].as_str()
        ),
        (200, Some("Portuguese (Portugal)")),
        "{}",
        changed.text
    );
    assert!(changed.body.get("automaticRepliesSetting").is_none());
    let hours = ana.get("/me/mailboxSettings/workingHours").await;
    assert_eq!(
        (hours.body["endTime"].as_str(), &hours.body["daysOfWeek"]),
        (Some("18:30:00.0000000"), &json!(["monday", "friday"])),
        "{}",
        hours.text
    );
    assert_eq!(
        ana.get("/me/mailboxSettings/timeZone").await.body["value"],
        "GMT Standard Time"
    );
    ana.patch("/me/mailboxSettings", json!({"timeZone": "Nowhere"}))
        .await
        .assert_refused(400, "TimeZoneNotSupportedException");
    ana.patch("/me/mailboxSettings", json!({"nonsense": 1}))
        .await
        .assert_refused(400, "RequestBodyRead");
    ana.patch("/me/mailboxSettings", json!({"userPurpose": "room"}))
        .await
        .assert_refused(400, "ErrorInvalidPropertySet");
    let reader = cloud.user(ANA, &["MailboxSettings.Read"]);
    reader
        .patch("/me/mailboxSettings", json!({}))
        .await
        .assert_refused(403, "ErrorAccessDenied");
    cloud
        .mail_user(ANA)
        .get("/me/mailboxSettings")
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let application = cloud.application(&["MailboxSettings.Read"]);
    assert_eq!(
        application
            .get("/users/room.tejo@contoso.com/mailboxSettings")
            .await
            .body["userPurpose"],
        "room"
    );
    assert!(
        !ana.get("/me/outlook/supportedTimeZones")
            .await
            .values()
            .is_empty()
    );
}

#[tokio::test]
async fn who_is_away_answers_each_sender_once_while_it_lasts() {
    let cloud = Cloud::start().await;
    let (ana, ben) = (cloud.user(ANA, &SETTINGS), cloud.mail_user(BEN));
    let at = |hour| json!({"dateTime": format!("2026-10-01T{hour}:00:00"), "timeZone": "UTC"});
    let replies = json!({"automaticRepliesSetting": {"status": "scheduled", "scheduledStartDateTime": at("11"), "scheduledEndDateTime": at("15"),
        "internalReplyMessage": "<p>Back on Monday</p>"}});
    let set = ana.patch("/me/mailboxSettings", replies).await;
    assert_eq!(set.status, 200, "{}", set.text);
    for subject in ["First", "Second"] {
        ben.post("/me/sendMail", json!({"message": message(subject, &[ANA])}))
            .await;
    }
    let answer = ben.find("inbox", "Automatic reply: First").await.remove(0);
    assert_eq!(answer["bodyPreview"], "Back on Monday");
    assert!(
        ben.find("inbox", "Automatic reply: Second")
            .await
            .is_empty()
    );
    let tips = json!({"EmailAddresses": [ANA, "friend@elsewhere.example"], "MailTipsOptions": "automaticReplies, mailboxFullStatus"});
    let tips = cloud
        .mail_user(BEN)
        .post("/me/getMailTips", tips)
        .await
        .values();
    assert_eq!(
        (
            tips[0]["automaticReplies"]["message"].as_str(),
            &tips[0]["mailboxFull"]
        ),
        (Some("<p>Back on Monday</p>"), &json!(false))
    );
    assert!(tips[1].get("automaticReplies").is_none());
    cloud.control.advance(std::time::Duration::from_hours(4));
    let late = cloud.mail_user("ines.silva@contoso.com");
    late.post("/me/sendMail", json!({"message": message("Late", &[ANA])}))
        .await;
    assert!(late.find("inbox", "Automatic reply: Late").await.is_empty());
    let bad = json!({"EmailAddresses": [ANA], "MailTipsOptions": "weather"});
    assert_eq!(
        late.post("/me/getMailTips", bad).await.code(),
        "RequestBodyRead"
    );
    let denied = cloud
        .user(BEN, &["Mail.Send"])
        .post("/me/getMailTips", json!({}))
        .await;
    assert_eq!((denied.status, denied.code()), (403, "ErrorAccessDenied"));
}

#[tokio::test]
async fn colours_have_names_of_their_own() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &SETTINGS);
    let all = "/me/outlook/masterCategories";
    assert_eq!(ana.get(all).await.values().len(), 6);
    let made = ana
        .post(all, json!({"displayName": "Urgent", "color": "preset15"}))
        .await;
    assert_eq!(
        (made.status, made.body["color"].as_str()),
        (201, Some("preset15")),
        "{}",
        made.text
    );
    let path = format!("{all}/{}", made.id());
    assert_eq!(
        ana.patch(&path, json!({"color": "preset2"})).await.body["color"],
        "preset2"
    );
    ana.patch(&path, json!({"displayName": "Later"}))
        .await
        .assert_refused(400, "ErrorInvalidPropertySet");
    ana.post(all, json!({"displayName": "urgent"}))
        .await
        .assert_refused(409, "CategoryNameDuplicate");
    ana.post(all, json!({"displayName": "x", "color": "preset25"}))
        .await
        .assert_refused(400, "RequestBodyRead");
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
    cloud
        .mail_user(ANA)
        .get(all)
        .await
        .assert_refused(403, "ErrorAccessDenied");
}
