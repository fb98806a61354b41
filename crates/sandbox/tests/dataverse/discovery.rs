//! The global discovery service.

use reqwest::Method;
use serde_json::{Value, json};

use crate::cloud::Cloud;

const INSTANCES: &str = "/api/discovery/v2.0/Instances";

#[tokio::test]
async fn discovery_is_for_people_only() {
    let cloud = Cloud::start().await;
    let none = cloud.call("", Method::GET, INSTANCES, None).await;
    assert_eq!((none.status, &none.body), (401, &Value::Null));
    let scope = "https://globaldisco.crm.dynamics.com/.default";
    let token = cloud.token_answer(scope).await.body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let application = cloud.call(&token, Method::GET, INSTANCES, None).await;
    assert_eq!((application.status, &application.body), (403, &json!(null)));
}
