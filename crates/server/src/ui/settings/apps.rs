//! App registrations with their proofs.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use connections::AppView;
use jiff::{SignedDuration, Timestamp};
use model::{AppRegistrationId, Proof, ProofKind, ProofState, Role};

use super::{Just, page};
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::form::{Form, Submission};
use crate::ui::page::{go, show};
use crate::ui::proof;
use crate::ui::viewer::Viewer;
use crate::ui::words::{Badge, Moment};

/// A proof that ends sooner than this is worth a warning.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

#[derive(Template)]
#[template(path = "delete.html")]
struct DeletePage {
    chrome: Chrome,
    warning: String,
    effects: Vec<&'static str>,
    action: String,
    button: &'static str,
    back: String,
}

pub(super) struct AppCard {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) cloud: String,
    pub(super) tenant_id: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) proofs: Vec<ProofLine>,
}

pub(crate) struct ProofLine {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) hint: String,
    pub(crate) state: Badge,
    pub(crate) expires: Option<Moment>,
    /// What stands in place of an end.
    pub(crate) no_end: &'static str,
    pub(crate) added: Moment,
    /// Microsoft's code.
    pub(crate) refused: Option<String>,
}

pub(super) async fn cards(app: &App, viewer: &Viewer) -> Result<Vec<AppCard>, Problem> {
    let views = app.apps().list(&viewer.caller).await?;
    Ok(views.into_iter().map(|view| card(app, view)).collect())
}

fn card(app: &App, view: AppView) -> AppCard {
    let cloud = app.context().clouds.get(&view.app.cloud);
    AppCard {
        id: view.app.id.to_string(),
        name: view.app.name,
        cloud: cloud.map_or(view.app.cloud, |cloud| cloud.title.clone()),
        tenant_id: view.app.tenant_id,
        client_id: view.app.client_id,
        redirect_uri: view.redirect_uri,
        proofs: view
            .proofs
            .iter()
            .map(|proof| line(proof, app.now()))
            .collect(),
    }
}

pub(super) fn line(proof: &Proof, now: Timestamp) -> ProofLine {
    let is_secret = proof.kind == ProofKind::ClientSecret;
    ProofLine {
        id: proof.id.to_string(),
        kind: proof::kind(proof.kind),
        hint: if is_secret {
            format!("{}…", proof.hint)
        } else {
            proof.hint.clone()
        },
        state: state(proof, now),
        expires: proof.expires_at.map(Moment::from),
        no_end: if is_secret { "not known" } else { "never" },
        added: proof.created_at.into(),
        refused: proof.refused_code.clone(),
    }
}

fn state(proof: &Proof, now: Timestamp) -> Badge {
    match (proof.state, proof.expires_at) {
        (ProofState::Retired, _) => Badge {
            tone: "",
            label: "Replaced",
        },
        (ProofState::Pending, _) => Badge {
            tone: "warn",
            label: "Waits for Entra",
        },
        (ProofState::Refused, _) => Badge {
            tone: "bad",
            label: "Refused",
        },
        (ProofState::Active, Some(end)) if end <= now => Badge {
            tone: "bad",
            label: "Expired",
        },
        (ProofState::Active, Some(end)) if end <= now + SOON => Badge {
            tone: "warn",
            label: "Ends soon",
        },
        (ProofState::Active, _) => Badge {
            tone: "good",
            label: "In use",
        },
    }
}

/// `GET /settings/app-registrations/{id}/delete`
pub(crate) async fn confirm_delete(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let view = app.apps().get(&viewer.caller, parse(&id)?).await?;
    show(&DeletePage {
        chrome: Chrome::new(
            &viewer,
            Section::Settings,
            format!("Remove {}?", view.app.name),
        )
        .under("/settings", "Settings"),
        warning: "This cannot be undone.".to_owned(),
        effects: vec![
            "Its client secrets and the key that sealed them are destroyed here.",
            "It is refused while a connection uses the registration.",
            "The application itself stays in Microsoft Entra.",
        ],
        action: format!("/settings/app-registrations/{}/delete", view.app.id),
        button: "Remove the registration",
        back: "/settings".to_owned(),
    })
}

/// `POST /settings/app-registrations/{id}/delete`
pub(crate) async fn delete(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    match app.apps().delete(&viewer.caller, parse(&id)?).await {
        Ok(()) => Ok(go("/settings?done=removed")),
        Err(error) => {
            let form = Form::refused(fields, &error.into());
            page(
                &app,
                &viewer,
                Just {
                    form,
                    ..Just::default()
                },
            )
            .await
        }
    }
}

pub(super) fn parse(id: &str) -> Result<AppRegistrationId, Problem> {
    id.parse()
        .map_err(|_| Problem::not_found("app registration", id))
}
