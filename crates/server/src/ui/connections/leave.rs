//! Removing a connection: what goes with it, what stays at Microsoft, and what may be taken back there first.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use connections::{Dependents, Remainder, RevocableConsent};
use model::Connection;

use super::act::find;
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::form::{Form, Submission};
use crate::ui::page::{go, show_as};
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;

#[derive(Template)]
#[template(path = "delete_connection.html")]
struct LeavePage {
    chrome: Chrome,
    back: String,
    goes: Vec<String>,
    stays: Vec<String>,
    at_microsoft: Vec<Left>,
    consent: Option<RevocableConsent>,
    form: Form,
}

/// Something that stays at Microsoft.
struct Left {
    what: Prose,
    how: Prose,
    link: Option<String>,
}

impl From<Remainder> for Left {
    fn from(left: Remainder) -> Self {
        Self {
            what: Prose::sentence(&left.what),
            how: Prose::sentence(&left.how),
            link: left.link,
        }
    }
}

/// `GET /connections/{id}/delete`
pub(crate) async fn confirm_delete(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    if !viewer.caller.may_manage(&connection) {
        return Err(Problem::forbidden(
            "a connection is removed by its owner or an administrator",
        ));
    }
    page(&app, &viewer, &connection, Form::default()).await
}

/// `POST /connections/{id}/delete`. Where Microsoft refuses to take the consent back, nothing is removed.
pub(crate) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    let life = app.lifecycle();
    if !fields.has("revoke_consent", "yes") {
        life.delete(&viewer.caller, connection.id).await?;
        return Ok(go("/connections?done=deleted"));
    }
    match life
        .delete_with_consent(&viewer.caller, connection.id)
        .await
    {
        Ok(()) => Ok(go("/connections?done=deleted")),
        Err(error) => {
            let form = Form::refused(fields, &error.into());
            page(&app, &viewer, &connection, form).await
        }
    }
}

async fn page(
    app: &App,
    viewer: &Viewer,
    connection: &Connection,
    form: Form,
) -> Result<Response, Problem> {
    let status = form.status();
    let back = format!("/connections/{}", connection.id);
    let dependents = app
        .lifecycle()
        .dependents(&viewer.caller, connection.id)
        .await?;
    let title = format!("Delete {}?", connection.name);
    let page = LeavePage {
        chrome: Chrome::new(viewer, Section::Connections, title)
            .under("/connections", "Connections")
            .under(back.clone(), connection.name.clone()),
        back,
        goes: goes(&dependents),
        stays: stays(&dependents),
        at_microsoft: dependents
            .at_microsoft
            .into_iter()
            .map(Left::from)
            .collect(),
        consent: dependents.consent,
        form,
    };
    show_as(status, &page)
}

/// What ends with it, by name.
fn goes(dependents: &Dependents) -> Vec<String> {
    let mut told = vec![
        "Whatever calls through this connection fails from now on.".to_owned(),
        "Its tokens and the key that sealed them are destroyed here.".to_owned(),
    ];
    told.extend(dependents.keys.iter().map(|key| {
        if key.only {
            format!("The API key “{}” can call nothing any more.", key.name)
        } else {
            format!("The API key “{}” loses this connection.", key.name)
        }
    }));
    told.extend(dependents.webhooks.iter().map(|webhook| {
        if webhook.hears_of_removal {
            format!(
                "The webhook at {} is told of the removal, and of nothing after it.",
                webhook.host
            )
        } else {
            format!(
                "The webhook at {} hears nothing of it any more.",
                webhook.host
            )
        }
    }));
    told.extend(dependents.cursors.iter().map(|cursor| {
        format!(
            "The place “{}” of {} is forgotten: a connection made anew begins with everything.",
            cursor.name, cursor.operation
        )
    }));
    told
}

/// What is still here afterwards.
fn stays(dependents: &Dependents) -> Vec<String> {
    let app = &dependents.app_registration;
    let others: Vec<_> = app
        .other_connections
        .iter()
        .map(|other| other.name.as_str())
        .collect();
    let registration = if others.is_empty() {
        format!(
            "The app registration “{}”, and nothing uses it any more.",
            app.name
        )
    } else {
        format!(
            "The app registration “{}”, for {}.",
            app.name,
            others.join(", ")
        )
    };
    vec![
        registration,
        "The activity log of what was done through it.".to_owned(),
    ]
}
