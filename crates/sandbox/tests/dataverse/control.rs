//! Application users and limits by the control API, and faults in Dataverse's shape.

use reqwest::Method;
use serde_json::json;

use crate::cloud::Cloud;

const USERS: &str = "dataverse/application-users";

#[tokio::test]
async fn application_users_are_added_disabled_and_removed() {
    let cloud = Cloud::start().await;
    let token = cloud.token().await;
    let new = json!({ "client_id": cloud.client_id, "roles": ["System Administrator"] });
    let made = cloud.control(Method::POST, USERS, new).await;
    assert_eq!(
        (made.status, &made.body["roles"]),
        (201, &json!(["System Administrator"]))
    );
    assert_eq!(
        cloud.get(&token, "WhoAmI").await.body["UserId"],
        made.body["id"]
    );
    let path = format!("{USERS}/{}", cloud.client_id);
    assert_eq!(
        cloud
            .control(Method::PATCH, &path, json!({ "disabled": true }))
            .await
            .status,
        204
    );
    assert_eq!(cloud.get(&token, "WhoAmI").await.code(), "0x80040225");
    assert_eq!(
        cloud.control(Method::DELETE, &path, json!({})).await.status,
        204
    );
    assert_eq!(cloud.get(&token, "WhoAmI").await.code(), "0x80072560");
    assert_eq!(
        cloud.control(Method::DELETE, &path, json!({})).await.status,
        400
    );
    let wrong = json!({ "client_id": cloud.client_id, "roles": ["Nobody"] });
    assert_eq!(cloud.control(Method::POST, USERS, wrong).await.status, 400);
    let unknown = json!({ "client_id": "11111111-2222-4333-8444-555555555555" });
    assert_eq!(
        cloud.control(Method::POST, USERS, unknown).await.status,
        404
    );
    let roles = cloud
        .control(Method::GET, "dataverse/roles", json!({}))
        .await;
    assert!(
        roles
            .body
            .as_array()
            .unwrap()
            .contains(&json!("Field Service - Dispatcher"))
    );
}

#[tokio::test]
async fn limits_are_kept_by_a_switch() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .add_application_user(&cloud.client_id, &["System Administrator"])
        .unwrap();
    let token = cloud.token().await;
    assert_eq!(
        cloud
            .control(
                Method::POST,
                "dataverse/limits",
                json!({ "are_kept": true })
            )
            .await
            .status,
        204
    );
    // The clock stands still, so that all of them are under way at once.
    let mut last = cloud.get(&token, "WhoAmI").await;
    for _ in 0..52 {
        last = cloud.get(&token, "WhoAmI").await;
    }
    assert_eq!(
        (last.status, last.code(), last.header("retry-after")),
        (429, "0x80072326", "1")
    );
    cloud.control.limit_dataverse(false);
    assert_eq!(cloud.get(&token, "WhoAmI").await.status, 200);
}

#[tokio::test]
async fn a_fault_has_the_shape_of_dataverse() {
    let cloud = Cloud::start().await;
    let fault = json!({ "path_contains": "/api/data/", "action": { "status": { "status": 429, "retry_after": 7 } } });
    cloud.control(Method::POST, "faults", fault).await;
    let answer = cloud.get("", "WhoAmI").await;
    assert_eq!(
        (answer.status, answer.code(), answer.header("retry-after")),
        (429, "0x80072322", "7")
    );
}

#[tokio::test]
async fn an_application_user_made_by_api_has_its_applications_name_and_is_made_once() {
    let cloud = Cloud::start().await;
    let token = cloud.token().await;
    let new = sandbox::NewApplication {
        display_name: "Reports".to_owned(),
        ..sandbox::NewApplication::default()
    };
    let other = cloud.control.register_application(new).unwrap().client_id;
    cloud
        .control
        .add_application_user(&cloud.client_id, &["System Administrator"])
        .unwrap();
    let body = serde_json::json!({ "applicationid": other });
    let path = "/api/data/v9.2/systemusers";
    let made = cloud
        .call(&token, Method::POST, path, Some(body.clone()))
        .await;
    assert_eq!(made.status, 204, "{}", made.body);
    let query = format!(
        "systemusers?$select=fullname,accessmode,azureactivedirectoryobjectid,_businessunitid_value&$filter=applicationid eq {other}"
    );
    let users = cloud.get(&token, &query).await.body;
    let user = &users["value"][0];
    assert_eq!(user["fullname"], "# Reports");
    assert_eq!(user["accessmode"], 4);
    assert!(user["azureactivedirectoryobjectid"].is_string());
    assert!(user["_businessunitid_value"].is_string());
    let again = cloud.call(&token, Method::POST, path, Some(body)).await;
    assert_eq!((again.status, again.code()), (412, "0x80060892"));
}
