use reqwest::Method;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::cloud::{ANA, BEN, Caller, Cloud, message};

async fn batch(caller: &Caller<'_>, requests: &Value) -> Vec<Value> {
    let answer = caller
        .post("/$batch", json!({ "requests": requests }))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.body["responses"].as_array().cloned().unwrap()
}

fn status(responses: &[Value], id: &str) -> u64 {
    let found = responses.iter().find(|response| response["id"] == id);
    found.unwrap()["status"].as_u64().unwrap()
}

#[tokio::test]
async fn each_request_of_a_batch_is_answered_as_if_it_came_alone() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let json_type = json!({ "Content-Type": "application/json" });
    let responses = batch(
        &ana,
        &json!([
            { "id": "me", "method": "GET", "url": "me?$select=id,mail" },
            { "id": "write", "method": "POST", "url": "/me/messages", "headers": json_type, "body": message("In a batch", &[BEN]) },
            { "id": "find", "method": "GET", "url": "/me/mailFolders/drafts/messages?$filter=subject eq 'In a batch'", "dependsOn": ["write"] },
            { "id": "count", "method": "GET", "url": "/me/messages/$count" },
            { "id": "gone", "method": "GET", "url": "/me/messages/AAMkAGI1AAAA" },
            { "id": "text", "method": "GET", "url": "/me/messages?$top=1&$select=body", "headers": { "Prefer": "outlook.body-content-type=\"text\"" } },
        ]),
    )
    .await;
    assert_eq!(responses[0]["body"]["mail"], ANA);
    assert_eq!(status(&responses, "write"), 201);
    assert!(
        responses[1]["headers"]["Location"]
            .as_str()
            .unwrap()
            .contains("/messages")
    );
    assert_eq!(responses[2]["body"]["value"].as_array().unwrap().len(), 1);
    // What is no JSON comes in base64.
    assert!(
        responses[3]["body"]
            .as_str()
            .unwrap()
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'=')
    );
    assert_eq!(status(&responses, "gone"), 400);
    assert_eq!(
        responses[4]["body"]["error"]["code"],
        "ErrorInvalidIdMalformed"
    );
    assert_eq!(
        responses[5]["body"]["value"][0]["body"]["contentType"],
        "text"
    );
    assert_eq!(
        responses[5]["headers"]["Preference-Applied"],
        "outlook.body-content-type=\"text\""
    );
}

#[tokio::test]
async fn what_depends_on_a_failure_is_not_done() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let make = |id: &str, after: &[&str]| {
        json!({
            "id": id, "method": "POST", "url": "/me/messages", "dependsOn": after,
            "headers": { "Content-Type": "application/json" }, "body": message("Never", &[]),
        })
    };
    let responses = batch(
        &ana,
        &json!([
            { "id": "fails", "method": "GET", "url": "/me/mailFolders/nowhere" },
            make("second", &["fails"]),
            make("third", &["SECOND"]),
            { "id": "alone", "method": "GET", "url": "/me" },
        ]),
    )
    .await;
    assert_eq!(
        ["second", "third", "alone"].map(|id| status(&responses, id)),
        [424, 424, 200]
    );
    assert_eq!(responses[1]["body"]["error"]["code"], "FailedDependency");
    assert!(ana.find("drafts", "Never").await.is_empty());
}

#[tokio::test]
async fn a_delete_has_no_body_and_bytes_travel_in_base64() {
    let cloud = Cloud::start().await;
    let ana = cloud.files_of_ana();
    let responses = batch(
        &ana,
        &json!([
            { "id": "1", "method": "PUT", "url": "/me/drive/root:/batch.txt:/content", "headers": { "Content-Type": "text/plain" }, "body": "aGVsbG8=" },
            { "id": "2", "method": "GET", "url": "/me/drive/root:/batch.txt:/content", "dependsOn": ["1"] },
        ]),
    )
    .await;
    assert_eq!(responses[0]["body"]["size"], 5);
    assert_eq!(status(&responses, "2"), 302);
    let bytes = cloud
        .bytes(responses[1]["headers"]["Location"].as_str().unwrap())
        .await;
    assert_eq!(bytes, b"hello");
    let delete = json!([{ "id": "3", "method": "DELETE", "url": "/me/drive/root:/batch.txt" }]);
    let responses = batch(&ana, &delete).await;
    assert_eq!(status(&responses, "3"), 204);
    assert_eq!(responses[0].get("body"), None);
}

#[tokio::test]
async fn envelopes_that_are_none_are_refused_as_a_whole() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let one = |id: &str| json!({ "id": id, "method": "GET", "url": "/me" });
    let many: Vec<Value> = (0..21).map(|number| one(&number.to_string())).collect();
    for (body, code, message) in [
        (json!({}), "BadRequest", "Invalid batch payload format."),
        (
            json!({ "requests": many }),
            "MaximumValueExceeded",
            "Number of batch request steps exceeds the maximum value of 20.",
        ),
        (
            json!({ "requests": [one("a"), one("A")] }),
            "BadRequest",
            "Request Id A has to be unique in a batch.",
        ),
    ] {
        let refused = ana.post("/$batch", body).await;
        refused.assert_refused(400, code);
        assert_eq!(refused.message(), message);
    }
    ana.get("/$batch")
        .await
        .assert_refused(405, "Request_BadRequest");
    let nobody =
        crate::cloud::answer(cloud.request(Method::POST, "/$batch").json(&json!({}))).await;
    nobody.assert_refused(401, "InvalidAuthenticationToken");
}

#[tokio::test]
async fn a_batch_in_a_batch_and_bodies_without_a_type_are_refused_alone() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    let responses = batch(
        &ana,
        &json!([
            { "id": "1", "method": "POST", "url": "/$batch", "headers": { "Content-Type": "application/json" }, "body": { "requests": [] } },
            { "id": "2", "method": "POST", "url": "/me/messages", "body": {} },
            { "id": "3", "method": "NO VERB", "url": "/me" },
            { "id": "4", "method": "GET", "url": "/\u{0}" },
            { "id": "5", "method": "GET", "url": "/me", "headers": { "a b": "c" } },
            { "id": "6", "method": "GET", "url": "/security/alerts" },
            { "id": "7", "method": "GET", "url": "/me" },
        ]),
    )
    .await;
    let statuses: Vec<u64> = (1..=7)
        .map(|id| status(&responses, &id.to_string()))
        .collect();
    assert_eq!(statuses, [400, 400, 400, 400, 400, 400, 200]);
}

#[tokio::test]
async fn a_part_may_be_throttled_while_the_whole_succeeds() {
    let cloud = Cloud::start().await;
    let ana = cloud.mail_user(ANA);
    cloud.control.inject(Fault {
        method: None,
        path_contains: "/me/messages".to_owned(),
        times: 1,
        action: Action::Status {
            status: 429,
            retry_after: Some(7),
            body: None,
        },
    });
    let requests = json!([
        { "id": "1", "method": "GET", "url": "/me/messages?$top=1" },
        { "id": "2", "method": "GET", "url": "/me/messages?$top=1" },
        { "id": "3", "method": "GET", "url": "/me/todo/nobody/window" },
    ]);
    let responses = batch(&ana, &requests).await;
    assert_eq!(
        [status(&responses, "1"), status(&responses, "2")],
        [429, 200]
    );
    assert_eq!(responses[0]["headers"]["Retry-After"], "7");
    assert!(
        cloud
            .control
            .unimplemented()
            .iter()
            .any(|it| it.path == "/v1.0/me/todo/nobody/window")
    );
}
