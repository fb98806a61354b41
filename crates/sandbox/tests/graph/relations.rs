//! Managers and reports, guests, pictures, and searching for people.

use serde_json::json;

use crate::cloud::{ANA, BEN, Cloud};

#[tokio::test]
async fn everyone_knows_whom_they_report_to() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["User.Read.All"]);
    let manager = ana.get("/me/manager").await;
    assert_eq!(
        manager.body["displayName"], "Jonas Weber",
        "{}",
        manager.text
    );
    assert_eq!(manager.body["@odata.type"], "#microsoft.graph.user");
    let reports = ana.get("/me/directReports").await.values();
    assert_eq!(reports.len(), 5);
    assert!(reports.iter().any(|user| user["mail"] == BEN));
    ana.get("/users/jonas.weber@contoso.com/manager")
        .await
        .assert_refused(404, "Request_ResourceNotFound");
    let expanded = ana.get("/me?$expand=manager($select=id,displayName)").await;
    assert_eq!(expanded.body["manager"]["displayName"], "Jonas Weber");
    cloud
        .user(ANA, &["User.Read"])
        .get("/me/manager")
        .await
        .assert_refused(403, "Authorization_RequestDenied");
}

#[tokio::test]
async fn a_manager_is_appointed_and_relieved() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&["User.ReadWrite.All"]);
    let path = format!("/users/{BEN}/manager/$ref");
    let chiara = admin.get("/users/chiara.conti@contoso.com").await.id();
    let body = json!({"@odata.id": format!("https://graph.microsoft.com/v1.0/users/{chiara}")});
    let put = admin.call(reqwest::Method::PUT, &path, Some(body)).await;
    assert_eq!(put.status, 204, "{}", put.text);
    assert_eq!(
        admin.get(&format!("/users/{BEN}/manager")).await.id(),
        chiara
    );
    assert_eq!(admin.delete(&path).await.status, 204);
    admin
        .get(&format!("/users/{BEN}/manager"))
        .await
        .assert_refused(404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn guests_are_told_from_members_and_have_no_mailbox_here() {
    let cloud = Cloud::start().await;
    let application = cloud
        .application(&["User.Read.All", "Mail.Read"])
        .with("ConsistencyLevel", "eventual");
    let guests = application
        .get("/users?$filter=userType eq 'Guest'&$select=id,mail,companyName,userType")
        .await
        .values();
    assert_eq!(guests.len(), 3);
    let id = guests[0]["id"].as_str().unwrap();
    application
        .get(&format!("/users/{id}/messages"))
        .await
        .assert_refused(404, "MailboxNotEnabledForRESTAPI");
}

#[tokio::test]
async fn people_are_searched_by_words_of_their_name() {
    let cloud = Cloud::start().await;
    let path = "/users?$select=mail&$search=\"displayName:okaf\" OR \"mail:ana.r\"";
    let eventual = cloud
        .application(&["User.Read.All"])
        .with("ConsistencyLevel", "eventual");
    let found = eventual.get(path).await.values();
    let mails: Vec<&str> = found
        .iter()
        .filter_map(|user| user["mail"].as_str())
        .collect();
    assert_eq!(mails, [ANA, BEN]);
    let strict = cloud.application(&["User.Read.All"]);
    strict
        .get(path)
        .await
        .assert_refused(400, "Request_UnsupportedQuery");
    eventual
        .get("/users?$search=ana")
        .await
        .assert_refused(400, "Request_UnsupportedQuery");
}

#[tokio::test]
async fn nobody_has_a_picture() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["User.Read"]);
    for path in ["/me/photo", "/me/photo/$value"] {
        ana.get(path).await.assert_refused(404, "ImageNotFound");
    }
}
