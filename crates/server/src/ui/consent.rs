//! The public way of one browser through consent: from a connect link to Microsoft, back, and to a confirmation. Nobody
//! has to be signed in here; what protects the way is the cookie of the browser that left.

mod approval;
mod cookie;
mod record;

use askama::Template;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use connections::oauth::{AdministratorsAnswer, Callback};
use http::{HeaderMap, StatusCode};
use model::{ConnectionMethod, PermissionSet, Service};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::chrome::Plain;
use super::form::Fields;
use super::integrations::{needs_admin, unlocks};
use super::page::{show, show_leaving, with_cookie};
use super::words::Moment;
use crate::problem::Problem;
use crate::{App, secret};

pub(crate) use approval::{go_on, wait};

/// What signing in itself needs: nothing that a person has to weigh.
const SIGN_IN: [&str; 4] = ["openid", "profile", "email", "offline_access"];

#[derive(Template)]
#[template(path = "consent_welcome.html")]
struct WelcomePage<'a> {
    plain: Plain,
    secret: &'a str,
    workspace: String,
    requester: String,
    connection: String,
    service: Service,
    permissions: Vec<Asked>,
    expected: Option<String>,
    expires: Moment,
}

#[derive(Template)]
#[template(path = "consent_confirm.html")]
struct ConfirmPage {
    plain: Plain,
    connection: String,
    service: String,
    username: String,
    display_name: String,
    granted: Vec<Asked>,
    missing: Vec<Asked>,
    token: String,
}

#[derive(Template)]
#[template(path = "result.html")]
struct ResultPage {
    plain: Plain,
    tone: &'static str,
    icon: &'static str,
    text: String,
    link: Option<ResultLink>,
}

struct ResultLink {
    href: String,
    label: &'static str,
}

/// A permission in plain words.
struct Asked {
    name: String,
    unlocks: &'static str,
    needs_admin: bool,
}

/// What Microsoft's redirect carries in its query; further fields are of no use.
#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct Answer {
    state: String,
    #[serde(deserialize_with = "secret::optional")]
    code: Option<SecretString>,
    error: Option<String>,
    error_description: Option<String>,
    error_subcode: Option<String>,
}

impl From<Answer> for Callback {
    fn from(answer: Answer) -> Self {
        Self {
            state: answer.state,
            code: answer.code,
            error: answer.error,
            error_description: answer.error_description,
            error_subcode: answer.error_subcode,
        }
    }
}

/// `GET /connect/{secret}`: looking changes nothing.
pub(crate) async fn welcome(
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let welcome = match app.lifecycle().oauth.welcome(&secret).await {
        Ok(welcome) => welcome,
        Err(error) => return Err(record::refused_link(&app, &secret, error).await),
    };
    show_leaving(&WelcomePage {
        plain: Plain::broad(format!("Connect {}", welcome.service.title())),
        secret: &secret,
        workspace: welcome.workspace,
        requester: welcome.requester,
        connection: welcome.connection,
        service: welcome.service,
        permissions: asked(welcome.service, &welcome.permissions),
        expected: welcome.expected,
        expires: welcome.expires_at.into(),
    })
}

/// `POST /connect/{secret}/start`: off to Microsoft, with a cookie that the answer is bound to.
pub(crate) async fn start(
    State(app): State<App>,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let departure = match app.lifecycle().oauth.depart(&secret).await {
        Ok(departure) => departure,
        Err(error) => return Err(record::refused_link(&app, &secret, error).await),
    };
    let leave = Redirect::to(departure.authorize_url.as_str()).into_response();
    with_cookie(leave, &cookie::set(&app, &departure.cookie))
}

/// `GET /oauth/callback`: Microsoft's answer. What it carried leaves the address bar at once.
pub(crate) async fn callback(
    State(app): State<App>,
    answer: Result<Query<Answer>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let callback = Callback::from(answer?.0);
    if let Some(page) = of_administrator(&app, &callback).await? {
        return Ok(page);
    }
    let cookie = cookie::get(&app, &headers);
    let was_state_known = record::knows_state(&app, &callback.state).await?;
    match app
        .lifecycle()
        .oauth
        .arrive(callback, cookie.as_ref())
        .await
    {
        Ok(_) => Ok(Redirect::to("/connect/confirm").into_response()),
        Err(connections::Error::ApprovalNeeded { waiting, .. }) => {
            let page = format!("/connect/approval/{}", waiting.expose_secret());
            Ok(Redirect::to(&page).into_response())
        }
        Err(error) if was_state_known => Err(error.into()),
        Err(error) => Err(record::refused_answer(&app, &headers, error).await),
    }
}

