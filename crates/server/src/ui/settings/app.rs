//! The page of one app registration: its ids, its proofs, and what is done to them.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use connections::AppView;
use http::{HeaderValue, header};
use model::{Proof, ProofId, ProofKind, ProofState, Role};
use serde::Deserialize;

use super::apps::{ProofLine, line, parse};
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::connect::portal_secrets;
use crate::ui::form::{Form, Submission};
use crate::ui::page::{go, show_as};
use crate::ui::proof::{self, Left, Offer, ProofFields};
use crate::ui::viewer::Viewer;
use crate::ui::words;

#[derive(Template)]
#[template(path = "app.html")]
struct AppPage {
    chrome: Chrome,
    id: String,
    cloud: String,
    tenant_id: String,
    client_id: String,
    redirect_uri: String,
    issuer: String,
    subject: String,
    audience: &'static str,
    /// Names of other registrations of the same application.
    twins: String,
    proofs: Vec<ProofLine>,
    left: Option<Left>,
    auto_rotate: bool,
    portal: Option<String>,
    may_change: bool,
    form: Form,
    proof: ProofFields,
}

#[derive(Deserialize)]
pub(crate) struct AppQuery {
    done: Option<String>,
}

/// `GET /settings/app-registrations/{id}`
pub(crate) async fn get(
    State(app): State<App>,
    viewer: Viewer,
    Path(id): Path<String>,
    Query(query): Query<AppQuery>,
) -> Result<Response, Problem> {
    let notice = query.done.as_deref().and_then(words::notice);
    page(&app, &viewer, &id, Form::default(), notice).await
}

/// `POST /settings/app-registrations/{id}/proofs`
pub(crate) async fn add_proof(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let new = proof::given(&fields);
    let added = match new {
        Ok(new) => app
            .apps()
            .add_proof(&viewer.caller, parse(&id)?, new)
            .await
            .map_err(Problem::from),
        Err(problem) => Err(problem),
    };
    match added {
        Ok(proof) if proof.state == ProofState::Pending => Ok(done(&id, "proof-waits")),
        Ok(_) => Ok(done(&id, "proof")),
        Err(problem) => page(&app, &viewer, &id, Form::refused(fields, &problem), None).await,
    }
}

/// `POST /settings/app-registrations/{id}/proofs/{proof}/verify`
pub(crate) async fn verify(
    State(app): State<App>,
    Path((id, proof)): Path<(String, String)>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let verified = app
        .lifecycle()
        .verify_proof(&viewer.caller, parse(&id)?, proof_id(&proof)?)
        .await;
    match verified {
        Ok(_) => Ok(done(&id, "verified")),
        Err(error) => {
            let form = Form::refused(fields, &error.into());
            page(&app, &viewer, &id, form, None).await
        }
    }
}

/// `POST /settings/app-registrations/{id}/proofs/{proof}/delete`
pub(crate) async fn remove(
    State(app): State<App>,
    Path((id, proof)): Path<(String, String)>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    app.apps()
        .delete_proof(&viewer.caller, parse(&id)?, proof_id(&proof)?)
        .await?;
    Ok(done(&id, "proof-removed"))
}

/// `POST /settings/app-registrations/{id}/auto-rotate`
pub(crate) async fn auto_rotate(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let wanted = fields.has("auto_rotate", "yes");
    app.apps()
        .auto_rotate(&viewer.caller, parse(&id)?, wanted)
        .await?;
    Ok(done(&id, if wanted { "auto-rotate" } else { "by-hand" }))
}

/// `POST /settings/app-registrations/{id}/rotate`: through Microsoft Graph, now.
pub(crate) async fn rotate(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let kind = fields
        .has("kind", "certificate")
        .then_some(ProofKind::Certificate);
    let rotated = app
        .lifecycle()
        .rotate_by_itself(&viewer.caller, parse(&id)?, kind)
        .await;
    match rotated {
        Ok(_) => Ok(done(&id, "rotated")),
        Err(error) => {
            let form = Form::refused(fields, &error.into());
            page(&app, &viewer, &id, form, None).await
        }
    }
}

/// `GET /settings/app-registrations/{id}/proofs/{proof}/certificate.cer`: the public part, as Entra takes it.
pub(crate) async fn certificate(
    State(app): State<App>,
    viewer: Viewer,
    Path((id, proof)): Path<(String, String)>,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let view = app.apps().get(&viewer.caller, parse(&id)?).await?;
    let id = proof_id(&proof)?;
    let found = view.proofs.iter().find(|known| known.id == id);
    let der = found
        .and_then(|proof| proof.details.certificate.as_deref())
        .and_then(to_der)
        .ok_or_else(|| Problem::not_found("certificate", &proof))?;
    let name = format!(
        "attachment; filename=\"consentry-{}.cer\"",
        view.app.client_id
    );
    let name = HeaderValue::try_from(name).map_err(|error| Problem::internal(&error))?;
    let kind = HeaderValue::from_static("application/pkix-cert");
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_DISPOSITION, name),
    ];
    Ok((headers, der).into_response())
}

fn to_der(pem: &str) -> Option<Vec<u8>> {
    let base64: String = pem
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode(base64.trim()).ok()
}

fn done(id: &str, what: &str) -> Response {
    go(&format!("/settings/app-registrations/{id}?done={what}"))
}

fn proof_id(id: &str) -> Result<ProofId, Problem> {
    id.parse().map_err(|_| Problem::not_found("proof", id))
}

async fn page(
    app: &App,
    viewer: &Viewer,
    id: &str,
    form: Form,
    notice: Option<words::Notice>,
) -> Result<Response, Problem> {
    if !viewer.sees_everything() {
        return Err(Problem::role_required(Role::Admin, viewer.caller.role));
    }
    let view = app.apps().get(&viewer.caller, parse(id)?).await?;
    let status = form.status();
    let chrome = Chrome::new(viewer, Section::Settings, view.app.name.clone())
        .under("/settings", "Settings")
        .saying(notice);
    let portal = portal_secrets(app, &view.app);
    let cloud = app.context().clouds.get(&view.app.cloud);
    let page = AppPage {
        chrome,
        id: view.app.id.to_string(),
        cloud: cloud.map_or_else(|| view.app.cloud.clone(), |cloud| cloud.title.clone()),
        proofs: lines(app, &view),
        left: proof::left(&view, portal.clone()),
        auto_rotate: view.app.auto_rotate,
        portal,
        may_change: viewer.caller.role >= Role::Admin,
        proof: ProofFields::new(app, &form, Offer::All),
        tenant_id: view.app.tenant_id,
        client_id: view.app.client_id,
        redirect_uri: view.redirect_uri,
        issuer: view.federation.issuer,
        subject: view.federation.subject,
        audience: view.federation.audience,
        twins: view.also_registered_as.join(", "),
        form,
    };
    show_as(status, &page)
}

/// The newest first: that is the one that is tried first.
pub(crate) fn lines(app: &App, view: &AppView) -> Vec<ProofLine> {
    let mut proofs: Vec<&Proof> = view.proofs.iter().collect();
    proofs.sort_by_key(|proof| std::cmp::Reverse(proof.generation));
    proofs
        .into_iter()
        .map(|proof| line(proof, app.now()))
        .collect()
}
