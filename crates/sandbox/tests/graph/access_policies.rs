//! Exchange's own limits of an application, beside its permissions.
//! Sources: <https://learn.microsoft.com/exchange/permissions-exo/application-access-policies>,
//! <https://learn.microsoft.com/graph/auth-limit-mailbox-access>

use sandbox::AccessRight;
use serde_json::json;

use crate::cloud::{ANA, Answer, BEN, Cloud};
use crate::listener::Listener;
use crate::subscriptions::inbox;

const ROLES: [&str; 5] = [
    "Mail.ReadWrite",
    "Mail.Send",
    "Calendars.ReadWrite",
    "Contacts.ReadWrite",
    "MailboxSettings.ReadWrite",
];
const CONTENT: [&str; 7] = [
    "messages",
    "mailFolders/inbox",
    "mailFolders/inbox/messageRules",
    "events",
    "calendars",
    "contacts",
    "mailboxSettings",
];

fn blocked(answer: &Answer) {
    assert_eq!(answer.status, 403, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], "ErrorAccessDenied");
    assert_eq!(
        answer.message(),
        "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."
    );
}

#[tokio::test]
async fn a_restricted_application_opens_the_mailboxes_of_the_policys_group_alone() {
    let cloud = Cloud::start().await;
    let policy = |right, members: &[&str]| {
        let client_id = cloud.client_id();
        let added = cloud
            .control
            .add_application_access_policy(client_id, right, members);
        added.unwrap();
    };
    let application = cloud.application(&ROLES);
    policy(AccessRight::RestrictAccess, &[ANA]);
    for below in CONTENT {
        let allowed = application.get(&format!("/users/{ANA}/{below}")).await;
        assert_eq!(allowed.status, 200, "{below}: {}", allowed.text);
        blocked(&application.get(&format!("/users/{BEN}/{below}")).await);
    }
    let draft = json!({ "subject": "No" });
    let path = format!("/users/{BEN}/messages");
    blocked(&application.post(&path, draft).await);
    let listener = Listener::start().await;
    let mut watch = inbox(&listener.url);
    watch["resource"] = json!(path);
    blocked(&application.post("/subscriptions", watch).await);
    // A person's own token is not meant.
    let ben = cloud.mail_user(BEN);
    assert_eq!(ben.get("/me/messages").await.status, 200);
    // A mailbox that is not there is told as ever.
    let nobody = application.get("/users/nobody@contoso.com/messages").await;
    assert_eq!(nobody.body["error"]["code"], "ErrorInvalidUser");
    policy(AccessRight::RestrictAccess, &[BEN]);
    assert_eq!(application.get(&path).await.status, 200);
    policy(AccessRight::DenyAccess, &[BEN]);
    blocked(&application.get(&path).await);
    let removed = cloud
        .control
        .remove_application_access_policies(cloud.client_id());
    removed.unwrap();
    assert_eq!(application.get(&path).await.status, 200);
}

#[tokio::test]
async fn policies_are_set_over_http_and_are_in_snapshots() {
    let cloud = Cloud::start().await;
    let base = format!(
        "{}/_sandbox/applications/{}/access-policies",
        cloud.sandbox.url(),
        cloud.client_id()
    );
    let post = |body: serde_json::Value| cloud.request(reqwest::Method::POST, &base).json(&body);
    let status = async |request: reqwest::RequestBuilder| request.send().await.unwrap().status();
    let deny = json!({ "right": "deny_access", "members": [BEN] });
    assert_eq!(status(post(deny)).await, 201);
    let unknown = json!({ "right": "deny_access", "members": ["nobody"] });
    assert_eq!(status(post(unknown)).await, 404);
    let odd = json!({ "right": "perhaps", "members": [] });
    assert_eq!(status(post(odd)).await, 400);
    let application = cloud.application(&ROLES);
    let path = format!("/users/{BEN}/messages");
    blocked(&application.get(&path).await);
    cloud.control.take_snapshot("denied").unwrap();
    let delete = cloud.request(reqwest::Method::DELETE, &base);
    assert_eq!(status(delete).await, 204);
    assert_eq!(application.get(&path).await.status, 200);
    cloud.control.restore_snapshot("denied").unwrap();
    blocked(&application.get(&path).await);
}
