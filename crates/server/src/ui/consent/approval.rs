//! Where an administrator of Microsoft's tenant has to consent: the page where the person waits, with the link to hand over,
//! and what the administrator sees when they come back.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use connections::oauth::Approval;
use model::ConnectionMethod;
use store::ConsentAnswer;

use super::{Asked, ResultPage, asked};
use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::Plain;
use crate::ui::page::show;
use crate::ui::words::Moment;

#[derive(Template)]
#[template(path = "consent_approval.html")]
struct ApprovalPage<'a> {
    plain: Plain,
    secret: &'a str,
    connection: String,
    service: &'static str,
    code: String,
    admin_url: String,
    permissions: Vec<Asked>,
    is_granted: bool,
    is_declined: bool,
    expires: Moment,
}

/// `GET /connect/approval/{secret}`: looking changes nothing.
pub(crate) async fn wait(
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let approval = app.lifecycle().oauth.waiting(&secret).await?;
    let is_granted = approval.answer == ConsentAnswer::Granted;
    let title = if is_granted {
        "An administrator approved"
    } else {
        "An administrator has to approve"
    };
    show(&ApprovalPage {
        plain: Plain::broad(title),
        secret: &secret,
        service: approval.service.title(),
        permissions: asked(approval.service, &approval.permissions),
        is_granted,
        is_declined: approval.answer == ConsentAnswer::Declined,
        connection: approval.connection,
        code: approval.code,
        admin_url: approval.admin_url,
        expires: approval.expires_at.into(),
    })
}

/// `POST /connect/approval/{secret}`: on to the connect page, with a link of its own.
pub(crate) async fn go_on(
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let invitation = app.lifecycle().oauth.go_on(&secret).await?;
    Ok(Redirect::to(&invitation.connect_url).into_response())
}

/// What the administrator sees in the end.
pub(super) fn thanks(approval: &Approval) -> Result<Response, Problem> {
    let (service, name) = (approval.service.title(), &approval.connection);
    let is_granted = approval.answer == ConsentAnswer::Granted;
    let text = match (is_granted, approval.method) {
        (true, ConnectionMethod::OAuth) => format!(
            "You consented for everybody. {} can now go on connecting {service} as “{name}”. You can close this page.",
            approval.requester
        ),
        (true, ConnectionMethod::ServicePrincipal) => format!(
            "You consented. “{name}” ({service}) uses the new permissions from its next call on. You can close this page."
        ),
        (false, _) => format!(
            "Nothing was consented to, and “{name}” ({service}) goes on waiting. The same link can be opened again."
        ),
    };
    show(&ResultPage {
        plain: Plain::new(if is_granted {
            "Approved"
        } else {
            "Nothing was approved"
        }),
        tone: if is_granted { "good" } else { "warn" },
        icon: if is_granted { "check" } else { "cross" },
        text,
        link: None,
    })
}
