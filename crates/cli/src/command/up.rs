use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use server::config::LogFormat;
use server::{Config, Dependencies, Flags, Server, StartError};

use crate::arguments::Global;
use crate::client::{Client, Endpoint};
use crate::exit::{Exit, Failure};
use crate::interrupt::Interrupt;
use crate::output::{self, Output};
use crate::{log, paths};

#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Address and port to listen on: 127.0.0.1:8365 when left out.
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Where browsers reach this installation, when that is not the address itself.
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// `postgres://…` when one machine is not enough; SQLite in the data directory when left out.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// Where the two documents of Consentry as an issuer of federated credentials are published, if not under the public URL.
    #[arg(long, value_name = "URL")]
    issuer_url: Option<String>,
    /// The configuration file: `consentry.toml` in the data directory when left out.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How log lines on stderr look.
    #[arg(long, value_name = "FORMAT")]
    log_format: Option<Format>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Up {
    pub(crate) async fn run(&self, global: &Global, output: Output) -> anyhow::Result<Exit> {
        let mut interrupt = Interrupt::watch()?;
        let config = self.config(global)?;
        log::start(&config.log)?;
        let data = config.data.directory.clone();
        let server = Server::start(config, Dependencies::system())
            .await
            .map_err(|error| failure(&error))?;
        let url = server.url().as_str();
        output.show(&json!({ "url": url, "data": data }), || {
            format!("Consentry serves at {url}")
        })?;
        if nobody_signed_in_yet(&data).await.unwrap_or(false) {
            let link = server.sign_in_link(server.owner()).await?;
            output::note(format_args!(
                "sign in with this link, which works once:\n  {}",
                link.url
            ));
        }
        interrupt.asked().await;
        output::note("stopping");
        server.shutdown().await;
        Ok(Exit::Success)
    }

    fn config(&self, global: &Global) -> anyhow::Result<Config> {
        let flags = Flags {
            config: self.config.clone(),
            data: global.data.clone(),
            listen: self.listen.clone(),
            public_url: self.public_url.clone(),
            database_url: self.database_url.clone().map(Into::into),
            issuer_url: self.issuer_url.clone(),
        };
        let mut config = Config::load(&flags).map_err(|error| failure(&error.into()))?;
        match self.log_format {
            Some(Format::Text) => config.log.format = LogFormat::Text,
            Some(Format::Json) => config.log.format = LogFormat::Json,
            None => {}
        }
        Ok(config)
    }
}

/// A new installation has nobody who could let the first one in.
async fn nobody_signed_in_yet(data: &Path) -> anyhow::Result<bool> {
    let client = Client::at(Endpoint::Socket(paths::socket(data)), None)?;
    for action in ["session.open", "session.open_by_link"] {
        let mut url = client.url(["activity"]);
        url.query_pairs_mut().append_pair("action", action);
        if !client.list(url, 1).await?.is_empty() {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Why it did not start, with its sources in one sentence and the next step as a hint.
pub(crate) fn failure(error: &StartError) -> Failure {
    let mut message = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        message.push_str(": ");
        message.push_str(&cause.to_string());
        source = cause.source();
    }
    let exit = match error {
        StartError::Config(_) => Exit::Usage,
        _ => Exit::Failure,
    };
    Failure::new(exit, message).hint(error.next_step())
}
