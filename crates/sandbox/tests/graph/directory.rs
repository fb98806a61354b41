//! An administrator's set-up, done by API, and what becomes of it at the token endpoint.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, Caller, Cloud};

const GRAPH: &str = "00000003-0000-0000-c000-000000000000";
const MAIL_READ_ROLE: &str = "810c84a8-4a9e-49e6-bf7d-12d183f40d01";
pub(crate) const EVERYTHING: [&str; 3] = [
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "DelegatedPermissionGrant.ReadWrite.All",
];

/// A registration with its service principal, and Microsoft Graph's.
pub(crate) struct SetUp {
    pub(crate) application: Value,
    principal: Value,
    graph: Value,
}

pub(crate) async fn set_up(admin: &Caller<'_>) -> SetUp {
    let body = json!({
        "displayName": "By API",
        "signInAudience": "AzureADMyOrg",
        "web": { "redirectUris": ["https://app.example/callback"] },
        "requiredResourceAccess": [{
            "resourceAppId": GRAPH,
            "resourceAccess": [{ "id": MAIL_READ_ROLE, "type": "Role" }],
        }],
    });
    let application = admin.post("/applications", body).await;
    assert_eq!(application.status, 201, "{}", application.text);
    let body = json!({ "appId": application.body["appId"] });
    let principal = admin.post("/servicePrincipals", body).await;
    assert_eq!(principal.status, 201, "{}", principal.text);
    let graph = admin
        .get(&format!("/servicePrincipals(appId='{GRAPH}')"))
        .await;
    assert_eq!(graph.status, 200, "{}", graph.text);
    SetUp {
        application: application.body,
        principal: principal.body,
        graph: graph.body,
    }
}

pub(crate) fn id(value: &Value) -> &str {
    value["id"].as_str().unwrap()
}

/// Asserts a refusal in Graph's form.
pub(crate) fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], code, "{}", answer.text);
    assert!(answer.body["error"]["innerError"]["request-id"].is_string());
}

async fn token(cloud: &Cloud, client_id: &str, secret: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", client_id),
        ("client_secret", secret),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let tenant = cloud.sandbox.tenant_id();
    let url = format!("{}/{tenant}/oauth2/v2.0/token", cloud.sandbox.url());
    let answer = cloud.request(Method::POST, &url).form(&form);
    let answer = answer.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn what_an_administrator_sets_up_by_api_is_what_the_token_endpoint_goes_by() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let client_id = set.application["appId"].as_str().unwrap();
    let path = format!("/applications/{}/addPassword", id(&set.application));
    let body = json!({ "passwordCredential": { "displayName": "by API" } });
    let secret = admin.post(&path, body).await;
    assert_eq!(secret.status, 200, "{}", secret.text);
    let text = secret.body["secretText"].as_str().unwrap();
    assert!(text.starts_with(secret.body["hint"].as_str().unwrap()));
    let (status, answer) = token(&cloud, client_id, text).await;
    assert_eq!(status, 200, "{answer}");
    assert!(!holds_mail_read(&answer));

    let assignments = format!(
        "/servicePrincipals/{}/appRoleAssignments",
        id(&set.principal)
    );
    let body = json!({
        "principalId": id(&set.principal),
        "resourceId": id(&set.graph),
        "appRoleId": MAIL_READ_ROLE,
    });
    let assigned = admin.post(&assignments, body.clone()).await;
    assert_eq!(assigned.status, 201, "{}", assigned.text);
    assert_eq!(assigned.body["resourceDisplayName"], "Microsoft Graph");
    let (_, answer) = token(&cloud, client_id, text).await;
    assert!(holds_mail_read(&answer));
    refused(
        &admin.post(&assignments, body).await,
        400,
        "Request_BadRequest",
    );
    let to_graph = format!("/servicePrincipals/{}/appRoleAssignedTo", id(&set.graph));
    assert_eq!(admin.get(&to_graph).await.values().len(), 1);

    let path = format!("{assignments}/{}", id(&assigned.body));
    assert_eq!(admin.delete(&path).await.status, 204);
    refused(&admin.delete(&path).await, 404, "Request_ResourceNotFound");
    let (_, answer) = token(&cloud, client_id, text).await;
    assert!(!holds_mail_read(&answer));

    let path = format!("/applications/{}/removePassword", id(&set.application));
    let body = json!({ "keyId": secret.body["keyId"] });
    assert_eq!(admin.post(&path, body.clone()).await.status, 204);
    refused(&admin.post(&path, body).await, 400, "Request_BadRequest");
    let (status, answer) = token(&cloud, client_id, text).await;
    assert_eq!((status, &answer["error_codes"]), (401, &json!([7_000_215])));
}

