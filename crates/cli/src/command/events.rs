use clap::Args;
use serde_json::Value;

use crate::client::Client;
use crate::exit::Exit;
use crate::output::{self, Output};

/// What the server gives in one answer at most.
const LONGEST: u8 = 200;

#[derive(Debug, Args)]
pub(crate) struct Events {
    /// Only what came after this event: the last that was read before.
    #[arg(long, value_name = "ID")]
    after: Option<String>,
    /// At most so many, the oldest first.
    #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u8).range(1..=i64::from(LONGEST)))]
    limit: u8,
}

impl Events {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let mut url = client.url(["events"]);
        url.query_pairs_mut()
            .append_pair("limit", &self.limit.to_string());
        if let Some(after) = &self.after {
            url.query_pairs_mut().append_pair("after", after);
        }
        let page = client.get(url).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        output.show(&items, || {
            let rows = items.iter().map(|event| {
                let data = &event["data"];
                [
                    text(event, "id"),
                    text(event, "timestamp"),
                    text(event, "type"),
                    text(data, "name"),
                    text(&data["diagnosis"], "cause"),
                ]
            });
            output::table(["id", "at", "type", "connection", "why"], rows)
        })?;
        Ok(Exit::Success)
    }
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}