/// The page for an administrator who comes back, if that is who it is: their answer carries no code.
async fn of_administrator(app: &App, callback: &Callback) -> Result<Option<Response>, Problem> {
    if callback.code.is_some() {
        return Ok(None);
    }
    let answer = AdministratorsAnswer {
        state: callback.state.clone(),
        error: callback.error.clone(),
    };
    match app.lifecycle().oauth.answered(&answer).await? {
        Some(approval) => approval::thanks(&approval).map(Some),
        None => Ok(None),
    }
}

/// `GET /connect/confirm`: who signed in, before anything is used.
pub(crate) async fn confirm_page(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let cookie = cookie::get(&app, &headers);
    let arrival = app.lifecycle().oauth.arrival(cookie.as_ref()).await?;
    let service = Service::ALL
        .into_iter()
        .find(|service| service.title() == arrival.service);
    let explain = |set: &PermissionSet| match service {
        Some(service) => asked(service, set),
        None => asked(Service::Outlook, set),
    };
    show(&ConfirmPage {
        plain: Plain::broad("Confirm the account"),
        granted: explain(&arrival.granted),
        missing: explain(&arrival.missing),
        connection: arrival.connection,
        service: arrival.service,
        username: arrival.username,
        display_name: arrival.display_name,
        token: cookie::form_token(&app, &headers).unwrap_or_default(),
    })
}

/// `POST /connect/confirm`
pub(crate) async fn confirm(
    State(app): State<App>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    own_form(&app, &headers, &fields)?;
    let cookie = cookie::get(&app, &headers);
    let connection = app.lifecycle().oauth.confirm(cookie.as_ref()).await?;
    let page = show(&ResultPage {
        plain: Plain::new("Connected"),
        tone: "good",
        icon: "check",
        text: format!(
            "{} now works through “{}”. You can close this page; tokens renew by themselves.",
            connection.service.title(),
            connection.name
        ),
        link: Some(ResultLink {
            href: format!("/connections/{}", connection.id),
            label: "Open the connection",
        }),
    })?;
    with_cookie(page, &cookie::end(&app))
}

/// `POST /connect/cancel`
pub(crate) async fn cancel(
    State(app): State<App>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, Problem> {
    own_form(&app, &headers, &fields)?;
    let cookie = cookie::get(&app, &headers);
    app.lifecycle().oauth.cancel(cookie.as_ref()).await?;
    let page = show(&ResultPage {
        plain: Plain::new("Nothing was connected"),
        tone: "warn",
        icon: "cross",
        text: "What Microsoft sent was thrown away. To connect another account, sign out at Microsoft or use a private window, and ask for a new connect link.".to_owned(),
        link: None,
    })?;
    with_cookie(page, &cookie::end(&app))
}

/// The page's own form carries what only the browser with the cookie was shown.
fn own_form(app: &App, headers: &HeaderMap, fields: &Fields) -> Result<(), Problem> {
    let expected = cookie::form_token(app, headers)
        .ok_or_else(|| connections::Error::from(connections::AttemptError::WrongBrowser))?;
    if fields.get("token") == expected {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "csrf_refused",
        "this form was not sent from the page that confirms the account",
    )
    .next("go back to the page that shows the account, and confirm there"))
}

fn asked(service: Service, permissions: &PermissionSet) -> Vec<Asked> {
    permissions
        .iter()
        .map(model::Permission::as_str)
        .filter(|name| !SIGN_IN.contains(name))
        .map(|name| Asked {
            name: name.to_owned(),
            unlocks: unlocks(service, ConnectionMethod::OAuth, name),
            needs_admin: needs_admin(name, ConnectionMethod::OAuth),
        })
        .collect()
}
