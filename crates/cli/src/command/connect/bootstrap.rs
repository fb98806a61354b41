//! `--bootstrap`: an administrator signs in once, and everything at Microsoft is made in their name.

mod browser;
mod words;

use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

use clap::{Args, ValueEnum};
use model::{Clock, ConnectionMethod, SystemClock};
use serde_json::{Map, Value, json};

use super::Connect;
use crate::client::Client;
use crate::command::apps::issuer;
use crate::command::wait;
use crate::exit::{Exit, Failure};
use crate::explain;
use crate::output::{self, Output};

/// How long somebody has to open the last door by hand, and how often is looked.
const BY_HAND: jiff::SignedDuration = jiff::SignedDuration::from_mins(15);
const PERIOD: Duration = Duration::from_secs(5);

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the command line"
)]
pub(super) struct SetUp {
    /// Have it all made at Microsoft: an administrator signs in once. Run again, it goes on where it stopped. With `--oauth` a
    /// registration for users, and a link for each connection.
    #[arg(long, conflicts_with_all = ["app", "client_id"])]
    pub(super) bootstrap: bool,
    /// Only say what would be done, and by whom.
    #[arg(long, requires = "bootstrap")]
    plan: bool,
    /// Do it without asking.
    #[arg(long, requires = "bootstrap", conflicts_with = "plan")]
    yes: bool,
    /// With `--oauth`: the administrator consents for everybody, so that nobody else is asked.
    #[arg(long, requires_all = ["bootstrap", "oauth"])]
    admin_consent: bool,
    /// Sign in in this machine's browser instead of by a code that is entered at Microsoft's page.
    #[arg(long, requires = "bootstrap")]
    browser: bool,
    /// How the application is to prove itself.
    #[arg(
        long,
        value_name = "KIND",
        requires = "bootstrap",
        default_value = "secret"
    )]
    proof: Proof,
    /// The security role that the application is to have in Dataverse. Without one, its user is made by hand.
    #[arg(long, value_name = "ROLE", requires = "bootstrap")]
    dataverse_role: Option<String>,
    /// Let Consentry replace the client secret or certificate by itself; needs one more permission.
    #[arg(long, requires = "bootstrap")]
    auto_rotate: bool,
    /// The public client that the administrator signs in to. Microsoft Azure CLI when left out.
    #[arg(long, value_name = "CLIENT_ID", requires = "bootstrap")]
    sign_in_client: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Proof {
    /// A client secret that Microsoft makes.
    Secret,
    /// A certificate whose key is made here.
    Certificate,
    /// Consentry's own assertions: no secret at all.
    Federated,
}

impl Proof {
    fn id(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Certificate => "certificate",
            Self::Federated => "federated",
        }
    }
}

impl Connect {
    pub(super) async fn set_up(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        if self.places.policy().is_some() {
            return Err(
                Failure::usage("places are limited once the connections are there")
                    .hint("set it up first, then limit the connection")
                    .into(),
            );
        }
        if matches!(self.bootstrap.proof, Proof::Federated) {
            issuer::warn(client).await?;
        }
        let mut body = self.wanted();
        let url = client.url(["bootstraps", "plan"]);
        let plan = client.post(url, &Value::Object(body.clone())).await?;
        if self.bootstrap.plan {
            output.show(&plan, || words::plan(&plan))?;
            return Ok(Exit::Success);
        }
        output::note(words::plan(&plan));
        self.agree()?;
        let listener = if self.bootstrap.browser {
            Some(browser::Listener::open().await?)
        } else {
            None
        };
        if let Some(listener) = &listener {
            body.insert("redirect_uri".to_owned(), json!(listener.redirect_uri()));
        }
        let begun = client
            .post(client.url(["bootstraps"]), &Value::Object(body))
            .await?;
        let id = words::text(&begun["id"]);
        // Whoever ends the command does not leave an administrator behind.
        let carried = tokio::select! {
            carried = carry_on(client, begun, listener) => carried,
            _ = tokio::signal::ctrl_c() => {
                client.delete(client.url(["bootstraps", &id])).await?;
                Err(Failure::new(Exit::Failure, "it was stopped").hint("run it again: it goes on where it stopped").into())
            }
        };
        let ended = carried?;
        if let Some(failure) = ended.get("failure").filter(|failure| !failure.is_null()) {
            return Err(failed(failure));
        }
        match self.method() {
            ConnectionMethod::ServicePrincipal => self.last_door(client, ended, output).await,
            ConnectionMethod::OAuth => self.hand_out(client, ended, output).await,
        }
    }

    fn wanted(&self) -> Map<String, Value> {
        let services = self.services();
        let name = |service: &model::Service| match services.as_slice() {
            [_] => self.name.clone(),
            _ => format!("{}-{service}", self.name),
        };
        let permissions = (!self.permissions.is_empty()).then_some(&self.permissions);
        let connections: Vec<_> = services
            .iter()
            .map(|service| {
                json!({ "service": service, "name": name(service), "permissions": permissions })
            })
            .collect();
        let options = &self.bootstrap;
        let all = json!({
            "name": self.name,
            "cloud": self.cloud,
            "tenant_id": self.tenant_id,
            "connections": connections,
            "method": self.method(),
            "admin_consent": options.admin_consent,
            "proof": options.proof.id(),
            "environment_url": self.place.environment_url,
            "environment": self.place.environment,
            "company_id": self.place.company_id,
            "dataverse_role": options.dataverse_role,
            "auto_rotate": options.auto_rotate,
            "sign_in_client_id": options.sign_in_client,
        });
        match all {
            Value::Object(all) => all,
            _ => Map::new(),
        }
    }