fn holds_mail_read(answer: &Value) -> bool {
    use base64::Engine;
    let part = answer["access_token"].as_str().unwrap().split('.').nth(1);
    let engine = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let claims: Value = serde_json::from_slice(&engine.decode(part.unwrap()).unwrap()).unwrap();
    claims["roles"] == json!(["Mail.Read"])
}

#[tokio::test]
async fn registrations_are_read_by_either_id_filtered_changed_and_removed() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let app_id = set.application["appId"].as_str().unwrap();
    let by_app_id = admin.get(&format!("/applications(appId='{app_id}')")).await;
    assert_eq!(by_app_id.body["id"], set.application["id"]);
    assert_eq!(
        by_app_id.body["requiredResourceAccess"],
        set.application["requiredResourceAccess"]
    );
    let filtered = admin
        .get(&format!(
            "/applications?$filter=appId eq '{app_id}'&$select=id,displayName"
        ))
        .await;
    let filtered = filtered.values();
    assert_eq!(
        filtered,
        [json!({ "id": id(&set.application), "displayName": "By API" })]
    );
    let principals = admin
        .get("/servicePrincipals?$filter=displayName eq 'Microsoft Graph'&$select=id")
        .await;
    assert_eq!(principals.values(), [json!({ "id": id(&set.graph) })]);

    let path = format!("/applications/{}", id(&set.application));
    let change = json!({
        "displayName": "Renamed",
        "identifierUris": ["api://renamed"],
        "api": { "oauth2PermissionScopes": [{ "value": "access_as_user" }] },
    });
    assert_eq!(admin.patch(&path, change).await.status, 204);
    let changed = admin.get(&path).await.body;
    assert_eq!(changed["displayName"], "Renamed");
    assert_eq!(
        changed["api"]["oauth2PermissionScopes"][0]["value"],
        "access_as_user"
    );

    // One wrong property, and nothing is changed.
    let wrong = json!({ "displayName": "Half", "nonsense": 1 });
    refused(&admin.patch(&path, wrong).await, 400, "RequestBodyRead");
    assert_eq!(admin.get(&path).await.body["displayName"], "Renamed");
    for (body, code) in [
        (json!({ "appId": "mine" }), "Request_BadRequest"),
        (
            json!({ "signInAudience": "Everybody" }),
            "Request_BadRequest",
        ),
        (json!({ "displayName": null }), "Request_BadRequest"),
        (json!({ "identifierUris": 7 }), "RequestBodyRead"),
    ] {
        refused(&admin.patch(&path, body).await, 400, code);
    }

    assert_eq!(admin.delete(&path).await.status, 204);
    refused(&admin.get(&path).await, 404, "Request_ResourceNotFound");
    let path = format!("/servicePrincipals/{}", id(&set.principal));
    refused(&admin.get(&path).await, 404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn service_principals_exist_once_and_only_of_applications_that_do() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let body = json!({ "appId": set.application["appId"] });
    let twice = admin.post("/servicePrincipals", body).await;
    refused(&twice, 409, "Request_MultipleObjectsWithSameKeyValue");
    let body = json!({ "appId": "11111111-2222-4333-8444-555555555555" });
    refused(
        &admin.post("/servicePrincipals", body).await,
        400,
        "Request_BadRequest",
    );

    let path = format!("/servicePrincipals/{}", id(&set.principal));
    let off = json!({ "accountEnabled": false });
    assert_eq!(admin.patch(&path, off.clone()).await.status, 204);
    assert_eq!(admin.get(&path).await.body["accountEnabled"], false);
    let graph = format!("/servicePrincipals/{}", id(&set.graph));
    refused(
        &admin.patch(&graph, off).await,
        403,
        "Authorization_RequestDenied",
    );
    assert_eq!(admin.delete(&path).await.status, 204);
    refused(&admin.get(&path).await, 404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn delegated_grants_are_made_changed_and_taken_back() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let grant = json!({
        "clientId": id(&set.principal),
        "consentType": "AllPrincipals",
        "resourceId": id(&set.graph),
        "scope": "User.Read Mail.Read",
    });
    let made = admin.post("/oauth2PermissionGrants", grant.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let again = admin.post("/oauth2PermissionGrants", grant.clone()).await;
    refused(&again, 409, "Request_MultipleObjectsWithSameKeyValue");
    let mut contradictory = grant;
    contradictory["principalId"] = json!("somebody");
    let refusal = admin.post("/oauth2PermissionGrants", contradictory).await;
    refused(&refusal, 400, "Request_BadRequest");

    let path = format!("/oauth2PermissionGrants/{}", id(&made.body));
    let change = json!({ "scope": "User.Read" });
    assert_eq!(admin.patch(&path, change).await.status, 204);
    let of_principal = format!(
        "/servicePrincipals/{}/oauth2PermissionGrants",
        id(&set.principal)
    );
    assert_eq!(
        admin.get(&of_principal).await.values()[0]["scope"],
        "User.Read"
    );
    let filter = format!(
        "/oauth2PermissionGrants?$filter=clientId eq '{}'",
        id(&set.principal)
    );
    assert_eq!(admin.get(&filter).await.values().len(), 1);
    assert_eq!(admin.delete(&path).await.status, 204);
    refused(&admin.get(&path).await, 404, "Request_ResourceNotFound");
}

#[tokio::test]
async fn each_right_opens_its_own_part_and_people_have_to_be_administrators() {
    let cloud = Cloud::start().await;
    let reader = cloud.application(&["Application.Read.All"]);
    let empty = || json!({ "displayName": "No" });
    assert_eq!(reader.get("/applications").await.status, 200);
    let denied = "Authorization_RequestDenied";
    refused(&reader.post("/applications", empty()).await, 403, denied);
    refused(&reader.get("/oauth2PermissionGrants").await, 403, denied);
    let nobody = cloud.application(&["Mail.Read"]);
    refused(&nobody.get("/servicePrincipals").await, 403, denied);
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let writer = cloud.application(&["Application.ReadWrite.All"]);
    let path = format!(
        "/servicePrincipals/{}/appRoleAssignments",
        id(&set.principal)
    );
    refused(&writer.post(&path, empty()).await, 403, denied);
    let ana = cloud.user(ANA, &EVERYTHING);
    refused(&ana.post("/applications", empty()).await, 403, denied);
    let administrator = cloud.user("admin@contoso.com", &EVERYTHING);
    assert_eq!(
        administrator.post("/applications", empty()).await.status,
        201
    );
}

#[tokio::test]
async fn what_the_directory_does_not_do_yet_says_so() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&EVERYTHING);
    let set = set_up(&admin).await;
    let path = format!("/applications/{}", id(&set.application));
    let deleted = "/directory/deletedItems/microsoft.graph.application";
    let answer = admin.get(deleted).await;
    assert_eq!(answer.status, 501, "{}", answer.text);
    let put = admin.call(Method::PUT, &path, Some(json!({}))).await;
    assert_eq!(put.status, 405);
}
