mod bootstrap;

use std::str::FromStr;

use clap::Args;
use model::{ConnectionMethod, ParseServiceError, Service};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};

use self::bootstrap::SetUp;
use crate::client::Client;
use crate::command::connections::Places;
use crate::command::wait;
use crate::exit::{Exit, Failure};
use crate::explain;
use crate::output::{self, Output};
use crate::secret::SecretSource;

#[derive(Debug, Args)]
pub(crate) struct Connect {
    /// outlook, teams, onedrive, sharepoint, crm, fieldservice or businesscentral. With `--bootstrap` several, or `all`.
    #[arg(required = true, value_name = "SERVICE")]
    chosen: Vec<Choice>,
    #[command(flatten)]
    method: Method,
    /// What to call the connection; unique in the workspace. Several are called after their service besides.
    #[arg(long)]
    name: String,
    /// An app registration known here, by name or id. The only one there is, when left out.
    #[arg(long, conflicts_with_all = ["tenant_id", "client_id"])]
    app: Option<String>,
    /// Directory (tenant) ID of an application to register here with it, or its domain.
    #[arg(long)]
    tenant_id: Option<String>,
    /// Its Application (client) ID.
    #[arg(long, requires = "tenant_id")]
    client_id: Option<String>,
    #[command(flatten)]
    secret: SecretSource,
    /// The cloud it lives in: `global` when left out.
    #[arg(long)]
    cloud: Option<String>,
    #[command(flatten)]
    place: Place,
    /// What to ask for, by Microsoft's names. The service's usual ones when left out.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    permissions: Vec<String>,
    #[command(flatten)]
    places: Places,
    /// Let other builders of the workspace use it too.
    #[arg(long, conflicts_with = "bootstrap")]
    shared: bool,
    /// Print the connect link, or what is left to do, and end without waiting for it.
    #[arg(long)]
    no_wait: bool,
    #[command(flatten, next_help_heading = "Set-up without the portal")]
    bootstrap: SetUp,
}

/// What was chosen: one service, or all.
#[derive(Debug, Clone, Copy)]
enum Choice {
    One(Service),
    All,
}

impl FromStr for Choice {
    type Err = ParseServiceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "all" => Ok(Self::All),
            name => name.parse().map(Self::One),
        }
    }
}

/// Where in Dynamics 365 it goes.
#[derive(Debug, Args)]
struct Place {
    /// The environment of Dataverse: `https://contoso.crm4.dynamics.com`. Needed for crm and fieldservice.
    #[arg(long, value_name = "URL")]
    environment_url: Option<String>,
    /// The environment of Business Central, by its name: `Production`. Needed for businesscentral.
    #[arg(long, value_name = "NAME")]
    environment: Option<String>,
    /// The company of Business Central that operations act on unless told otherwise.
    #[arg(long, value_name = "ID")]
    company_id: Option<String>,
}

#[derive(Debug, Args)]
#[group(multiple = false)]
struct Method {
    /// As a user, who signs in and consents in a browser.
    #[arg(long)]
    oauth: bool,
    /// As an application, which an administrator consented to.
    #[arg(long)]
    service_principal: bool,
}

