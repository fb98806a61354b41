//! Setting up without the portal: what is wanted, the plan, and how far it is.
//!
//! Nothing goes on by itself: the page of an attempt asks for the next step while it is open, by its script or by its button.

mod progress;
mod wanted;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use connections::bootstrap::{Listed, Plan, SignIn};
use model::{Role, Service};
use serde::Deserialize;

use super::chrome::{Chrome, Section};
use super::form::{Fields, Form, Submission};
use super::page::{go, show, show_as};
use super::viewer::Viewer;
use super::words::{self, Badge, Moment};
use crate::App;
use crate::problem::Problem;

pub(crate) use progress::{end, get, next, sign_in_again};

#[derive(Template)]
#[template(path = "set_up.html")]
struct AskPage {
    chrome: Chrome,
    form: Form,
    services: Vec<ServiceChoice>,
    clouds: Vec<wanted::CloudChoice>,
    /// The way to connect that a link here meant; empty where none did.
    method: String,
    redirect_uri: String,
    known: Vec<KnownLine>,
}

struct ServiceChoice {
    service: Service,
    is_checked: bool,
    only_application: bool,
}

/// One that was begun before.
struct KnownLine {
    id: String,
    name: String,
    badge: Badge,
    begun: Moment,
}

#[derive(Template)]
#[template(path = "set_up_plan.html")]
struct PlanPage {
    chrome: Chrome,
    plan: Plan,
    /// What was filled in, to be sent once more.
    filled: Vec<(String, String)>,
}

/// What a link here suggests.
#[derive(Default, Deserialize)]
pub(crate) struct AskQuery {
    #[serde(default)]
    service: String,
    #[serde(default)]
    method: String,
}

/// `GET /set-up`
pub(crate) async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<AskQuery>,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    page(&app, &viewer, Form::default(), query).await
}

/// `POST /set-up`: the plan first, and then the sign-in.
pub(crate) async fn plan(
    State(app): State<App>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let planned = wanted::read(&fields).and_then(|wanted| {
        let plan = app.bootstraps().plan(&viewer.caller, &wanted);
        plan.map_err(Problem::from)
    });
    match planned {
        Ok(plan) => show(&PlanPage {
            chrome: chrome(&viewer, "What will be done").under("/set-up", "Set up"),
            plan,
            filled: fields
                .pairs()
                .filter(|(name, _)| *name != "csrf")
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        }),
        Err(problem) => {
            page(
                &app,
                &viewer,
                Form::refused(fields, &problem),
                AskQuery::default(),
            )
            .await
        }
    }
}

/// `POST /set-up/begin`
pub(crate) async fn begin(
    State(app): State<App>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    match started(&app, &viewer, &fields).await {
        Ok(id) => Ok(go(&format!("/set-up/{id}"))),
        Err(problem) => {
            page(
                &app,
                &viewer,
                Form::refused(fields, &problem),
                AskQuery::default(),
            )
            .await
        }
    }
}

async fn started(app: &App, viewer: &Viewer, fields: &Fields) -> Result<String, Problem> {
    let wanted = wanted::read(fields)?;
    let bootstraps = app.bootstraps();
    let begun = bootstraps.begin(&viewer.caller, wanted, SignIn::DeviceCode);
    Ok(Box::pin(begun).await?.id)
}

async fn page(
    app: &App,
    viewer: &Viewer,
    form: Form,
    suggested: AskQuery,
) -> Result<Response, Problem> {
    let known = app.bootstraps().list(&viewer.caller).await?;
    let services = Service::ALL.into_iter().map(|service| ServiceChoice {
        service,
        is_checked: form.has("service", service.id()) || service.id() == suggested.service,
        only_application: !service.supports(model::ConnectionMethod::OAuth),
    });
    let status = form.status();
    let page = AskPage {
        chrome: chrome(viewer, "Set up without the portal"),
        services: services.collect(),
        clouds: wanted::clouds(app),
        method: suggested.method,
        redirect_uri: app.context().redirect_uri(),
        known: known.into_iter().map(line).collect(),
        form,
    };
    show_as(status, &page)
}

fn chrome(viewer: &Viewer, title: impl Into<String>) -> Chrome {
    Chrome::new(viewer, Section::Integrations, title).under("/integrations", "Integrations")
}

fn line(one: Listed) -> KnownLine {
    KnownLine {
        id: one.id,
        name: one.name,
        badge: words::set_up(one.state),
        begun: one.begun_at.into(),
    }
}

impl AskPage {
    /// A choice that is made until another one is.
    fn is_chosen(&self, name: &str, value: &str, usual: bool) -> bool {
        let said = self.form.value(name);
        if said.is_empty() {
            usual
        } else {
            said == value
        }
    }
}
