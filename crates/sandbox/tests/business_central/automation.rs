//! Users come from the tenant's directory.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::{AUDIENCE, Answer, Cloud};

struct Scene {
    cloud: Cloud,
    token: String,
    root: String,
}

impl Scene {
    async fn start() -> Self {
        let cloud = Cloud::start().await;
        let roles = json!({ "resource": AUDIENCE, "roles": ["API.ReadWrite.All", "Automation.ReadWrite.All"] });
        let path = format!("applications/{}/roles", cloud.client_id);
        let granted = cloud.control(Method::POST, &path, roles).await;
        assert!(granted.status < 300, "{}", granted.body);
        let card = json!({ "client_id": cloud.client_id, "permission_sets": ["D365 AUTOMATION"], "description": "Automation" });
        let path = "business-central/applications";
        let carded = cloud.control(Method::POST, path, card).await;
        assert_eq!(carded.status, 201, "{}", carded.body);
        let token = cloud.token().await;
        let companies = cloud.get(&token, "companies").await.body;
        let company = companies["value"][0]["id"].as_str().unwrap();
        let root = format!("/v2.0/Production/api/microsoft/automation/v2.0/companies({company})/");
        Self { cloud, token, root }
    }

    async fn ask(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let path = format!("{}{path}", self.root);
        self.cloud.call(&self.token, method, &path, body).await
    }

    async fn users(&self) -> Vec<Value> {
        let said = self.ask(Method::GET, "users", None).await;
        assert_eq!(said.status, 200, "{}", said.body);
        said.body["value"].as_array().unwrap().clone()
    }
}

fn named<'a>(users: &'a [Value], name: &str) -> Option<&'a Value> {
    users.iter().find(|user| user["userName"] == name)
}

#[tokio::test]
async fn users_are_the_people_of_the_tenant_and_the_applications_on_cards() {
    let scene = Scene::start().await;
    let users = scene.users().await;
    assert_eq!(
        named(&users, "ANA.REIS").unwrap()["displayName"],
        "Ana Reis"
    );
    assert!(named(&users, "AUTOMATION").is_some() && named(&users, "SUPPORT").is_none());
    let control = &scene.cloud.control;
    control
        .license_business_central("ben.okafor@contoso.com", false)
        .unwrap();
    let after = scene.users().await;
    assert_eq!(after.len(), users.len(), "who is a user stays one");
}

#[tokio::test]
async fn a_group_of_the_tenant_becomes_a_security_group_and_permission_sets_go_to_it() {
    let scene = Scene::start().await;
    let cloud = &scene.cloud;
    let token = cloud
        .control
        .issue_access_token(
            &cloud.client_id,
            None,
            &["Group.ReadWrite.All", "User.Read.All"],
        )
        .unwrap();
    let ana = "/v1.0/users/ana.reis@contoso.com?$select=id";
    let ana = cloud.call(&token, Method::GET, ana, None).await.body;
    let member = format!(
        "https://graph.microsoft.com/v1.0/users/{}",
        ana["id"].as_str().unwrap()
    );
    let group = json!({
        "displayName": "Bookkeepers", "mailNickname": "bookkeepers", "mailEnabled": false, "securityEnabled": true,
        "members@odata.bind": [member],
    });
    let group = cloud
        .call(&token, Method::POST, "/v1.0/groups", Some(group))
        .await;
    assert_eq!(group.status, 201, "{}", group.body);
    let wish = json!({ "code": "books", "group_id": group.body["id"] });
    let path = "business-central/security-groups";
    assert_eq!(cloud.control(Method::POST, path, wish).await.status, 201);
    let path = "securityGroups?$expand=securityGroupMembers";
    let groups = scene.ask(Method::GET, path, None).await.body;
    assert_eq!(groups["value"][0]["groupName"], "Bookkeepers");
    let members = &groups["value"][0]["securityGroupMembers"];
    assert_eq!(members[0]["userName"], "ANA.REIS", "{members}");
    let nowhere = json!({ "code": "x", "group_id": "y", "environment": "Nowhere" });
    let path = "business-central/security-groups";
    assert_eq!(cloud.control(Method::POST, path, nowhere).await.status, 400);
}
