//! An application's own roles, who holds them, its owners, and its closed door.

use serde_json::{Value, json};

use crate::cloud::{ANA, Answer, BEN, Caller, Cloud};

const ALL: [&str; 4] = [
    "Application.ReadWrite.All",
    "AppRoleAssignment.ReadWrite.All",
    "Group.ReadWrite.All",
    "User.Read.All",
];
const ROLE: &str = "6a7d3f3e-1111-4222-8333-944455556666";

fn refused(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status, status, "{}", answer.text);
    assert_eq!(answer.body["error"]["code"], code, "{}", answer.text);
}

fn role() -> Value {
    json!({
        "id": ROLE,
        "allowedMemberTypes": ["User"],
        "displayName": "Approver",
        "description": "May approve",
        "isEnabled": true,
        "value": "Approve",
    })
}

/// An application with one role, and its principal's object id.
async fn defined(admin: &Caller<'_>) -> (String, String) {
    let app = json!({ "displayName": "Expenses", "appRoles": [role()] });
    let made = admin.post("/applications", app).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["appRoles"][0]["value"], "Approve");
    let principal = json!({ "appId": made.body["appId"] });
    let principal = admin.post("/servicePrincipals", principal).await;
    assert_eq!(
        principal.body["appRoles"][0]["id"], ROLE,
        "{}",
        principal.text
    );
    (made.id(), principal.id())
}

#[tokio::test]
async fn people_and_groups_are_assigned_to_the_roles_of_an_application() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (_, principal) = defined(&admin).await;
    let ana = admin.get(&format!("/users/{ANA}")).await.id();
    let new = json!({ "principalId": ana, "resourceId": principal, "appRoleId": ROLE });
    let path = format!("/users/{ANA}/appRoleAssignments");
    let made = admin.post(&path, new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    assert_eq!(made.body["principalType"], "User");
    assert_eq!(made.body["resourceDisplayName"], "Expenses");
    refused(
        &admin.post(&path, new.clone()).await,
        400,
        "Request_BadRequest",
    );
    let to = format!("/servicePrincipals/{principal}/appRoleAssignedTo");
    let held = admin.get(&to).await.values();
    assert_eq!(held[0]["principalDisplayName"], "Ana Reis");
    let mut unknown = new;
    unknown["appRoleId"] = json!("6a7d3f3e-1111-4222-8333-944455550000");
    refused(&admin.post(&path, unknown).await, 400, "Request_BadRequest");
    let group = json!({ "displayName": "g", "mailNickname": "g", "mailEnabled": false, "securityEnabled": true });
    let group = admin.post("/groups", group).await.id();
    let new = json!({ "principalId": group, "resourceId": principal, "appRoleId": ROLE });
    let of_group = admin.post(&to, new).await;
    assert_eq!(of_group.body["principalType"], "Group", "{}", of_group.text);
    assert_eq!(admin.get(&to).await.values().len(), 2);
    let gone = admin.delete(&format!("{path}/{}", made.id())).await;
    assert_eq!(gone.status, 204);
    assert!(admin.get(&path).await.values().is_empty());
}

#[tokio::test]
async fn a_role_is_disabled_before_it_goes_and_named_once() {
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let (application, _) = defined(&admin).await;
    let path = format!("/applications/{application}");
    let gone = admin.patch(&path, json!({ "appRoles": [] })).await;
    refused(&gone, 400, "CannotDeleteOrUpdateEnabledEntitlement");
    let twice = admin
        .patch(&path, json!({ "appRoles": [role(), role()] }))
        .await;
    refused(&twice, 400, "Request_BadRequest");
    let mut disabled = role();
    disabled["isEnabled"] = json!(false);
    assert_eq!(
        admin
            .patch(&path, json!({ "appRoles": [disabled] }))
            .await
            .status,
        204
    );
    assert_eq!(
        admin.patch(&path, json!({ "appRoles": [] })).await.status,
        204
    );
    assert_eq!(admin.get(&path).await.body["appRoles"], json!([]));
}

#[tokio::test]
async fn registrations_have_owners() {
    let cloud = Cloud::start().await;
    let admin = cloud.user("admin@contoso.com", &ALL);
    let made = admin
        .post("/applications", json!({ "displayName": "Owned" }))
        .await;
    let path = format!("/applications/{}/owners", made.id());
    assert_eq!(admin.get(&path).await.values().len(), 1);
    let ben = admin.get(&format!("/users/{BEN}")).await.id();
    let reference =
        json!({ "@odata.id": format!("https://graph.microsoft.com/v1.0/directoryObjects/{ben}") });
    let add = format!("{path}/$ref");
    assert_eq!(admin.post(&add, reference.clone()).await.status, 204);
    refused(
        &admin.post(&add, reference).await,
        400,
        "Request_BadRequest",
    );
    let owners = admin.get(&path).await.values();
    assert_eq!(owners[1]["displayName"], "Ben Okafor");
    assert_eq!(
        admin.delete(&format!("{path}/{ben}/$ref")).await.status,
        204
    );
    assert_eq!(admin.get(&path).await.values().len(), 1);
}

#[tokio::test]
async fn roles_of_microsofts_other_apis_are_assigned_once_and_listed() {
    const CENTRAL: &str = "996def3d-b36c-4153-8607-a6fd3c01b89f";
    let cloud = Cloud::start().await;
    let admin = cloud.application(&ALL);
    let resource = admin
        .post("/servicePrincipals", json!({ "appId": CENTRAL }))
        .await;
    let roles = resource.body["appRoles"].as_array().unwrap();
    let role = roles.iter().find(|it| it["value"] == "API.ReadWrite.All");
    let own = format!("/servicePrincipals(appId='{}')", cloud.client_id());
    let own = admin.get(&own).await.id();
    let path = format!("/servicePrincipals/{own}/appRoleAssignments");
    let new = json!({
        "principalId": own, "resourceId": resource.id(), "appRoleId": role.unwrap()["id"],
    });
    let made = admin.post(&path, new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let held = admin.get(&path).await.values();
    let named = held.iter().filter(|it| it["resourceId"] == resource.id());
    assert_eq!(named.count(), 1, "{held:?}");
    refused(&admin.post(&path, new).await, 400, "Request_BadRequest");
}