impl Connect {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        self.supported()?;
        if self.bootstrap.bootstrap {
            return self.set_up(client, output).await;
        }
        if let Some(client_id) = &self.client_id {
            tell_of_twins(client, client_id).await?;
        }
        let body = self.body(client).await?;
        let made = client.post(client.url(["connections"]), &body).await;
        let made = made.map_err(|error| self.taken(error))?;
        match self.method() {
            ConnectionMethod::ServicePrincipal => tested(&made, output),
            ConnectionMethod::OAuth if self.no_wait => {
                output.show(&made, || text(&made["connect_url"]))?;
                Ok(Exit::Success)
            }
            ConnectionMethod::OAuth => consented(client, &made, output).await,
        }
    }

    /// Said before anybody is asked for an application that would be of no use.
    fn supported(&self) -> anyhow::Result<()> {
        let refused = |service: &Service| !service.supports(self.method());
        let Some(service) = self.services().into_iter().find(refused) else {
            return Ok(());
        };
        let title = service.title();
        Err(
            Failure::usage(format!("{title} is connected as an application only"))
                .hint("say `--service-principal` in place of `--oauth`")
                .into(),
        )
    }

    /// An application of this name was registered before: by a connection that is gone, perhaps.
    fn taken(&self, error: anyhow::Error) -> anyhow::Error {
        let is_of_one = |problem: &&Value| {
            let detail = problem["detail"].as_str();
            detail.is_some_and(|detail| detail.contains("app registration"))
        };
        let Some(problem) = Failure::problem_in(&error).filter(is_of_one) else {
            return error;
        };
        let name = &self.name;
        Failure::new(Exit::Failure, error.to_string())
            .problem(problem.clone())
            .hint(format!(
                "connect with it: `--app {name}`; or remove it first: `consentry apps delete {name}`"
            ))
            .into()
    }

    /// In the order of the list, each once.
    fn services(&self) -> Vec<Service> {
        let chosen = |service: &Service| {
            self.chosen.iter().any(|choice| match choice {
                Choice::One(one) => one == service,
                // Every one that users can be connected to, or every one there is.
                Choice::All => service.supports(self.method()),
            })
        };
        Service::ALL.into_iter().filter(chosen).collect()
    }

    /// What goes with `--bootstrap` only, and what without it does not.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let wrong = if self.secret.is_given() && self.client_id.is_none() {
            "a client secret belongs to an application that `--client-id` names"
        } else if self.bootstrap.bootstrap {
            return Ok(());
        } else if !self.method.oauth && !self.method.service_principal {
            "say `--oauth`, `--service-principal` or `--bootstrap`"
        } else if self.services().len() != 1 {
            "several services at once are connected with `--bootstrap`"
        } else if (self.tenant_id.is_some() || self.cloud.is_some()) && self.client_id.is_none() {
            "`--tenant-id` and `--cloud` belong to an application that `--client-id` names, or to `--bootstrap`"
        } else {
            return Ok(());
        };
        Err(Failure::usage(wrong)
            .hint("see `consentry connect --help`")
            .into())
    }

    fn method(&self) -> ConnectionMethod {
        if self.method.oauth {
            ConnectionMethod::OAuth
        } else {
            // Meant with `--bootstrap` alone, too.
            ConnectionMethod::ServicePrincipal
        }
    }

    async fn body(&self, client: &Client) -> anyhow::Result<Value> {
        let mut body = Map::new();
        body.insert("service".to_owned(), json!(self.services().first()));
        body.insert("method".to_owned(), json!(self.method()));
        body.insert("name".to_owned(), json!(self.name));
        body.insert("shared".to_owned(), json!(self.shared));
        let Place {
            environment_url,
            environment,
            company_id,
        } = &self.place;
        for (name, value) in [
            ("environment_url", environment_url),
            ("environment", environment),
            ("company_id", company_id),
        ] {
            if let Some(value) = value {
                body.insert(name.to_owned(), json!(value));
            }
        }
        if !self.permissions.is_empty() {
            body.insert("permissions".to_owned(), json!(self.permissions));
        }
        if let Some(policy) = self.places.policy() {
            body.insert("policy".to_owned(), policy);
        }
        match (self.method(), &self.client_id) {
            (ConnectionMethod::ServicePrincipal, Some(_)) => body.extend(self.application()?),
            (ConnectionMethod::OAuth, Some(_)) => {
                let id = self.register(client).await?;
                body.insert("app_registration_id".to_owned(), id);
            }
            (_, None) => {
                let id = known_app(client, self.app.as_deref()).await?;
                body.insert("app_registration_id".to_owned(), id);
            }
        }
        Ok(Value::Object(body))
    }

    /// The application as its administrator describes it.
    fn application(&self) -> anyhow::Result<Map<String, Value>> {
        let secret = self.secret.require()?;
        let mut fields = Map::new();
        fields.insert("tenant_id".to_owned(), json!(self.tenant_id));
        fields.insert("client_id".to_owned(), json!(self.client_id));
        fields.insert("client_secret".to_owned(), json!(secret.expose_secret()));
        if let Some(cloud) = &self.cloud {
            fields.insert("cloud".to_owned(), json!(cloud));
        }
        Ok(fields)
    }

    /// Registers the application here, and says what it needs to be told in turn.
    async fn register(&self, client: &Client) -> anyhow::Result<Value> {
        let mut body = self.application()?;
        body.insert("name".to_owned(), json!(self.name));
        let made = client
            .post(client.url(["app-registrations"]), &Value::Object(body))
            .await
            .map_err(|error| self.taken(error))?;
        if let Some(redirect_uri) = made["redirect_uri"].as_str() {
            output::note(format_args!(
                "the application needs this redirect URI on its web platform: {redirect_uri}"
            ));
        }
        Ok(made["id"].clone())
    }
}