    fn agree(&self) -> anyhow::Result<()> {
        if self.bootstrap.yes {
            return Ok(());
        }
        if !std::io::stdin().is_terminal() {
            return Err(Failure::usage("nobody is there to agree to the plan")
                .hint("add `--yes` to do it, or `--plan` to see it only")
                .into());
        }
        let mut stderr = std::io::stderr().lock();
        let _ = write!(stderr, "\ndo this? [y/N] ");
        let _ = stderr.flush();
        drop(stderr);
        let mut answer = String::new();
        std::io::stdin().lock().read_line(&mut answer)?;
        if matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
            return Ok(());
        }
        Err(Failure::new(Exit::Failure, "nothing was done").into())
    }

    /// The links of connections that wait for their accounts; waits until each was used, unless told not to.
    async fn hand_out(
        &self,
        client: &Client,
        mut ended: Value,
        output: Output,
    ) -> anyhow::Result<Exit> {
        for link in connections(&ended).filter_map(words::link) {
            output::note(link);
        }
        let made = ended["connections"].as_array_mut();
        let made = made.into_iter().flatten().filter(|_| !self.no_wait);
        for one in made.filter(|one| one["connect_url"].is_string()) {
            let connection = &one["connection"];
            let (id, version) = (words::text(&connection["id"]), &connection["version"]);
            let until = one["expires_at"].as_str().and_then(|at| at.parse().ok());
            let version = version.as_i64().unwrap_or(0);
            one["connection"] = wait::until_active(client, &id, version, until).await?;
        }
        output.show(&ended, || words::connected(&ended))?;
        Ok(Exit::Success)
    }

    /// Business Central lets an application in by hand only: waits until somebody did, unless told not to.
    async fn last_door(
        &self,
        client: &Client,
        mut ended: Value,
        output: Output,
    ) -> anyhow::Result<Exit> {
        let waits = by_hand(&ended).next().is_some();
        for step in by_hand(&ended) {
            output::note(words::by_hand(step));
        }
        if waits && !self.no_wait {
            output::note("waiting until it is done; ctrl-c stops waiting, nothing else");
            until_working(client, &mut ended).await?;
        }
        let works = connections(&ended).all(words::works);
        output.show(&ended, || words::connected(&ended))?;
        Ok(if works {
            Exit::Success
        } else {
            Exit::NeedsSomebody
        })
    }
}

/// Step after step, told as they are done; the last progress.
async fn carry_on(
    client: &Client,
    begun: Value,
    listener: Option<browser::Listener>,
) -> anyhow::Result<Value> {
    let id = words::text(&begun["id"]);
    let mut now = begun;
    output::note(words::sign_in(&now));
    if let Some(listener) = listener {
        let answer = listener.wait().await?;
        let body = json!({ "code": answer.code, "state": answer.state });
        now = client
            .post(client.url(["bootstraps", &id, "code"]), &body)
            .await?;
    }
    let mut told = vec![Value::Null; words::steps(&now).len()];
    loop {
        for (before, step) in told.iter_mut().zip(words::steps(&now)) {
            let is_new = *before != *step && words::is_telling(step);
            if is_new {
                output::note(words::step(step));
            }
            before.clone_from(step);
        }
        let Some(wait) = now["next_in_secs"].as_u64() else {
            return Ok(now);
        };
        tokio::time::sleep(Duration::from_secs(wait)).await;
        let url = client.url(["bootstraps", &id, "next"]);
        now = client.post(url, &json!({})).await?;
    }
}

fn connections(progress: &Value) -> impl Iterator<Item = &Value> {
    progress["connections"].as_array().into_iter().flatten()
}

fn by_hand(progress: &Value) -> impl Iterator<Item = &Value> {
    let steps = words::steps(progress).iter();
    steps.filter(|step| step["state"] == "by_hand")
}

/// Tests the connections that do not work yet until they do.
async fn until_working(client: &Client, ended: &mut Value) -> anyhow::Result<()> {
    let until = SystemClock.now() + BY_HAND;
    while SystemClock.now() < until {
        let mut all_work = true;
        let made = ended["connections"].as_array_mut();
        for one in made.into_iter().flatten() {
            if one["test"]["ok"] == true {
                continue;
            }
            let id = words::text(&one["connection"]["id"]);
            let url = client.url(["connections", &id, "test"]);
            one["test"] = client.post(url, &json!({})).await?;
            all_work &= one["test"]["ok"] == true;
        }
        if all_work {
            return Ok(());
        }
        tokio::time::sleep(PERIOD).await;
    }
    Ok(())
}

fn failed(failure: &Value) -> anyhow::Error {
    let exit = match failure["code"].as_str() {
        Some("unreachable") => Exit::Unreachable,
        Some("invalid_input") => Exit::Usage,
        Some("forbidden") => Exit::Refused,
        _ => Exit::NeedsSomebody,
    };
    let told = Failure::new(exit, words::text(&failure["message"]));
    match explain::first_remedy(&failure["diagnosis"]) {
        Some(remedy) => told.hint(remedy).into(),
        None => told
            .hint("run it again: it goes on where it stopped")
            .into(),
    }
}
