//! Requests to Dataverse.

use reqwest::Method;

pub(crate) use crate::application::{Answer, Cloud};

pub(crate) const AUDIENCE: &str = "https://contoso.crm4.dynamics.com";

impl Cloud {
    pub(crate) async fn token(&self) -> String {
        self.token_for(AUDIENCE).await
    }

    pub(crate) async fn get(&self, token: &str, path: &str) -> Answer {
        let path = format!("/api/data/v9.2/{path}");
        self.call(token, Method::GET, &path, None).await
    }
}
