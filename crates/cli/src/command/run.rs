mod delta;
mod file;
mod input;
mod items;

use std::path::PathBuf;

use clap::Args;
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

const FIELDS: &str = "\
Fields:
  key=value      text, or a number, a yes or no, a list where the operation wants one
  key:=json      JSON as it is: message:='{\"subject\":\"Hello\"}'
  a.b.c=value    a field inside of fields";

#[derive(Debug, Args)]
#[command(after_help = FIELDS)]
pub(crate) struct Run {
    /// An operation's id; `consentry operations list` shows them.
    operation: String,
    /// The connection's name or id.
    #[arg(long, short, value_name = "NAME")]
    connection: String,
    /// What to give it.
    #[arg(value_name = "FIELD")]
    fields: Vec<String>,
    /// Take the input from a JSON file, `-` for stdin; fields are put in on top.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// The bytes to upload, `-` for stdin.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["all", "cursor"])]
    file: Option<PathBuf>,
    /// Where a downloaded file goes; it appears there when all of it has come.
    #[arg(long, short, value_name = "FILE", conflicts_with = "all")]
    output: Option<PathBuf>,
    /// Every item of every page, a line each as they come; with `--json` as one array.
    #[arg(long, conflicts_with_all = ["cursor", "only_plan"])]
    all: bool,
    /// The page that an earlier answer named.
    #[arg(long)]
    cursor: Option<String>,
    /// What changed since the round kept under this name, a line each; kept when all of it is written.
    #[arg(long, value_name = "NAME", conflicts_with_all = ["all", "cursor", "only_plan", "file", "output"])]
    delta: Option<String>,
    /// Repeated with the same key within a day, it happens once.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Show the request that would be made, and make none.
    #[arg(long = "dry-run")]
    only_plan: bool,
}

impl Run {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let input = input::read(&self.operation, self.input.as_deref(), &self.fields)?;
        if let Some(path) = &self.file {
            let response = file::upload(client, self.request(client), &input, path).await?;
            whole(response, output).await?;
            return Ok(Exit::Success);
        }
        if let Some(path) = &self.output {
            let again = |input: &Value| self.request(client).json(input);
            file::download(client, &again, input, path).await?;
            return Ok(Exit::Success);
        }
        let response = client.send(self.request(client).json(&input)).await?;
        if let Some(name) = &self.delta {
            delta::print(client, &self.connection, name, response, output).await?;
        } else if self.all {
            items::print(response, output).await?;
        } else {
            whole(response, output).await?;
        }
        Ok(Exit::Success)
    }

    fn request(&self, client: &Client) -> RequestBuilder {
        let mut url = client.url([
            "connections",
            &self.connection,
            "operations",
            &self.operation,
        ]);
        if self.all {
            url.query_pairs_mut().append_pair("all", "true");
        }
        if let Some(name) = &self.delta {
            url.query_pairs_mut().append_pair("delta", name);
        }
        if self.only_plan {
            url.query_pairs_mut().append_pair("dry_run", "true");
        }
        if let Some(cursor) = &self.cursor {
            url.query_pairs_mut().append_pair("cursor", cursor);
        }
        let request = client.request(Method::POST, url);
        match &self.idempotency_key {
            Some(key) => request.header("idempotency-key", key),
            None => request,
        }
    }
}

/// Microsoft's answer as it is, and beside it where the next page is and what the log calls it.
async fn whole(response: Response, output: Output) -> anyhow::Result<()> {
    let status = response.status();
    let header = |name: &str| {
        let value = response.headers().get(name)?.to_str().ok()?;
        Some(value.to_owned())
    };
    let (cursor, activity) = (header("consentry-cursor"), header("consentry-activity"));
    let replayed = header("consentry-replayed").is_some();
    let body = response.bytes().await.map_err(|error| broke_off(&error))?;
    match serde_json::from_slice::<Value>(&body) {
        Ok(answer) => output.document(&answer)?,
        Err(_) if !body.is_empty() => output::bytes(&body)?,
        Err(_) if output.is_json() => output.document(&Value::Null)?,
        Err(_) => {}
    }
    if body.is_empty() {
        let activity = activity.unwrap_or_default();
        output::note(format_args!(
            "done: Microsoft answered {status} ({activity})"
        ));
    }
    if replayed {
        output::note("this was done before under the same key; the answer is the one of then");
    }
    if let Some(cursor) = cursor {
        output::note(format_args!("more: --cursor '{cursor}'"));
    }
    Ok(())
}

fn broke_off(error: &reqwest::Error) -> Failure {
    Failure::new(Exit::Unreachable, format!("the answer broke off: {error}"))
        .hint("what came so far is not all of it; run it again")
}