/// Says before another registration of an application is made that there is one.
async fn tell_of_twins(client: &Client, client_id: &str) -> anyhow::Result<()> {
    let url = client.url(["app-registrations"]);
    let mut apps = client.list(url, usize::MAX).await?;
    let is_it = |known: &str| known.eq_ignore_ascii_case(client_id);
    apps.retain(|app| app["client_id"].as_str().is_some_and(is_it));
    if !apps.is_empty() {
        output::note(format_args!(
            "the application is registered here already as {}: `--app` uses that one with its proofs; this makes another registration, \
             whose secret has to be replaced by itself",
            listed(&apps)
        ));
    }
    Ok(())
}

/// The id of the registration that was named, or of the only one.
async fn known_app(client: &Client, named: Option<&str>) -> anyhow::Result<Value> {
    let apps = client
        .list(client.url(["app-registrations"]), usize::MAX)
        .await?;
    let Some(named) = named else {
        return only(&apps).map_err(Into::into);
    };
    let found = apps
        .iter()
        .find(|app| app["id"] == named || app["name"] == named);
    let missing = || {
        Failure::new(
            Exit::NotFound,
            format!("there is no app registration `{named}`"),
        )
        .hint(format!("known are {}", listed(&apps)))
    };
    Ok(found.ok_or_else(missing)?["id"].clone())
}

fn only(apps: &[Value]) -> Result<Value, Failure> {
    match apps {
        [app] => Ok(app["id"].clone()),
        [] => Err(Failure::usage("no application is registered here yet")
            .hint(
                "name one with `--tenant-id`, `--client-id` and `--client-secret-file`, or have one made: `--bootstrap`",
            )),
        several => Err(Failure::usage("several applications are registered here")
            .hint(format!("choose one with `--app`: {}", listed(several)))),
    }
}

fn listed(apps: &[Value]) -> String {
    let names: Vec<_> = apps
        .iter()
        .filter_map(|app| app["name"].as_str())
        .map(|name| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn tested(made: &Value, output: Output) -> anyhow::Result<Exit> {
    let connection = &made["connection"];
    output.show(made, || {
        format!(
            "{} is connected as an application ({})\n{}",
            text(&connection["name"]),
            text(&connection["id"]),
            explain::report(&made["test"])
        )
    })?;
    let is_ok = made["test"]["ok"].as_bool().unwrap_or(false);
    Ok(if is_ok {
        Exit::Success
    } else {
        Exit::NeedsSomebody
    })
}

async fn consented(client: &Client, made: &Value, output: Output) -> anyhow::Result<Exit> {
    output::note(format_args!(
        "open this link in the browser of whoever's account it is to be:\n  {}",
        text(&made["connect_url"])
    ));
    let connection = &made["connection"];
    let connected = wait::until_active(
        client,
        &text(&connection["id"]),
        connection["version"].as_i64().unwrap_or(0),
        made["expires_at"].as_str().and_then(|at| at.parse().ok()),
    )
    .await?;
    output.show(&connected, || {
        format!(
            "{} is connected as {} ({})",
            text(&connected["name"]),
            text(&connected["identity"]["username"]),
            text(&connected["id"])
        )
    })?;
    Ok(Exit::Success)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
