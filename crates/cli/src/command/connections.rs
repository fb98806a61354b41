mod approval;
mod consent;
mod leave;
mod policy;
mod show;
mod token;

use std::io::IsTerminal;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use self::approval::AddPermissions;
pub(crate) use self::policy::Places;
use super::apps::ProofSource;
use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::explain;
use crate::output::{self, Output};

#[derive(Debug, Subcommand)]
pub(crate) enum Connections {
    /// Those that you may see.
    List,
    /// One of them, whole.
    Show(Named),
    /// Sign in anew, whatever its state, and compare what is granted with what is needed.
    Test(Named),
    /// Put a new client secret or certificate in use, once it is seen to work.
    Rotate(Rotate),
    /// Seal its tokens and kept answers by a new data key; calls go on meanwhile.
    RotateDataKey(Named),
    /// Ask for consent again; what works keeps working meanwhile.
    Reconnect(Reconnect),
    /// Ask the account for more; the connection stays the same, and what works keeps working.
    AddPermissions(AddPermissions),
    /// Print a link for an administrator of the Microsoft tenant, who consents for everybody.
    AskAdministrator(Named),
    /// What waits for an administrator of the Microsoft tenant.
    ConsentRequests,
    /// Let no call through until it is enabled again.
    Disable(Named),
    /// Let calls through again.
    Enable(Named),
    /// Remove it with everything sealed for it; its activity stays.
    Delete(Delete),
    /// Why it does not work, who must act, and how.
    Diagnosis(Named),
    /// What was asked for, granted, and is missing.
    Permissions(Named),
    /// Delta queries that go on where they were: `run --delta`.
    Cursors(Cursors),
    /// Queries for Microsoft's own logs, ready to be pasted, and the user's consent page.
    Queries(Named),
    /// What goes with it, and what stays at Microsoft, if it is deleted.
    Dependents(Named),
    /// What it may do at most; without options, how that is now.
    Policy(policy::Change),
    /// Print its access token, where the policy lets it leave: a secret, good for an hour or so.
    Token(token::Token),
}

#[derive(Debug, Args)]
pub(crate) struct Named {
    /// A connection's name or id.
    connection: String,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    proof: ProofSource,
}

#[derive(Debug, Args)]
pub(crate) struct Reconnect {
    #[command(flatten)]
    named: Named,
    /// Print the connect link and end, without waiting for the consent.
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    #[command(flatten)]
    named: Named,
    /// Do not ask.
    #[arg(long, short)]
    yes: bool,
    /// Take the user's consent back at Microsoft first; the application needs the permission for that.
    #[arg(long)]
    revoke_consent: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Cursors {
    #[command(flatten)]
    named: Named,
    /// Forget this one: its next round begins with everything.
    #[arg(long, value_name = "CURSOR")]
    delete: Option<String>,
}

impl Connections {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        match self {
            Self::List => show::list(client, output).await,
            Self::Show(named) => show::one(client, &named.connection, output).await,
            Self::Test(named) => test(client, &named.connection, output).await,
            Self::Rotate(rotate) => rotate.run(client, output).await,
            Self::RotateDataKey(named) => rotate_data_key(client, &named.connection, output).await,
            Self::Reconnect(reconnect) => {
                consent::again(
                    client,
                    &reconnect.named.connection,
                    reconnect.no_wait,
                    output,
                )
                .await
            }
            Self::AddPermissions(add) => add.run(client, output).await,
            Self::AskAdministrator(named) => approval::ask(client, &named.connection, output).await,
            Self::ConsentRequests => approval::list(client, output).await,
            Self::Disable(named) => switch(client, &named.connection, "disable", output).await,
            Self::Enable(named) => switch(client, &named.connection, "enable", output).await,
            Self::Delete(delete) => delete.run(client, output).await,
            Self::Diagnosis(named) => show::diagnosis(client, &named.connection, output).await,
            Self::Permissions(named) => show::permissions(client, &named.connection, output).await,
            Self::Cursors(cursors) => cursors.run(client, output).await,
            Self::Queries(named) => leave::queries(client, &named.connection, output).await,
            Self::Dependents(named) => leave::dependents(client, &named.connection, output).await,
            Self::Policy(change) => change.run(client, output).await,
            Self::Token(token) => token.run(client, output).await,
        }
    }
}

async fn test(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, "test"]);
    let report = client.post(url, &json!({})).await?;
    output.show(&report, || explain::report(&report))?;
    let is_ok = report["ok"].as_bool().unwrap_or(false);
    Ok(if is_ok {
        Exit::Success
    } else {
        Exit::NeedsSomebody
    })
}

async fn switch(client: &Client, name: &str, how: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, how]);
    let connection = client.post(url, &json!({})).await?;
    output.show(&connection, || show::state(&connection))?;
    Ok(Exit::Success)
}

async fn rotate_data_key(client: &Client, name: &str, output: Output) -> anyhow::Result<Exit> {
    let url = client.url(["connections", name, "data-key", "rotate"]);
    let done = client.post(url, &json!({})).await?;
    output.show(&done, || explain::resealed(&done))?;
    Ok(Exit::Success)
}

impl Rotate {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        if self.proof.is_to_be_generated() {
            return Err(Failure::usage(
                "a certificate that is made now is not known to Microsoft yet, and cannot be tried",
            )
            .hint(
                "make it with `consentry apps add-proof APP --generate-certificate DAYS`, upload it, and put it in use with \
                 `consentry apps verify-proof`",
            )
            .into());
        }
        let body = self.proof.body()?;
        self.proof.warn(client).await?;
        let url = client.url(["connections", &self.named.connection, "rotate"]);
        let rotated = client.post(url, &body).await?;
        output.show(&rotated, || show::state(&rotated["connection"]))?;
        Ok(Exit::Success)
    }
}

impl Cursors {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let connection = &self.named.connection;
        let Some(name) = &self.delete else {
            return show::cursors(client, connection, output).await;
        };
        client
            .delete(client.url(["connections", connection, "cursors", name]))
            .await?;
        output.show(&json!({ "deleted": name }), || {
            format!("{name} is forgotten; its next round begins with everything")
        })?;
        Ok(Exit::Success)
    }
}

impl Delete {
    async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let url = client.url(["connections", &self.named.connection]);
        let connection = client.get(url).await?;
        let id = connection["id"].as_str().unwrap_or_default();
        if !self.yes {
            leave::warn(client, id).await?;
            if !confirmed(&connection)? {
                return Ok(Exit::Failure);
            }
        }
        let mut url = client.url(["connections", id]);
        if self.revoke_consent {
            url.query_pairs_mut().append_pair("revoke_consent", "true");
        }
        client.delete(url).await?;
        output.show(&json!({ "deleted": id }), || {
            format!("{} is deleted", self.named.connection)
        })?;
        Ok(Exit::Success)
    }
}

/// Asks where somebody can answer.
pub(crate) fn confirmed(named: &Value) -> anyhow::Result<bool> {
    let name = named["name"].as_str().unwrap_or_default();
    if !std::io::stdin().is_terminal() {
        return Err(
            Failure::usage(format!("deleting `{name}` cannot be undone"))
                .hint("say `--yes` to delete it without being asked")
                .into(),
        );
    }
    output::note(format_args!(
        "delete `{name}` and what is sealed for it? this cannot be undone. type its name to go on:"
    ));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == name)
}
