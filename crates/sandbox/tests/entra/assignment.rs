//! An application that lets in only those who were assigned to it, and the roles that its tokens name.

use reqwest::Method;
use sandbox::NewApplication;
use serde_json::{Value, json};

use crate::cloud::{Answer, Cloud, claims};

const ROLE: &str = "6a7d3f3e-1111-4222-8333-944455556666";

struct Closed {
    cloud: Cloud,
    client_id: String,
    admin: String,
}

impl Closed {
    /// An application that a person can use only when assigned, with a role to be assigned to.
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let registered = cloud.control.register_application(NewApplication {
            display_name: "Expenses".to_owned(),
            delegated: vec!["User.Read".to_owned()],
            is_public_client: true,
            admin_consent: true,
            ..NewApplication::default()
        });
        let roles = [
            "Application.ReadWrite.All",
            "AppRoleAssignment.ReadWrite.All",
            "User.Read.All",
        ];
        let admin = cloud
            .control
            .issue_access_token(&cloud.client_id, None, &roles);
        let closed = Self {
            client_id: registered.unwrap().client_id,
            admin: admin.unwrap(),
            cloud,
        };
        let role = json!([{
            "id": ROLE, "allowedMemberTypes": ["User", "Application"], "displayName": "Approver",
            "description": "May approve", "isEnabled": true, "value": "Approve",
        }]);
        let path = format!("applications(appId='{}')", closed.client_id);
        closed
            .graph(Method::PATCH, &path, json!({ "appRoles": role }))
            .await;
        let required = json!({ "appRoleAssignmentRequired": true });
        closed
            .graph(Method::PATCH, &closed.principal(), required)
            .await;
        closed
    }

    fn principal(&self) -> String {
        format!("servicePrincipals(appId='{}')", self.client_id)
    }

    async fn graph(&self, method: Method, path: &str, body: Value) -> Value {
        let url = self.cloud.url(&format!("/v1.0/{path}"));
        let request = self
            .cloud
            .http
            .request(method, url)
            .bearer_auth(&self.admin);
        let response = request.json(&body).send().await.unwrap();
        assert!(
            response.status().is_success(),
            "{}",
            response.text().await.unwrap()
        );
        serde_json::from_slice(&response.bytes().await.unwrap()).unwrap_or_default()
    }

    async fn assign(&self, holder: &Value) {
        let principal = self.graph(Method::GET, &self.principal(), json!({})).await;
        let new =
            json!({ "principalId": holder, "resourceId": principal["id"], "appRoleId": ROLE });
        let path = format!("{}/appRoleAssignedTo", self.principal());
        self.graph(Method::POST, &path, new).await;
    }

    async fn sign_in(&self) -> Answer {
        let form = [
            ("grant_type", "password"),
            ("client_id", &self.client_id),
            ("username", &self.cloud.member),
            ("password", "Sandbox-1"),
            ("scope", "openid User.Read"),
        ];
        self.cloud.ask(&form).await
    }
}

#[tokio::test]
async fn only_the_assigned_get_in_and_their_token_names_the_role() {
    let closed = Closed::start().await;
    let refused = closed.sign_in().await;
    refused.assert_refused(400, "interaction_required", 50105);
    let path = format!("users/{}", closed.cloud.member);
    let member = closed.graph(Method::GET, &path, json!({})).await;
    closed.assign(&member["id"]).await;
    let answer = closed.sign_in().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        claims(&answer.body["id_token"])["roles"],
        json!(["Approve"])
    );
}

#[tokio::test]
async fn an_application_without_a_role_gets_no_token_for_one_that_asks_for_it() {
    let closed = Closed::start().await;
    let (cloud, scope) = (&closed.cloud, format!("{}/.default", closed.client_id));
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", &cloud.client_id),
        ("client_secret", &cloud.secret),
        ("scope", &scope),
    ];
    cloud.control.grant_admin_consent(&cloud.client_id).unwrap();
    let refused = cloud.ask(&form).await;
    refused.assert_refused(400, "invalid_grant", 501_051);
    let path = format!("servicePrincipals(appId='{}')", cloud.client_id);
    let caller = closed.graph(Method::GET, &path, json!({})).await;
    closed.assign(&caller["id"]).await;
    let answer = cloud.ask(&form).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(
        claims(&answer.body["access_token"])["roles"],
        json!(["Approve"])
    );
}
