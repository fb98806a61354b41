//! What Exchange itself gives an application: roles over the mailboxes of a scope, which no token tells of.
//! Source: <https://learn.microsoft.com/exchange/permissions-exo/application-rbac>

use sandbox::AccessRight;
use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud};
use crate::listener::Listener;
use crate::subscriptions::inbox;

#[tokio::test]
async fn a_role_opens_what_it_stands_for_in_the_mailboxes_of_its_scope_alone() {
    let cloud = Cloud::start().await;
    let assign = |role, scope: &[&str]| {
        let client_id = cloud.client_id();
        let assigned = cloud
            .control
            .assign_exchange_role(client_id, role, Some(scope));
        assigned.unwrap();
    };
    let application = cloud.application(&[]);
    let path = |user: &str, below: &str| format!("/users/{user}/{below}");
    let denied = application.get(&path(ANA, "messages")).await;
    denied.assert_refused(403, "ErrorAccessDenied");
    assign("Application Mail.Read", &[ANA]);
    for below in [
        "messages",
        "mailFolders/inbox",
        "mailFolders/inbox/messages",
    ] {
        let allowed = application.get(&path(ANA, below)).await;
        assert_eq!(allowed.status, 200, "{below}: {}", allowed.text);
        let outside = application.get(&path(BEN, below)).await;
        outside.assert_refused(403, "ErrorAccessDenied");
        assert!(!outside.message().contains("RAOP"), "{}", outside.text);
    }
    // Neither another permission of the same mailbox, nor anything beyond mailboxes.
    for below in ["events", "contacts", "mailboxSettings"] {
        let denied = application.get(&path(ANA, below)).await;
        denied.assert_refused(403, "ErrorAccessDenied");
    }
    let draft = json!({ "subject": "No" });
    let denied = application.post(&path(ANA, "messages"), draft).await;
    denied.assert_refused(403, "ErrorAccessDenied");
    let denied = application.get(&format!("/users/{ANA}")).await;
    denied.assert_refused(403, "Authorization_RequestDenied");
    assign("Application Exchange Full Access", &[BEN]);
    for below in ["messages", "events", "contacts", "mailboxSettings"] {
        let allowed = application.get(&path(BEN, below)).await;
        assert_eq!(allowed.status, 200, "{below}: {}", allowed.text);
    }
    let letter = json!({ "message": crate::cloud::message("By a role", &[ANA]) });
    let sent = application.post(&path(BEN, "sendMail"), letter).await;
    assert_eq!(sent.status, 202, "{}", sent.text);
    let listener = Listener::start().await;
    let mut watch = inbox(&listener.url);
    watch["resource"] = json!(path(ANA, "messages"));
    let watched = application.post("/subscriptions", watch.clone()).await;
    assert_eq!(watched.status, 201, "{}", watched.text);
    watch["resource"] = json!(path(ANA, "events"));
    let denied = application.post("/subscriptions", watch).await;
    assert_eq!(denied.status, 403, "{}", denied.text);
    cloud
        .control
        .remove_exchange_roles(cloud.client_id())
        .unwrap();
    let denied = application.get(&path(ANA, "messages")).await;
    denied.assert_refused(403, "ErrorAccessDenied");
}

#[tokio::test]
async fn a_role_adds_to_what_entra_granted_and_to_what_a_policy_leaves_of_it() {
    let cloud = Cloud::start().await;
    let control = &cloud.control;
    let client_id = cloud.client_id();
    let application = cloud.application(&["Mail.Read"]);
    let read = async |user: &str, below: &str| {
        let path = format!("/users/{user}/{below}");
        application.get(&path).await.status
    };
    control
        .assign_exchange_role(client_id, "Application Calendars.Read", Some(&[ANA]))
        .unwrap();
    // The union of both: mail everywhere, the calendar in the scope.
    assert_eq!(read(ANA, "messages").await, 200);
    assert_eq!(read(BEN, "messages").await, 200);
    assert_eq!(read(ANA, "events").await, 200);
    assert_eq!(read(BEN, "events").await, 403);
    // A policy narrows what Entra granted; the role stays what it is.
    control
        .add_application_access_policy(client_id, AccessRight::RestrictAccess, &[BEN])
        .unwrap();
    assert_eq!(read(ANA, "messages").await, 403);
    assert_eq!(read(BEN, "messages").await, 200);
    assert_eq!(read(ANA, "events").await, 200);
    // Without a scope a role covers the organisation.
    control
        .assign_exchange_role(client_id, "Application Contacts.Read", None)
        .unwrap();
    assert_eq!(read(ANA, "contacts").await, 200);
    assert_eq!(read(BEN, "contacts").await, 200);
    // A person's token is not meant.
    let ana = cloud.user(ANA, &["User.Read"]);
    let own = ana.get("/me/contacts").await;
    own.assert_refused(403, "ErrorAccessDenied");
}

#[tokio::test]
async fn roles_are_given_over_http_and_are_in_snapshots() {
    let cloud = Cloud::start().await;
    let base = format!(
        "{}/_sandbox/applications/{}/exchange-roles",
        cloud.sandbox.url(),
        cloud.client_id()
    );
    let post = |body: Value| cloud.request(reqwest::Method::POST, &base).json(&body);
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    let role = json!({ "role": "Application Mail.Read", "members": [BEN] });
    assert_eq!(status(post(role)).await, 201);
    let unknown = json!({ "role": "Application Mail.Read", "members": ["nobody"] });
    assert_eq!(status(post(unknown)).await, 404);
    let odd = json!({ "role": "Mail.Read" });
    assert_eq!(status(post(odd)).await, 400);
    let application = cloud.application(&[]);
    let path = format!("/users/{BEN}/messages");
    assert_eq!(application.get(&path).await.status, 200);
    cloud.control.take_snapshot("given").unwrap();
    let delete = cloud.request(reqwest::Method::DELETE, &base);
    assert_eq!(status(delete).await, 204);
    assert_eq!(application.get(&path).await.status, 403);
    cloud.control.restore_snapshot("given").unwrap();
    assert_eq!(application.get(&path).await.status, 200);
}
