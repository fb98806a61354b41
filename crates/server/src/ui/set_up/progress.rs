//! The page of one attempt: the code to sign in with, the steps as they are done, and what came of it.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use connections::bootstrap::{Connected, Failure, Progress, SignIn, StepProgress};
use model::{ConnectionState, Role};

use super::chrome;
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::Chrome;
use crate::ui::explained::Explained;
use crate::ui::form::Submission;
use crate::ui::page::{go, show};
use crate::ui::prose::Prose;
use crate::ui::viewer::Viewer;
use crate::ui::words::{self, Badge, Moment};

#[derive(Template)]
#[template(path = "set_up_progress.html")]
struct ProgressPage {
    chrome: Chrome,
    id: String,
    badge: Badge,
    sign_in: Option<SignInPart>,
    /// Seconds until the next step may be asked for; `None` when it is over, or waits for a sign-in.
    next_in_secs: Option<i64>,
    needs_sign_in: bool,
    steps: Vec<StepLine>,
    connections: Vec<Made>,
    failure: Option<Failed>,
}

/// What the administrator enters where.
struct SignInPart {
    code: String,
    page: String,
    until: Option<Moment>,
}

struct StepLine {
    text: Prose,
    badge: Badge,
    details: Vec<String>,
    link: Option<String>,
}

struct Made {
    id: String,
    name: String,
    service: &'static str,
    icon: &'static str,
    badge: Badge,
    /// For whoever's account it is to be.
    link: Option<String>,
}

struct Failed {
    message: Prose,
    code: String,
    diagnosis: Option<Explained>,
}

/// `GET /set-up/{id}`
pub(crate) async fn get(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let now = app.bootstraps().look(&viewer.caller, &id).await?;
    let mut made = Vec::new();
    for one in &now.connections {
        made.extend(as_it_is(&app, &viewer, one).await?);
    }
    show(&page(&viewer, now, made))
}

/// `POST /set-up/{id}/next`
pub(crate) async fn next(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    match app.bootstraps().next(&viewer.caller, &id).await {
        // The page says what to do.
        Ok(_) | Err(connections::Error::SetUp(_)) => Ok(go(&format!("/set-up/{id}"))),
        Err(error) => Err(error.into()),
    }
}

/// `POST /set-up/{id}/sign-in`
pub(crate) async fn sign_in_again(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let bootstraps = app.bootstraps();
    let begun = bootstraps.sign_in(&viewer.caller, &id, SignIn::DeviceCode);
    Box::pin(begun).await?;
    Ok(go(&format!("/set-up/{id}")))
}

/// `POST /set-up/{id}/end`
pub(crate) async fn end(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    app.bootstraps().cancel(&viewer.caller, &id).await?;
    Ok(go("/set-up"))
}

fn page(viewer: &Viewer, now: Progress, connections: Vec<Made>) -> ProgressPage {
    let sign_in = now.user_code.zip(now.verification_uri);
    ProgressPage {
        chrome: chrome(viewer, format!("Set up {}", now.name)).under("/set-up", "Set up"),
        id: now.id,
        badge: words::set_up(now.state),
        sign_in: sign_in.map(|(code, page)| SignInPart {
            code,
            page,
            until: now.expires_at.map(Into::into),
        }),
        next_in_secs: now.next_in_secs,
        needs_sign_in: now.next_in_secs.is_none()
            && !matches!(now.state, connections::bootstrap::State::Done),
        steps: now.steps.into_iter().map(step).collect(),
        connections,
        failure: now.failure.map(failed),
    }
}

fn step(step: StepProgress) -> StepLine {
    StepLine {
        text: Prose::sentence(&step.text),
        badge: words::set_up_step(step.state),
        details: step.details,
        link: step.link,
    }
}

/// Its link goes once it was used, and it goes itself once it was removed.
async fn as_it_is(app: &App, viewer: &Viewer, one: &Connected) -> Result<Option<Made>, Problem> {
    let id = one.connection.id.to_string();
    let connection = match app.lifecycle().find(&viewer.caller, &id).await {
        Ok(connection) => connection,
        Err(connections::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let waits = connection.state != ConnectionState::Active;
    let link = one.invitation.as_ref().filter(|_| waits);
    Ok(Some(Made {
        id,
        name: connection.name,
        service: connection.service.title(),
        icon: connection.service.id(),
        badge: words::state(connection.state),
        link: link.map(|link| link.connect_url.clone()),
    }))
}

fn failed(failure: Failure) -> Failed {
    Failed {
        message: Prose::sentence(&failure.message),
        code: failure.code,
        diagnosis: failure.diagnosis.as_ref().map(Explained::from),
    }
}
