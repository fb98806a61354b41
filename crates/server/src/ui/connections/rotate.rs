//! A new proof for the application of a connection: tried before it replaces the one in use.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use model::{Connection, Role};

use super::detail::registration;
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::connect::portal_secrets;
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::page::{go, show_as};
use crate::ui::proof::{self, Offer, ProofFields};
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "rotate.html")]
struct RotatePage {
    chrome: Chrome,
    id: String,
    application: String,
    portal: Option<String>,
    proof: ProofFields,
    registration: Option<String>,
    form: Form,
}

/// `GET /connections/{id}/rotate`
pub(crate) async fn ask(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let connection = app.lifecycle().find(&viewer.caller, &id).await?;
    page(&app, &viewer, &connection, Form::default()).await
}

/// `POST /connections/{id}/rotate`
pub(crate) async fn rotate(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = app.lifecycle().find(&viewer.caller, &id).await?;
    match attempt(&app, &viewer, &connection, &fields).await {
        Ok(()) => Ok(go(&format!("/connections/{}?done=rotated", connection.id))),
        Err(problem) => page(&app, &viewer, &connection, Form::refused(fields, &problem)).await,
    }
}

async fn attempt(
    app: &App,
    viewer: &Viewer,
    connection: &Connection,
    fields: &Fields,
) -> Result<(), Problem> {
    let new = proof::given(fields)?;
    app.lifecycle()
        .rotate(&viewer.caller, connection.id, new)
        .await?;
    Ok(())
}

async fn page(
    app: &App,
    viewer: &Viewer,
    connection: &Connection,
    form: Form,
) -> Result<Response, Problem> {
    let registration = registration(app, connection).await?;
    let status = form.status();
    let own = format!("/connections/{}", connection.id);
    let page = RotatePage {
        chrome: Chrome::new(viewer, Section::Connections, "Replace the proof")
            .under("/connections", "Connections")
            .under(own, connection.name.clone()),
        id: connection.id.to_string(),
        application: registration
            .as_ref()
            .map_or_else(String::new, |app| app.name.clone()),
        portal: registration
            .as_ref()
            .and_then(|registration| portal_secrets(app, registration)),
        proof: ProofFields::new(app, &form, Offer::Tried),
        registration: registration.map(|registration| registration.id.to_string()),
        form,
    };
    show_as(status, &page)
}
