//! People made, changed and removed by API.

use serde_json::json;

use crate::cloud::{ANA, Answer, Cloud};

const ALL: [&str; 1] = ["User.ReadWrite.All"];
const NAME: &str = "new.person@contoso.com";

fn person(name: &str) -> serde_json::Value {
    json!({
        "accountEnabled": true,
        "displayName": "New Person",
        "mailNickname": "new.person",
        "userPrincipalName": name,
        "passwordProfile": { "password": "Secret-99", "forceChangePasswordNextSignIn": false },
    })
}

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], code, "{}", answer.text);
}

#[tokio::test]
async fn a_person_is_made_found_changed_and_removed() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let made = admin.post("/users", person(NAME)).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["userPrincipalName"], NAME);
    assert!(made.body.get("passwordProfile").is_none());
    let path = format!("/users/{}", made.body["id"].as_str().unwrap());
    let change = json!({ "jobTitle": "Tester", "accountEnabled": false });
    assert_eq!(admin.patch(&path, change).await.status, 204);
    let found = admin
        .get(&format!("{path}?$select=jobTitle,accountEnabled"))
        .await
        .body;
    assert_eq!(
        (&found["jobTitle"], &found["accountEnabled"]),
        (&json!("Tester"), &json!(false))
    );
    assert_eq!(admin.delete(&path).await.status, 204);
    refused(&admin.get(&path).await, 404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn people_need_all_that_an_account_needs_and_a_name_of_their_own() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let without = json!({ "displayName": "Half a person" });
    refused(
        &admin.post("/users", without).await,
        400,
        "Request_BadRequest",
    );
    refused(
        &admin.post("/users", person(ANA)).await,
        400,
        "Request_BadRequest",
    );
    refused(
        &admin.post("/users", person("x@elsewhere.example")).await,
        400,
        "Request_BadRequest",
    );
    let mut weak = person(NAME);
    weak["passwordProfile"] = json!({ "password": "short" });
    refused(&admin.post("/users", weak).await, 400, "Request_BadRequest");
    let mut unknown = person(NAME);
    unknown["nonsense"] = json!(1);
    refused(&admin.post("/users", unknown).await, 400, "RequestBodyRead");
}

#[tokio::test]
async fn only_administrators_change_people_and_everybody_may_end_their_own_sessions() {
    let cloud = Cloud::start().await;
    let denied = "Authorization_RequestDenied";
    let reader = cloud.application(&["User.Read.All"]);
    refused(&reader.post("/users", person(NAME)).await, 403, denied);
    let ana = cloud.user(ANA, &ALL);
    refused(&ana.post("/users", person(NAME)).await, 403, denied);
    refused(
        &ana.post(
            "/users/ben.okafor@contoso.com/revokeSignInSessions",
            json!({}),
        )
        .await,
        403,
        denied,
    );
    let own = ana.post("/me/revokeSignInSessions", json!({})).await;
    assert_eq!((own.status, &own.body["value"]), (200, &json!(true)));
    let admin = cloud.application(&ALL);
    let other = admin
        .post(&format!("/users/{ANA}/revokeSignInSessions"), json!({}))
        .await;
    assert_eq!(other.status, 200, "{}", other.text);
}
