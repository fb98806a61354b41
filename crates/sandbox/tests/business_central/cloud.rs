//! Requests to Business Central.

use reqwest::Method;
use serde_json::{Value, json};

pub(crate) use crate::application::{Answer, Cloud};

pub(crate) const AUDIENCE: &str = "https://api.businesscentral.dynamics.com";
pub(crate) const FULL: &str = "D365 BUS FULL ACCESS";

impl Cloud {
    pub(crate) async fn token(&self) -> String {
        self.token_for(AUDIENCE).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let path = format!("/v2.0/Production/api/v2.0/{path}");
        self.call(token, Method::GET, &path, None).await
    }

    /// The application's name for a new customer, below the first company.
    pub(crate) async fn add_customer(&self, token: &str, name: &str) -> Value {
        let companies = self.get(token, "companies").await.body;
        let company = companies["value"][0]["id"].as_str().unwrap().to_owned();
        let path = format!("/v2.0/Production/api/v2.0/companies({company})/customers");
        let body = json!({ "displayName": name });
        let made = self.call(token, Method::POST, &path, Some(body)).await;
        assert_eq!(made.status, 201, "{}", made.body);
        made.body
    }

    pub(crate) async fn customers_named(&self, token: &str, name: &str) -> usize {
        let path = format!("customers?$filter=displayName eq '{name}'");
        let found = self.get(token, &path).await.body;
        found["value"].as_array().unwrap().len()
    }
}
