//! Connecting as a user: a name, what to ask for, and the application that asks.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use catalog::Support;
use model::{AppRegistrationId, ConnectionMethod, Role, Service};
use serde::Deserialize;

use super::guide::Guide;
use super::{
    NEW, PermissionChoice, RegistrationChoice, check_ids, is_check, left, link_page, name_example,
    new_app, new_connection, permission_choices, registration_choices,
};
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::integrations;
use crate::ui::page::show_as;
use crate::ui::proof::{self, Left, Offer, ProofFields};
use crate::ui::viewer::Viewer;

const METHOD: ConnectionMethod = ConnectionMethod::OAuth;

#[derive(Template)]
#[template(path = "connect_oauth.html")]
struct OAuthPage {
    chrome: Chrome,
    service: Service,
    form: Form,
    name_example: String,
    permissions: Vec<PermissionChoice>,
    registrations: Vec<RegistrationChoice>,
    is_new_chosen: bool,
    may_register: bool,
    guide: Guide,
    proof: ProofFields,
    left: Option<Left>,
    checked: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct AskQuery {
    #[serde(default)]
    pub(super) cloud: String,
}

/// `GET /integrations/{service}/connect/oauth`
pub(crate) async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Path(service): Path<String>,
    Query(query): Query<AskQuery>,
) -> Result<Response, Problem> {
    let service = offered(&app, &viewer, &service).await?;
    page(&app, &viewer, service, &query.cloud, Form::default(), None).await
}

/// `POST /integrations/{service}/connect/oauth`
pub(crate) async fn connect(
    State(app): State<App>,
    Path(service): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let service = offered(&app, &viewer, &service).await?;
    if is_check(&fields) {
        return match check_ids(&app, &viewer, &fields).await {
            Ok(tenant) => {
                let cloud = fields.get("cloud").to_owned();
                let form = Form::filled(fields);
                page(&app, &viewer, service, &cloud, form, Some(tenant)).await
            }
            Err(problem) => refused(&app, &viewer, service, fields, problem).await,
        };
    }
    let waits = fields.get("app_registration_id") == NEW && proof::waits_for_entra(&fields);
    let (fields, registered) = match registration(&app, &viewer, fields).await {
        Ok(registered) => registered,
        Err((fields, problem)) => return refused(&app, &viewer, service, fields, problem).await,
    };
    if waits {
        let cloud = fields.get("cloud").to_owned();
        return page(&app, &viewer, service, &cloud, Form::filled(fields), None).await;
    }
    let outcome = match new_connection(service, METHOD, &fields) {
        Ok(new) => app
            .lifecycle()
            .connect_user(&viewer.caller, new, registered)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok((connection, invitation)) => link_page(&viewer, &connection, &invitation),
        Err(problem) => refused(&app, &viewer, service, fields, problem).await,
    }
}

/// The service, where it may be connected this way by this viewer.
async fn offered(app: &App, viewer: &Viewer, service: &str) -> Result<Service, Problem> {
    let service = integrations::parse(service)?;
    if let Support::Refused { reason, instead } = catalog::integration(service).oauth.support {
        return Err(connections::Error::Unsupported {
            reason: reason.to_owned(),
            instead: instead.to_owned(),
        }
        .into());
    }
    viewer.require(app, Role::Member).await?;
    Ok(service)
}

/// The registration that was chosen, or the one that the form describes. A new one is kept even if the connection is then
/// refused, and chosen when the form is shown again: it is good as it is.
async fn registration(
    app: &App,
    viewer: &Viewer,
    fields: Fields,
) -> Result<(Fields, AppRegistrationId), (Fields, Problem)> {
    let chosen = fields.get("app_registration_id");
    if chosen != NEW {
        return match chosen.parse() {
            Ok(id) => Ok((fields, id)),
            Err(_) => Err((
                fields,
                Problem::invalid("app_registration_id", "choose an app registration"),
            )),
        };
    }
    match register(app, viewer, &fields).await {
        Ok(id) => Ok((fields.with("app_registration_id", &id.to_string()), id)),
        Err(problem) => Err((fields, problem)),
    }
}

async fn register(
    app: &App,
    viewer: &Viewer,
    fields: &Fields,
) -> Result<AppRegistrationId, Problem> {
    viewer.require(app, Role::Admin).await?;
    if fields.get("app_name").is_empty() {
        return Err(Problem::invalid("app_name", "give the registration a name"));
    }
    let view = app
        .apps()
        .create(&viewer.caller, new_app(fields, fields.get("app_name"))?)
        .await?;
    Ok(view.app.id)
}

async fn refused(
    app: &App,
    viewer: &Viewer,
    service: Service,
    fields: Fields,
    problem: Problem,
) -> Result<Response, Problem> {
    let cloud = fields.get("cloud").to_owned();
    page(
        app,
        viewer,
        service,
        &cloud,
        Form::refused(fields, &problem),
        None,
    )
    .await
}

async fn page(
    app: &App,
    viewer: &Viewer,
    service: Service,
    cloud: &str,
    form: Form,
    checked: Option<String>,
) -> Result<Response, Problem> {
    let views = app.apps().list(&viewer.caller).await?;
    let may_register = viewer.caller.role >= Role::Admin;
    let guide = Guide::new(app, service, METHOD, cloud, &form)?;
    let status = form.status();
    let page = OAuthPage {
        chrome: Chrome::new(
            viewer,
            Section::Integrations,
            format!("Connect {} as a user", service.title()),
        )
        .under("/integrations", "Integrations")
        .under(format!("/integrations/{service}"), service.title()),
        service,
        name_example: name_example(service, METHOD),
        permissions: permission_choices(service, METHOD, &form),
        registrations: registration_choices(&views, &form),
        is_new_chosen: form.value("app_registration_id") == NEW || views.is_empty(),
        may_register,
        guide: guide.beside_others(!views.is_empty()),
        proof: ProofFields::new(app, &form, Offer::All),
        left: left(app, &views, &form),
        checked,
        form,
    };
    show_as(status, &page)
}
