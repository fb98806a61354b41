use serde_json::json;

use crate::cloud::{ANA, Cloud};

#[tokio::test]
async fn the_standard_folders_are_there_with_their_counts() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let folders = ana.get("/me/mailFolders?$top=100&$count=true").await;
    let names: Vec<String> = folders
        .values()
        .iter()
        .map(|folder| folder["displayName"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        names,
        [
            "Archive",
            "Conversation History",
            "Deleted Items",
            "Drafts",
            "Inbox",
            "Junk Email",
            "Outbox",
            "Sent Items"
        ]
    );
    assert_eq!(folders.body["@odata.count"], 8);
    assert_eq!(
        ana.get("/me/mailFolders?includeHiddenFolders=true")
            .await
            .values()
            .len(),
        9
    );
    let inbox = ana.get("/me/mailFolders/Inbox").await;
    let all = ana
        .get("/me/mailFolders/inbox/messages?$top=1000")
        .await
        .values();
    assert_eq!(inbox.body["totalItemCount"], all.len());
    assert_eq!(
        inbox.body["unreadItemCount"],
        all.iter()
            .filter(|message| message["isRead"] == false)
            .count()
    );
    assert!(inbox.id().starts_with("AAMkA") && inbox.id().len() == 120);
    assert_eq!(
        ana.get(&format!("/me/mailFolders/{}", inbox.id()))
            .await
            .body["displayName"],
        "Inbox"
    );
    let found = ana
        .get("/me/mailFolders?$filter=displayName eq 'Drafts'&$select=displayName")
        .await
        .values();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].as_object().unwrap().len(), 2);
    for known in [
        "archive",
        "deleteditems",
        "drafts",
        "junkemail",
        "outbox",
        "sentitems",
        "msgfolderroot",
    ] {
        assert_eq!(
            ana.get(&format!("/me/mailFolders/{known}")).await.status,
            200,
            "{known}"
        );
    }
}

#[tokio::test]
async fn folders_are_made_filled_renamed_moved_and_deleted() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let created = ana
        .post("/me/mailFolders", json!({"displayName": "Projects"}))
        .await;
    assert_eq!(created.status, 201);
    assert_eq!(created.body["totalItemCount"], 0);
    ana.post("/me/mailFolders", json!({"displayName": "projects"}))
        .await
        .assert_refused(409, "ErrorFolderExists");
    ana.post("/me/mailFolders", json!({}))
        .await
        .assert_refused(400, "ErrorInvalidRequest");
    let child = ana
        .post(
            &format!("/me/mailFolders/{}/childFolders", created.id()),
            json!({"displayName": "Fabrikam"}),
        )
        .await;
    assert_eq!(child.status, 201);
    let children = ana
        .get(&format!("/me/mailFolders/{}/childFolders", created.id()))
        .await
        .values();
    assert_eq!(children.len(), 1);
    assert_eq!(
        ana.get(&format!("/me/mailFolders/{}", created.id()))
            .await
            .body["childFolderCount"],
        1
    );
    let letter = ana.find("inbox", "Invoice 2041").await.remove(0);
    let moved = ana
        .post(
            &format!("/me/messages/{}/move", letter["id"].as_str().unwrap()),
            json!({"destinationId": child.id()}),
        )
        .await;
    let path = format!("/me/mailFolders/{}/messages/{}", child.id(), moved.id());
    assert_eq!(ana.get(&path).await.status, 200);
    ana.get(&format!("/me/mailFolders/inbox/messages/{}", moved.id()))
        .await
        .assert_refused(404, "ErrorItemNotFound");
    let renamed = ana
        .patch(
            &format!("/me/mailFolders/{}", child.id()),
            json!({"displayName": "Fabrikam rollout"}),
        )
        .await;
    assert_eq!(renamed.body["displayName"], "Fabrikam rollout");
    let up = ana
        .post(
            &format!("/me/mailFolders/{}/move", child.id()),
            json!({"destinationId": "inbox"}),
        )
        .await;
    assert_eq!(
        up.body["parentFolderId"],
        ana.get("/me/mailFolders/inbox").await.body["id"]
    );
    assert_eq!(
        ana.delete(&format!("/me/mailFolders/{}", child.id()))
            .await
            .status,
        204
    );
    ana.get(&format!("/me/mailFolders/{}", child.id()))
        .await
        .assert_refused(404, "ErrorItemNotFound");
    ana.get(&format!("/me/messages/{}", moved.id()))
        .await
        .assert_refused(404, "ErrorItemNotFound");
    ana.delete("/me/mailFolders/inbox")
        .await
        .assert_refused(400, "ErrorDeleteDistinguishedFolder");
}

#[tokio::test]
async fn a_folder_cannot_be_moved_below_itself() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let outer = ana
        .post("/me/mailFolders", json!({"displayName": "Outer"}))
        .await;
    let inner = ana
        .post(
            &format!("/me/mailFolders/{}/childFolders", outer.id()),
            json!({"displayName": "Inner"}),
        )
        .await;
    let path = format!("/me/mailFolders/{}/move", outer.id());
    ana.post(&path, json!({"destinationId": inner.id()}))
        .await
        .assert_refused(400, "BadRequest");
}
