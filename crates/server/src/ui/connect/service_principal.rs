//! Connecting as an application: guided, tried at once, and stored only when it works.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use connections::Created;
use model::{AppRegistrationId, ConnectionMethod, Role, Service};

use super::guide::{self, Guide};
use super::oauth::AskQuery;
use super::{
    NEW, PermissionChoice, RegistrationChoice, check_ids, is_check, left, name_example, new_app,
    new_connection, permission_choices, registration_choices,
};
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::integrations::{self, cannot_address};
use crate::ui::page::{go, show_as};
use crate::ui::proof::{self, Left, Offer, ProofFields};
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;

const METHOD: ConnectionMethod = ConnectionMethod::ServicePrincipal;

#[derive(Template)]
#[template(path = "connect_service_principal.html")]
struct ServicePrincipalPage {
    chrome: Chrome,
    service: Service,
    why: &'static str,
    form: Form,
    obstacle: Option<Prose>,
    name_example: String,
    permissions: Vec<PermissionChoice>,
    registrations: Vec<RegistrationChoice>,
    is_new_chosen: bool,
    inside_service: Option<&'static str>,
    guide: Guide,
    proof: ProofFields,
    left: Option<Left>,
    checked: Option<String>,
}

/// `GET /integrations/{service}/connect/service-principal`
pub(crate) async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Path(service): Path<String>,
    Query(query): Query<AskQuery>,
) -> Result<Response, Problem> {
    let service = integrations::parse(&service)?;
    viewer.require(&app, Role::Admin).await?;
    page(&app, &viewer, service, &query.cloud, Form::default(), None).await
}

/// `POST /integrations/{service}/connect/service-principal`
pub(crate) async fn connect(
    State(app): State<App>,
    Path(service): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let service = integrations::parse(&service)?;
    viewer.require(&app, Role::Admin).await?;
    let cloud = fields.get("cloud").to_owned();
    let shown = async |form, checked| page(&app, &viewer, service, &cloud, form, checked).await;
    if is_check(&fields) {
        return match check_ids(&app, &viewer, &fields).await {
            Ok(tenant) => shown(Form::filled(fields), Some(tenant)).await,
            Err(problem) => shown(Form::refused(fields, &problem), None).await,
        };
    }
    if fields.get("app_registration_id") == NEW && proof::waits_for_entra(&fields) {
        return match register(&app, &viewer, &fields).await {
            Ok(id) => {
                let fields = fields.with("app_registration_id", &id.to_string());
                shown(Form::filled(fields), None).await
            }
            Err(problem) => shown(Form::refused(fields, &problem), None).await,
        };
    }
    match attempt(&app, &viewer, service, &fields).await {
        Ok(created) => {
            let outcome = if created.test.ok {
                "connected"
            } else {
                "incomplete"
            };
            Ok(go(&format!(
                "/connections/{}?done={outcome}",
                created.connection.id
            )))
        }
        Err(problem) => shown(Form::refused(fields, &problem), None).await,
    }
}

/// Stores the application with a proof that Entra has to be told of first.
async fn register(
    app: &App,
    viewer: &Viewer,
    fields: &Fields,
) -> Result<AppRegistrationId, Problem> {
    let described = new_app(fields, fields.get("name"))?;
    let view = app.apps().create(&viewer.caller, described).await?;
    Ok(view.app.id)
}

async fn attempt(
    app: &App,
    viewer: &Viewer,
    service: Service,
    fields: &Fields,
) -> Result<Created, Problem> {
    let new = new_connection(service, METHOD, fields)?;
    let chosen = fields.get("app_registration_id");
    if chosen == NEW {
        let described = new_app(fields, fields.get("name"))?;
        return Ok(app
            .lifecycle()
            .connect_new_application(&viewer.caller, new, described)
            .await?);
    }
    let registered: AppRegistrationId = chosen
        .parse()
        .map_err(|_| Problem::invalid("app_registration_id", "choose an app registration"))?;
    Ok(app
        .lifecycle()
        .connect_application(&viewer.caller, new, registered)
        .await?)
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
    let guide = Guide::new(app, service, METHOD, cloud, &form)?;
    let status = form.status();
    let chrome = Chrome::new(
        viewer,
        Section::Integrations,
        format!("Connect {} as an application", service.title()),
    )
    .under("/integrations", "Integrations")
    .under(format!("/integrations/{service}"), service.title());
    let page = ServicePrincipalPage {
        chrome,
        service,
        why: catalog::integration(service).service_principal.why,
        obstacle: cannot_address(app, service),
        name_example: name_example(service, METHOD),
        permissions: permission_choices(service, METHOD, &form),
        registrations: registration_choices(&views, &form),
        is_new_chosen: form.value("app_registration_id") == NEW || views.is_empty(),
        inside_service: guide::inside_service(service),
        guide: guide.beside_others(!views.is_empty()),
        proof: ProofFields::new(app, &form, Offer::All),
        left: left(app, &views, &form),
        checked,
        form,
    };
    show_as(status, &page)
}
