use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Cloud, message};

#[tokio::test]
async fn each_kind_of_access_needs_its_own_permission() {
    let cloud = Cloud::start().await;
    let body = json!({"message": message("x", &[BEN])});
    let cases: [(&[&str], u16, u16, u16); 5] = [
        (&[], 403, 403, 403),
        (&["Mail.ReadBasic"], 200, 403, 403),
        (&["Mail.Read"], 200, 403, 403),
        (&["Mail.ReadWrite"], 200, 201, 403),
        (&["Mail.Send"], 403, 403, 202),
    ];
    for (scopes, read, write, send) in cases {
        let ana = cloud.user(ANA, scopes);
        assert_eq!(ana.get("/me/messages").await.status, read, "{scopes:?}");
        assert_eq!(ana.get("/me/mailFolders").await.status, read, "{scopes:?}");
        assert_eq!(
            ana.post("/me/messages", message("x", &[])).await.status,
            write,
            "{scopes:?}"
        );
        assert_eq!(
            ana.post("/me/sendMail", body.clone()).await.status,
            send,
            "{scopes:?}"
        );
        let application = cloud.application(scopes);
        let path = |rest: &str| format!("/users/{ANA}{rest}");
        assert_eq!(
            application.get(&path("/messages")).await.status,
            read,
            "{scopes:?}"
        );
        assert_eq!(
            application
                .post(&path("/messages"), message("x", &[]))
                .await
                .status,
            write,
            "{scopes:?}"
        );
        assert_eq!(
            application
                .post(&path("/sendMail"), body.clone())
                .await
                .status,
            send,
            "{scopes:?}"
        );
    }
    let refused = cloud.user(ANA, &["User.Read"]).get("/me/messages").await;
    refused.assert_refused(403, "ErrorAccessDenied");
    assert_eq!(
        refused.message(),
        "Access is denied. Check credentials and try again."
    );
}

#[tokio::test]
async fn basic_access_shows_no_bodies_and_no_files() {
    let cloud = Cloud::start().await;
    for caller in [
        cloud.user(ANA, &["Mail.ReadBasic"]),
        cloud.application(&["Mail.ReadBasic.All"]),
    ] {
        let list = caller
            .get(&format!(
                "/users/{ANA}/messages?$filter=subject eq 'Invoice 2041'"
            ))
            .await
            .values();
        let message = &list[0];
        assert_eq!(message["subject"], "Invoice 2041");
        assert_eq!(message.get("body"), None::<&Value>);
        assert_eq!(message.get("bodyPreview"), None::<&Value>);
        let path = format!("/users/{ANA}/messages/{}", message["id"].as_str().unwrap());
        assert_eq!(caller.get(&path).await.status, 200);
        caller
            .get(&format!("{path}/attachments"))
            .await
            .assert_refused(403, "ErrorAccessDenied");
        caller
            .get(&format!("{path}/$value"))
            .await
            .assert_refused(403, "ErrorAccessDenied");
        caller
            .get(&format!("{path}?$expand=attachments"))
            .await
            .assert_refused(403, "ErrorAccessDenied");
    }
}

#[tokio::test]
async fn other_peoples_mailboxes_need_the_shared_permission_and_their_leave() {
    let cloud = Cloud::start().await;
    let plain = cloud.user(ANA, &["Mail.ReadWrite"]);
    plain
        .get("/users/support@contoso.com/messages")
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let shared = cloud.user(ANA, &["Mail.Read.Shared"]);
    assert!(
        !shared
            .get("/users/support@contoso.com/messages")
            .await
            .values()
            .is_empty()
    );
    assert_eq!(shared.get("/me/messages").await.status, 200);
    let path = "/users/support@contoso.com/messages";
    shared
        .post(path, message("x", &[]))
        .await
        .assert_refused(403, "ErrorAccessDenied");
    shared
        .get("/users/jonas.weber@contoso.com/messages")
        .await
        .assert_refused(403, "ErrorAccessDenied");
    let sender = cloud.user(ANA, &["Mail.Send.Shared"]);
    let body = json!({"message": message("From support", &[BEN])});
    assert_eq!(
        sender
            .post("/users/support@contoso.com/sendMail", body)
            .await
            .status,
        202
    );
    let arrived = cloud
        .mail_user(BEN)
        .find("inbox", "From support")
        .await
        .remove(0);
    assert_eq!(
        arrived["from"]["emailAddress"]["address"],
        "support@contoso.com"
    );
}

#[tokio::test]
async fn an_application_opens_every_mailbox_of_its_tenant() {
    let cloud = Cloud::start().await;
    let application = cloud.application(&["Mail.Read"]);
    for user in [ANA, BEN, "support@contoso.com"] {
        assert!(
            !application
                .get(&format!("/users/{user}/messages"))
                .await
                .values()
                .is_empty()
        );
    }
    application
        .get("/users/nobody@contoso.com/messages")
        .await
        .assert_refused(404, "ErrorInvalidUser");
}
