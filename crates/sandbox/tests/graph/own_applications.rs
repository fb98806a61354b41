//! Applications that are made once under a name of the maker's, and those that look after their own.

use serde_json::json;

use crate::cloud::{Caller, Cloud};

const OWNED: &str = "Application.ReadWrite.OwnedBy";
const PATH: &str = "/applications(uniqueName='expenses-1')";

async fn upsert(caller: &Caller<'_>, name: &str) -> crate::cloud::Answer {
    let body = json!({ "displayName": name, "tags": ["finance"], "notes": "Made by a test." });
    caller.patch(PATH, body).await
}

#[tokio::test]
async fn an_application_with_a_unique_name_is_made_once_and_changed_after_that() {
    let cloud = Cloud::start().await;
    let plain = cloud.user("admin@contoso.com", &["Application.ReadWrite.All"]);
    upsert(&plain, "Expenses")
        .await
        .assert_refused(404, "Request_ResourceNotFound");
    let admin = cloud
        .user("admin@contoso.com", &["Application.ReadWrite.All"])
        .with("prefer", "create-if-missing");
    let made = upsert(&admin, "Expenses").await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["uniqueName"], "expenses-1");
    assert_eq!(made.body["tags"], json!(["finance"]));
    let changed = upsert(&admin, "Travel").await;
    assert_eq!(changed.status, 204, "{}", changed.text);
    let known = admin.get(PATH).await;
    assert_eq!(
        (known.id(), &known.body["displayName"]),
        (made.id(), &json!("Travel"))
    );
    let below = admin.post(&format!("{PATH}/addPassword"), json!({})).await;
    assert_eq!(below.status, 200, "{}", below.text);
    let filtered = admin
        .get("/applications?$filter=tags/any(t:t eq 'finance')")
        .await;
    assert_eq!(filtered.values().len(), 1);
    let renamed = admin.patch(PATH, json!({ "uniqueName": "another" })).await;
    renamed.assert_refused(400, "Request_BadRequest");
}

#[tokio::test]
async fn with_the_permission_for_its_own_an_application_changes_what_it_owns_and_nothing_else() {
    let cloud = Cloud::start().await;
    let admin = cloud.user(
        "admin@contoso.com",
        &["Application.ReadWrite.All", "User.Read.All"],
    );
    let all = admin.get("/applications").await.values();
    let is_tests = |it: &&serde_json::Value| it["appId"] == cloud.client_id();
    let tests = all.iter().find(is_tests).unwrap()["id"].as_str().unwrap();
    let path = format!("/applications/{tests}");
    let own = cloud.application(&[OWNED]);
    let secret = || json!({ "passwordCredential": { "displayName": "by itself" } });
    let add = format!("{path}/addPassword");
    let refused = own.post(&add, secret()).await;
    refused.assert_refused(403, "Authorization_RequestDenied");

    let principal = format!("/servicePrincipals(appId='{}')", cloud.client_id());
    let principal = admin.get(&principal).await.id();
    let owner = json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{principal}") });
    let noted = admin.post(&format!("{path}/owners/$ref"), owner).await;
    assert_eq!(noted.status, 204, "{}", noted.text);
    let added = own.post(&add, secret()).await;
    assert_eq!(added.status, 200, "{}", added.text);
    let gone = json!({ "keyId": added.body["keyId"] });
    let removed = own.post(&format!("{path}/removePassword"), gone).await;
    assert_eq!(removed.status, 204, "{}", removed.text);
    assert_eq!(
        own.patch(&path, json!({ "displayName": "Mine" }))
            .await
            .status,
        204
    );

    // Ownership without the permission opens nothing, and what it makes itself is its own.
    let without = cloud.application(&["Application.Read.All"]);
    without
        .post(&add, secret())
        .await
        .assert_refused(403, "Authorization_RequestDenied");
    let made = own
        .post("/applications", json!({ "displayName": "Child" }))
        .await;
    assert_eq!(made.status, 201, "{}", made.text);
    let gone = own.delete(&format!("/applications/{}", made.id())).await;
    assert_eq!(gone.status, 204, "{}", gone.text);
    let others = admin
        .post("/applications", json!({ "displayName": "Other" }))
        .await;
    own.delete(&format!("/applications/{}", others.id()))
        .await
        .assert_refused(403, "Authorization_RequestDenied");
}
