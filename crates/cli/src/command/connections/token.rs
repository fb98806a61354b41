//! The access token itself, for programs that call Microsoft on their own.

use std::io::{self, IsTerminal};

use clap::Args;
use serde_json::{Map, Value, json};

use crate::client::Client;
use crate::exit::Exit;
use crate::output::{self, Output};

#[derive(Debug, Args)]
pub(crate) struct Token {
    #[command(flatten)]
    named: super::Named,
    /// The resource that it is meant for; refused if the connection's tokens are for another.
    #[arg(long, value_name = "URL")]
    resource: Option<String>,
    /// Life that it has to have left, in seconds: 300 unless given, 1800 at most.
    #[arg(long, value_name = "SECONDS")]
    min_validity: Option<u32>,
    /// The `token_id` of a token that Microsoft refused with 401: it is forgotten, and another one comes.
    #[arg(long, value_name = "TOKEN_ID")]
    instead_of: Option<String>,
}

impl Token {
    pub(super) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let url = client.url(["connections", &self.named.connection, "token"]);
        let given = client.post(url, &self.body()).await?;
        // Alone on its line, for `$(…)`.
        output.show(&given, || {
            given["access_token"]
                .as_str()
                .unwrap_or_default()
                .to_owned()
        })?;
        if io::stdout().is_terminal() {
            output::note(format_args!(
                "a secret: whoever has it can use it until {}",
                given["expires_at"].as_str().unwrap_or("it ends")
            ));
        }
        Ok(Exit::Success)
    }

    fn body(&self) -> Value {
        let mut body = Map::new();
        if let Some(resource) = &self.resource {
            body.insert("resource".to_owned(), json!(resource));
        }
        if let Some(seconds) = self.min_validity {
            body.insert("min_validity_secs".to_owned(), json!(seconds));
        }
        if let Some(refused) = &self.instead_of {
            body.insert("instead_of".to_owned(), json!(refused));
        }
        body.into()
    }
}
