use reqwest::Method;

use crate::cloud::{ANA, Cloud, answer};

#[tokio::test]
async fn no_token_and_an_empty_one_are_told_apart_from_garbage() {
    let cloud = Cloud::start().await;
    for request in [
        cloud.request(Method::GET, "/me"),
        cloud
            .request(Method::GET, "/me")
            .header("authorization", "Bearer "),
        cloud
            .request(Method::GET, "/me")
            .header("authorization", "Basic YTpi"),
    ] {
        let refused = answer(request).await;
        refused.assert_refused(401, "InvalidAuthenticationToken");
        assert_eq!(refused.message(), "Access token is empty.");
        assert!(
            refused
                .header("www-authenticate")
                .starts_with("Bearer realm=\"\", authorization_uri=")
        );
    }
    let garbage = answer(cloud.request(Method::GET, "/me").bearer_auth("garbage")).await;
    garbage.assert_refused(401, "InvalidAuthenticationToken");
    assert!(garbage.message().contains("JWT is not well formed"));
    assert!(
        garbage
            .header("www-authenticate")
            .contains("error=\"invalid_token\"")
    );
}

#[tokio::test]
async fn a_token_expires_by_the_clock_of_the_sandbox() {
    let cloud = Cloud::start().await;
    let ana = cloud.user(ANA, &["User.Read"]);
    assert_eq!(ana.get("/me").await.status, 200);
    cloud.control.advance(std::time::Duration::from_hours(2));
    let refused = ana.get("/me").await;
    assert_eq!(
        (refused.status, refused.code()),
        (401, "InvalidAuthenticationToken")
    );
    assert_eq!(
        refused.message(),
        "Lifetime validation failed, the token is expired."
    );
}

#[tokio::test]
async fn a_token_with_a_changed_claim_is_refused() {
    let cloud = Cloud::start().await;
    let token = cloud.user(ANA, &["User.Read"]).token;
    let mut parts: Vec<&str> = token.split('.').collect();
    let other = cloud.mail_user(ANA).token;
    parts[1] = other.split('.').nth(1).unwrap();
    let refused = answer(
        cloud
            .request(Method::GET, "/me")
            .bearer_auth(parts.join(".")),
    )
    .await;
    refused.assert_refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_graph() {
    let cloud = Cloud::start().await;
    let ana = cloud
        .user(ANA, &["User.Read"])
        .with("client-request-id", "my-own-id");
    let found = ana.get("/me").await;
    assert_eq!(found.header("client-request-id"), "my-own-id");
    assert!(found.header("x-ms-ags-diagnostic").contains("DataCenter"));
    assert_eq!(found.header("odata-version"), "4.0");
    assert_eq!(
        found.header("content-type"),
        "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
    );
    let again = ana.get("/me").await;
    assert_ne!(found.header("request-id"), again.header("request-id"));
    let own = cloud.user(ANA, &["User.Read"]).get("/me").await;
    assert_eq!(own.header("client-request-id"), own.header("request-id"));
}

#[tokio::test]
async fn segments_ignore_case_and_both_versions_answer() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    assert_eq!(ana.get("/Me/MailFolders/Inbox/Messages").await.status, 200);
    let beta = ana
        .get(&format!("{}/beta/me/messages", cloud.sandbox.url()))
        .await;
    assert_eq!(beta.status, 200);
    let context = beta.body["@odata.context"].as_str().unwrap().to_owned();
    assert!(context.starts_with(&format!("{}/beta/$metadata#users('", cloud.sandbox.url())));
    let quoted = ana
        .get(&format!("/users('{ANA}')/mailFolders('inbox')/messages"))
        .await;
    assert_eq!(quoted.status, 200);
}

#[tokio::test]
async fn unknown_segments_are_bad_requests_and_known_ones_say_that_they_are_missing_here() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for (path, segment) in [
        ("/nothing", "nothing"),
        ("/me/nothing", "nothing"),
        ("/me/messages/x/nothing", "nothing"),
    ] {
        let refused = ana.get(path).await;
        refused.assert_refused(400, "BadRequest");
        assert_eq!(
            refused.message(),
            format!("Resource not found for the segment '{segment}'.")
        );
    }
    for path in [
        "/me/todo/lists",
        "/reports",
        "/me/onenote/notebooks",
        "/$metadata",
    ] {
        ana.get(path).await.assert_refused(501, "notImplemented");
    }
    assert!(
        cloud
            .control
            .unimplemented()
            .iter()
            .any(|request| request.path == "/v1.0/reports")
    );
}

#[tokio::test]
async fn odd_addresses_are_refused_like_any_other() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for path in [
        "/",
        "//",
        "/me/messages/%ff",
        "/users('",
        "/users('')/messages",
        "/me/messages('')",
        "/me/mailFolders('inbox')/messages('x')/attachments('y')/$value/more",
        "/users/%00/messages",
        "/me/messages?$filter=%ff&$search=%22%00%22",
        "/me/messages/AAMk%2F..%2F",
        "/me/mailFolders//messages/",
    ] {
        let answer = ana.get(path).await;
        assert!(
            [200, 400, 404, 501].contains(&answer.status),
            "{path}: {}",
            answer.text
        );
        assert!(answer.body.is_object(), "{path}: {}", answer.text);
    }
}

#[tokio::test]
async fn a_verb_that_a_resource_does_not_have_is_405() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    for (method, path) in [
        (Method::PUT, "/me/messages"),
        (Method::GET, "/me/sendMail"),
        (Method::GET, "/me/messages/x/move"),
        (Method::PUT, "/me/mailFolders/inbox"),
    ] {
        ana.call(method, path, None)
            .await
            .assert_refused(405, "Request_BadRequest");
    }
}

#[tokio::test]
async fn bodies_that_are_no_json_or_too_large_are_refused() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let request = |body: String| {
        cloud
            .request(Method::POST, "/me/messages")
            .bearer_auth(&ana.token)
            .body(body)
    };
    for body in ["", "{", "[]", "7", "\u{0}"] {
        let refused = answer(request(body.to_owned())).await;
        refused.assert_refused(400, "BadRequest");
        assert!(
            refused
                .message()
                .starts_with("Unable to read JSON request payload.")
        );
    }
    let large = answer(request(" ".repeat(5 * 1024 * 1024))).await;
    large.assert_refused(413, "RequestEntityTooLarge");
}
