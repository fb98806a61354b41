//! The buttons on a connection's page.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{Path, State};
use axum::response::Response;
use connections::Change;
use model::{Connection, ConnectionMethod, OperationKind, Policy};

use super::detail::{self, Just};
use crate::App;
use crate::problem::Problem;
use crate::ui::connect::link_page;
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::page::go;
use crate::ui::viewer::Viewer;

/// `POST /connections/{id}/test`
pub(crate) async fn test(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    let just = match app.lifecycle().test(&viewer.caller, connection.id).await {
        Ok(report) => Just {
            report: Some(report),
            ..Just::default()
        },
        Err(error) => Just {
            form: Form::refused(fields, &error.into()),
            ..Just::default()
        },
    };
    let now = find(&app, &viewer, &id).await?;
    detail::page(&app, &viewer, now, just).await
}

/// `POST /connections/{id}/reconnect`
pub(crate) async fn reconnect(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    let invitation = app
        .lifecycle()
        .reconnect(&viewer.caller, connection.id)
        .await?;
    link_page(&viewer, &connection, &invitation)
}

/// `POST /connections/{id}/policy`
pub(crate) async fn policy(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    let kinds: BTreeSet<OperationKind> = fields
        .all("kind")
        .filter_map(|kind| kind.parse().ok())
        .collect();
    let kinds = (kinds.len() < OperationKind::ALL.len()).then_some(kinds);
    let shared = connection.method == ConnectionMethod::OAuth && fields.has("shared", "yes");
    let places = match places(&fields, &connection.policy) {
        Ok(places) => places,
        Err(error) => return refused(&app, &viewer, connection, fields, error).await,
    };
    let change = Change {
        policy: Some(Policy { kinds, ..places }),
        shared: Some(shared),
        ..Change::default()
    };
    match app
        .lifecycle()
        .change(&viewer.caller, connection.id, change)
        .await
    {
        Ok(_) => Ok(done(&connection, "policy")),
        Err(error) => refused(&app, &viewer, connection, fields, error).await,
    }
}

/// The policy with the places that the form lists, and what else it allows.
fn places(fields: &Fields, before: &Policy) -> Result<Policy, connections::Error> {
    Ok(Policy {
        sites: listed(fields, "sites", "policy.sites", before.sites.as_ref())?,
        raw: fields.has("raw", "yes"),
        sites_selected: fields.has("sites_selected", "yes"),
        mailboxes: listed(
            fields,
            "mailboxes",
            "policy.mailboxes",
            before.mailboxes.as_ref(),
        )?,
        tables: listed(fields, "tables", "policy.tables", before.tables.as_ref())?,
        companies: listed(
            fields,
            "companies",
            "policy.companies",
            before.companies.as_ref(),
        )?,
        tokens: fields.has("tokens", "yes"),
        ..before.clone()
    })
}

/// What a text field lists, one to a line; no limit where there is none. A form without the field changes nothing, and neither
/// does an empty one where nothing at all is allowed, which a field cannot say.
fn listed<T: Clone + Ord + FromStr<Err: Display>>(
    fields: &Fields,
    name: &str,
    field: &'static str,
    before: Option<&BTreeSet<T>>,
) -> Result<Option<BTreeSet<T>>, connections::Error> {
    if fields.all(name).next().is_none() {
        return Ok(before.cloned());
    }
    let lines = fields.get(name).lines().map(str::trim);
    let mut listed = BTreeSet::new();
    for line in lines.filter(|line| !line.is_empty()) {
        let one = line.parse().map_err(|error| connections::Error::Invalid {
            field,
            message: format!("`{line}`: {error}"),
        })?;
        listed.insert(one);
    }
    if listed.is_empty() {
        return Ok(before.filter(|before| before.is_empty()).cloned());
    }
    Ok(Some(listed))
}

/// `POST /connections/{id}/disable`
pub(crate) async fn disable(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    match app.lifecycle().disable(&viewer.caller, connection.id).await {
        Ok(_) => Ok(done(&connection, "disabled")),
        Err(error) => refused(&app, &viewer, connection, fields, error).await,
    }
}

/// `POST /connections/{id}/enable`
pub(crate) async fn enable(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    let connection = find(&app, &viewer, &id).await?;
    match app.lifecycle().enable(&viewer.caller, connection.id).await {
        Ok(_) => Ok(done(&connection, "enabled")),
        Err(error) => refused(&app, &viewer, connection, fields, error).await,
    }
}

pub(super) async fn find(app: &App, viewer: &Viewer, id: &str) -> Result<Connection, Problem> {
    Ok(app.lifecycle().find(&viewer.caller, id).await?)
}

pub(super) fn done(connection: &Connection, what: &str) -> Response {
    go(&format!("/connections/{}?done={what}", connection.id))
}

async fn refused(
    app: &App,
    viewer: &Viewer,
    connection: Connection,
    fields: Fields,
    error: connections::Error,
) -> Result<Response, Problem> {
    let just = Just {
        form: Form::refused(fields, &error.into()),
        ..Just::default()
    };
    detail::page(app, viewer, connection, just).await
}
