use clap::Args;
use serde_json::json;

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output::Output;

#[derive(Debug, Args)]
pub(crate) struct SignInLink {
    /// Mail address of the member; yourself when left out.
    member: Option<String>,
}

impl SignInLink {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let id = match &self.member {
            Some(email) => member(client, email).await?,
            None => "me".to_owned(),
        };
        let url = client.url(["members", &id, "sign-in-link"]);
        let link = client.post(url, &json!({})).await?;
        output.show(&link, || {
            link["url"].as_str().unwrap_or_default().to_owned()
        })?;
        Ok(Exit::Success)
    }
}

async fn member(client: &Client, email: &str) -> anyhow::Result<String> {
    let members = client.list(client.url(["members"]), usize::MAX).await?;
    let found = members.iter().find(|member| {
        let known = member["email"].as_str();
        known.is_some_and(|known| known.eq_ignore_ascii_case(email))
    });
    let id = found.and_then(|member| member["id"].as_str());
    let missing = || Failure::new(Exit::NotFound, format!("there is no member `{email}`"));
    Ok(id.ok_or_else(missing)?.to_owned())
}
