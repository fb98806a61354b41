use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud, id, message};

#[tokio::test]
async fn a_new_message_is_a_draft_with_everything_that_was_written() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let created = ana
        .post(
            "/me/messages",
            json!({
                "subject": "Plan", "importance": "high", "categories": ["Red"], "internetMessageId": "<own@contoso.com>",
                "body": {"contentType": "html", "content": "<p>First &amp; last</p>"},
                "toRecipients": [{"emailAddress": {"name": "Ben", "address": BEN}}],
                "internetMessageHeaders": [{"name": "x-run", "value": "7"}],
                "singleValueExtendedProperties": [{"id": "String {00020329-0000-0000-c000-000000000046} Name run", "value": "7"}]
            }),
        )
        .await;
    assert_eq!(created.status, 201);
    let draft = &created.body;
    assert_eq!(draft["isDraft"], true);
    assert_eq!(draft["importance"], "high");
    assert_eq!(draft["internetMessageId"], "<own@contoso.com>");
    assert_eq!(draft["bodyPreview"], "First & last");
    assert_eq!(draft["body"]["contentType"], "html");
    assert_eq!(draft["from"]["emailAddress"]["address"], ANA);
    assert_eq!(draft["createdDateTime"], "2026-10-01T12:00:00Z");
    let location = created.header("location").to_owned();
    assert_eq!(ana.get(&location).await.id(), created.id());
    let drafts = ana.get("/me/mailFolders/drafts").await;
    assert_eq!(draft["parentFolderId"], drafts.body["id"]);
    let headers = ana
        .get(&format!(
            "/me/messages/{}?$select=internetMessageHeaders",
            created.id()
        ))
        .await;
    assert_eq!(
        headers.body["internetMessageHeaders"],
        json!([{"name": "x-run", "value": "7"}])
    );
    let marker = "/me/messages?$filter=singleValueExtendedProperties/any(e:e/id eq 'String {00020329-0000-0000-c000-000000000046} Name run' and e/value eq '7')";
    assert_eq!(ana.get(marker).await.values().len(), 1);
}

#[tokio::test]
async fn a_draft_can_be_changed_and_its_version_with_it() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Before").await;
    let path = format!("/me/messages/{}", id(&draft));
    let changed = ana
        .patch(
            &path,
            json!({"subject": "After", "isRead": false, "flag": {"flagStatus": "flagged"}}),
        )
        .await;
    assert_eq!(changed.status, 200);
    assert_eq!(changed.body["subject"], "After");
    assert_eq!(changed.body["isRead"], false);
    assert_eq!(changed.body["flag"]["flagStatus"], "flagged");
    assert_ne!(changed.body["@odata.etag"], draft["@odata.etag"]);
    assert_eq!(changed.body["id"], draft["id"]);
}

#[tokio::test]
async fn an_old_version_in_if_match_is_refused_and_changes_nothing() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Draft").await;
    let path = format!("/me/messages/{}", id(&draft));
    ana.patch(&path, json!({"subject": "Second"})).await;
    let stale = cloud
        .mail_user(ANA)
        .with("if-match", draft["@odata.etag"].as_str().unwrap());
    stale
        .patch(&path, json!({"subject": "Third"}))
        .await
        .assert_refused(412, "ErrorIrresolvableConflict");
    stale
        .delete(&path)
        .await
        .assert_refused(412, "ErrorIrresolvableConflict");
    let now = ana.get(&path).await;
    assert_eq!(now.body["subject"], "Second");
    let current = cloud
        .mail_user(ANA)
        .with("if-match", now.body["@odata.etag"].as_str().unwrap());
    assert_eq!(
        current
            .patch(&path, json!({"subject": "Third"}))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn what_was_received_keeps_its_content_and_takes_marks() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let received = ana.find("inbox", "Invoice 2041").await.remove(0);
    let path = format!("/me/messages/{}", id(&received));
    ana.patch(&path, json!({"subject": "Mine"}))
        .await
        .assert_refused(400, "ErrorInvalidPropertySet");
    let marked = ana
        .patch(
            &path,
            json!({"isRead": true, "categories": ["Blue"], "inferenceClassification": "other"}),
        )
        .await;
    assert_eq!(marked.body["categories"], json!(["Blue"]));
    assert_eq!(marked.body["inferenceClassification"], "other");
}

#[tokio::test]
async fn malformed_content_is_refused_and_leaves_no_draft() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let before = ana.get("/me/mailFolders/drafts").await.body["totalItemCount"].clone();
    for (body, code) in [
        (json!({"subjct": "typo"}), "RequestBodyRead"),
        (json!({"subject": 5}), "RequestBodyRead"),
        (
            json!({"toRecipients": [{"address": "x"}]}),
            "RequestBodyRead",
        ),
        (json!({"importance": "urgent"}), "RequestBodyRead"),
        (
            json!({"internetMessageHeaders": [{"name": "Subject", "value": "x"}]}),
            "InvalidInternetMessageHeader",
        ),
        (
            json!({"internetMessageHeaders": vec![json!({"name": "x-a", "value": "1"}); 6]}),
            "InvalidInternetMessageHeaderCollection",
        ),
        (
            json!({"attachments": [{"name": "a.txt"}]}),
            "ErrorInvalidRequest",
        ),
    ] {
        ana.post("/me/messages", body)
            .await
            .assert_refused(400, code);
    }
    assert_eq!(
        ana.get("/me/mailFolders/drafts").await.body["totalItemCount"],
        before
    );
}

#[tokio::test]
async fn a_deleted_message_goes_to_deleted_items_and_then_for_good() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let draft = ana.draft("Doomed").await;
    let path = format!("/me/messages/{}", id(&draft));
    let deleted = ana.delete(&path).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
    let binned = ana.find("deleteditems", "Doomed").await.remove(0);
    let path = format!("/me/messages/{}", id(&binned));
    assert_eq!(ana.delete(&path).await.status, 204);
    ana.get(&path)
        .await
        .assert_refused(404, "ErrorItemNotFound");
    assert!(ana.find("deleteditems", "Doomed").await.is_empty());
}

#[tokio::test]
async fn a_message_may_be_created_in_a_folder_and_purged() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let created = ana
        .post("/me/mailFolders/archive/messages", message("Filed", &[BEN]))
        .await;
    assert_eq!(created.status, 201);
    assert_eq!(ana.find("archive", "Filed").await.len(), 1);
    let purged = ana
        .post(
            &format!("/me/messages/{}/permanentDelete", created.id()),
            json!({}),
        )
        .await;
    assert_eq!(purged.status, 204);
    assert!(ana.find("archive", "Filed").await.is_empty());
    assert!(ana.find("deleteditems", "Filed").await.is_empty());
}

#[tokio::test]
async fn the_mime_form_has_headers_body_and_files() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let order = ana.find("inbox", "Purchase order 7781").await.remove(0);
    let mime = ana
        .get(&format!("/me/messages/{}/$value", id(&order)))
        .await;
    assert_eq!(mime.header("content-type"), "text/plain");
    for line in [
        "From: Northwind Traders <purchasing@northwindtraders.com>\r\n",
        "Subject: Purchase order 7781\r\n",
        "MIME-Version: 1.0\r\n",
        "Content-Type: multipart/mixed; boundary=",
        "Content-Disposition: attachment; filename=\"po-7781.pdf\"",
        "Content-Transfer-Encoding: base64\r\n",
    ] {
        assert!(mime.text.contains(line), "{line} in {}", mime.text);
    }
    assert!(mime.text.contains(&format!(
        "Message-ID: {}",
        order["internetMessageId"].as_str().unwrap()
    )));
}
