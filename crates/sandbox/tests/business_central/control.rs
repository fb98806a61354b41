//! What an administrator does inside of Business Central, over HTTP.

use reqwest::Method;
use sandbox::{Action, Fault};
use serde_json::{Value, json};

use crate::cloud::{AUDIENCE, Cloud, FULL};

const CARDS: &str = "business-central/applications";

#[tokio::test]
async fn cards_are_made_listed_and_taken_away() {
    let cloud = Cloud::start().await;
    let card = json!({
        "client_id": cloud.client_id,
        "permission_sets": ["D365 READ"],
        "environment": "production",
        "admin_consent": true,
    });
    assert_eq!(cloud.control(Method::POST, CARDS, card).await.status, 201);
    let all = cloud.control(Method::GET, CARDS, Value::Null).await.body;
    assert_eq!(all[0]["applications"][0]["client_id"], cloud.client_id);
    assert_eq!(all[1]["applications"], json!([]));
    let token = cloud.token().await;
    assert_eq!(cloud.get(&token, "customers").await.status, 200);
    let path = "/v2.0/Production/api/v2.0/customers";
    let refused = cloud
        .call(
            &token,
            Method::POST,
            path,
            Some(json!({ "displayName": "A" })),
        )
        .await;
    assert_eq!(
        (refused.status, refused.code()),
        (403, "Authorization_RequestDenied")
    );

    let one = format!("{CARDS}/{}", cloud.client_id);
    assert_eq!(
        cloud
            .control(Method::DELETE, &one, Value::Null)
            .await
            .status,
        204
    );
    assert_eq!(
        cloud
            .control(Method::DELETE, &one, Value::Null)
            .await
            .status,
        404
    );
    let nowhere = json!({ "client_id": cloud.client_id, "environment": "nowhere" });
    assert_eq!(
        cloud.control(Method::POST, CARDS, nowhere).await.status,
        400
    );
}

#[tokio::test]
async fn roles_of_the_api_are_granted_and_unknown_ones_refused() {
    let cloud = Cloud::start().await;
    let path = format!("applications/{}/roles", cloud.client_id);
    let roles = |roles: &[&str]| json!({ "resource": AUDIENCE, "roles": roles });
    assert_eq!(
        cloud
            .control(Method::POST, &path, roles(&["API.ReadWrite.All"]))
            .await
            .status,
        204
    );
    assert_eq!(
        cloud
            .control(Method::POST, &path, roles(&["Nonsense"]))
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn limits_and_licences_are_switches() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let on = json!({ "are_kept": true });
    assert_eq!(
        cloud
            .control(Method::POST, "business-central/limits", on)
            .await
            .status,
        204
    );
    let license = json!({ "user": "ana.reis@contoso.com", "is_licensed": false });
    assert_eq!(
        cloud
            .control(Method::POST, "business-central/licenses", license)
            .await
            .status,
        204
    );
    let nobody = json!({ "user": "nobody@contoso.com", "is_licensed": false });
    assert_eq!(
        cloud
            .control(Method::POST, "business-central/licenses", nobody)
            .await
            .status,
        404
    );
}

#[tokio::test]
async fn faults_have_the_shape_of_business_central() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    cloud
        .control
        .inject(Fault::once("GET", "/companies", Action::status(429)));
    let refused = cloud.get(&token, "companies").await;
    assert_eq!(
        (refused.status, refused.code()),
        (429, "Application_TooManyRequests")
    );
    assert_eq!(cloud.get(&token, "companies").await.status, 200);
}

#[tokio::test]
async fn what_is_not_there_is_listed_by_its_name() {
    let cloud = Cloud::start().await;
    cloud
        .control
        .enable_business_central(&cloud.client_id, &[FULL])
        .unwrap();
    let token = cloud.token().await;
    let path = "/v2.0/Production/api/v2.0/workflows";
    assert_eq!(
        cloud.call(&token, Method::GET, path, None).await.status,
        501
    );
    let seen = cloud.control.unimplemented();
    assert!(seen.iter().any(|it| it.path == path));
}

#[tokio::test]
async fn an_administrator_sets_an_application_up_by_microsoft_graph() {
    const BUSINESS_CENTRAL: &str = "996def3d-b36c-4153-8607-a6fd3c01b89f";
    let cloud = Cloud::start().await;
    let admin = cloud
        .control
        .issue_access_token(
            &cloud.client_id,
            None,
            &[
                "Application.ReadWrite.All",
                "AppRoleAssignment.ReadWrite.All",
            ],
        )
        .unwrap();
    let graph = async |method: Method, path: &str, body: Option<Value>| {
        cloud
            .call(&admin, method, &format!("/v1.0/{path}"), body)
            .await
    };
    let new = json!({ "appId": BUSINESS_CENTRAL });
    let api = graph(Method::POST, "servicePrincipals", Some(new)).await;
    assert_eq!(api.status, 201, "{}", api.body);
    let roles = api.body["appRoles"].as_array().unwrap();
    let role = roles
        .iter()
        .find(|it| it["value"] == "API.ReadWrite.All")
        .unwrap();
    let own = format!("servicePrincipals(appId='{}')", cloud.client_id);
    let own = graph(Method::GET, &own, None).await;
    assert_eq!(own.status, 200, "{}", own.body);
    let assignment = json!({
        "principalId": own.body["id"],
        "resourceId": api.body["id"],
        "appRoleId": role["id"],
    });
    let path = format!(
        "servicePrincipals/{}/appRoleAssignments",
        own.body["id"].as_str().unwrap()
    );
    let assigned = graph(Method::POST, &path, Some(assignment)).await;
    assert_eq!(assigned.status, 201, "{}", assigned.body);
    assert_eq!(
        assigned.body["resourceDisplayName"],
        "Dynamics 365 Business Central"
    );

    let card = json!({ "client_id": cloud.client_id, "permission_sets": [FULL] });
    assert_eq!(cloud.control(Method::POST, CARDS, card).await.status, 201);
    let token = cloud.token().await;
    assert_eq!(cloud.get(&token, "companies").await.status, 200);
}

#[tokio::test]
async fn roles_that_an_application_is_configured_with_are_granted_by_consent() {
    const BUSINESS_CENTRAL: &str = "996def3d-b36c-4153-8607-a6fd3c01b89f";
    let cloud = Cloud::start().await;
    let admin = cloud
        .control
        .issue_access_token(&cloud.client_id, None, &["Application.ReadWrite.All"])
        .unwrap();
    let needs = json!([{
        "resourceAppId": BUSINESS_CENTRAL,
        "resourceAccess": [{ "id": "a42b0b75-311e-488d-b67e-8fe84f924341", "type": "Role" }],
    }]);
    let path = format!("/v1.0/applications(appId='{}')", cloud.client_id);
    let body = json!({ "requiredResourceAccess": needs });
    let changed = cloud.call(&admin, Method::PATCH, &path, Some(body)).await;
    assert_eq!(changed.status, 204, "{}", changed.body);
    let seen = cloud.call(&admin, Method::GET, &path, None).await;
    assert_eq!(seen.body["requiredResourceAccess"], needs);
    let card = json!({ "client_id": cloud.client_id, "permission_sets": [FULL] });
    cloud.control(Method::POST, CARDS, card).await;
    assert_eq!(
        cloud.get(&cloud.token().await, "companies").await.status,
        401
    );
    cloud.control.grant_admin_consent(&cloud.client_id).unwrap();
    assert_eq!(
        cloud.get(&cloud.token().await, "companies").await.status,
        200
    );
}
