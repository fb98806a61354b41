//! What happened to connections, and the addresses that it is sent to.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use model::{Event, EventKind, Role, WebhookId};
use serde::Deserialize;

use crate::App;
use crate::problem::Problem;
use crate::ui::chrome::{Chrome, Section};
use crate::ui::form::{Fields, Form, Submission};
use crate::ui::page::{go, show_as};
use crate::ui::viewer::Viewer;
use crate::ui::words::{self, Badge, Moment};

/// Deliveries of one webhook on the page.
const WAITING: i64 = 20;
/// Events on the page.
const LATEST: i64 = 50;

#[derive(Template)]
#[template(path = "events.html")]
struct EventsPage {
    chrome: Chrome,
    webhooks: Vec<WebhookCard>,
    new_secret: Option<NewSecret>,
    kinds: Vec<KindChoice>,
    events: Vec<EventLine>,
    may_change: bool,
    form: Form,
}

struct WebhookCard {
    id: String,
    url: String,
    state: Badge,
    kinds: String,
    waiting: Vec<WaitingLine>,
}

/// An event that an address has not taken yet.
struct WaitingLine {
    kind: &'static str,
    happened: Moment,
    attempts: i64,
    next: Moment,
}

/// Shown this once.
struct NewSecret {
    url: String,
    secret: String,
}

struct KindChoice {
    value: &'static str,
    is_checked: bool,
}

struct EventLine {
    kind: &'static str,
    at: Moment,
    connection_id: String,
    connection: String,
    cause: String,
}

#[derive(Deserialize)]
pub(crate) struct EventsQuery {
    done: Option<String>,
}

/// `GET /settings/events`
pub(crate) async fn get(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<EventsQuery>,
) -> Result<Response, Problem> {
    let notice = query.done.as_deref().and_then(words::notice);
    page(&app, &viewer, Form::default(), None, notice).await
}

/// `POST /settings/webhooks`
pub(crate) async fn create(
    State(app): State<App>,
    Submission { viewer, fields, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let made = app
        .webhooks()
        .create(&viewer.caller, fields.get("url"), kinds(&fields))
        .await;
    match made {
        Ok(made) => {
            let secret = NewSecret {
                url: made.webhook.url,
                secret: made.secret,
            };
            page(&app, &viewer, Form::default(), Some(secret), None).await
        }
        Err(error) => {
            let form = Form::refused(fields, &error.into());
            page(&app, &viewer, form, None, None).await
        }
    }
}

/// `POST /settings/webhooks/{id}/delete`
pub(crate) async fn remove(
    State(app): State<App>,
    Path(id): Path<String>,
    Submission { viewer, .. }: Submission,
) -> Result<Response, Problem> {
    viewer.require(&app, Role::Admin).await?;
    let id: WebhookId = id.parse().map_err(|_| Problem::not_found("webhook", &id))?;
    app.webhooks().delete(&viewer.caller, id).await?;
    Ok(go("/settings/events?done=webhook-removed"))
}

/// Those chosen; `None` for all there are.
fn kinds(fields: &Fields) -> Option<Vec<EventKind>> {
    let chosen: Vec<EventKind> = EventKind::ALL
        .into_iter()
        .filter(|kind| fields.has("kind", kind.id()))
        .collect();
    let is_all = chosen.is_empty() || chosen.len() == EventKind::ALL.len();
    (!is_all).then_some(chosen)
}

async fn page(
    app: &App,
    viewer: &Viewer,
    form: Form,
    new_secret: Option<NewSecret>,
    notice: Option<words::Notice>,
) -> Result<Response, Problem> {
    if !viewer.sees_everything() {
        return Err(Problem::role_required(Role::Admin, viewer.caller.role));
    }
    let may_change = viewer.caller.role >= Role::Admin;
    let events = app.webhooks().latest(&viewer.caller, LATEST).await?;
    let status = form.status();
    let page = EventsPage {
        chrome: Chrome::new(viewer, Section::Settings, "Events and webhooks")
            .under("/settings", "Settings")
            .saying(notice),
        webhooks: if may_change {
            cards(app, viewer).await?
        } else {
            Vec::new()
        },
        new_secret,
        kinds: EventKind::ALL
            .into_iter()
            .map(|kind| KindChoice {
                value: kind.id(),
                is_checked: form.has("kind", kind.id()),
            })
            .collect(),
        events: events.iter().map(line).collect(),
        may_change,
        form,
    };
    show_as(status, &page)
}

async fn cards(app: &App, viewer: &Viewer) -> Result<Vec<WebhookCard>, Problem> {
    let mut cards = Vec::new();
    for webhook in app.webhooks().list(&viewer.caller).await? {
        let waiting = app
            .webhooks()
            .deliveries(&viewer.caller, webhook.id, WAITING)
            .await?;
        let (tone, label) = match webhook.disabled_at {
            Some(_) => ("bad", "Switched off by its receiver"),
            None if waiting.iter().any(|delivery| delivery.attempts > 0) => {
                ("warn", "Being tried again")
            }
            None => ("good", "Active"),
        };
        let kinds = webhook.kinds.unwrap_or_default();
        let kinds: Vec<_> = kinds.into_iter().map(EventKind::id).collect();
        cards.push(WebhookCard {
            id: webhook.id.to_string(),
            url: webhook.url,
            state: Badge { tone, label },
            kinds: if kinds.is_empty() {
                "every event".to_owned()
            } else {
                kinds.join(", ")
            },
            waiting: waiting
                .into_iter()
                .map(|delivery| WaitingLine {
                    kind: delivery.kind.id(),
                    happened: delivery.timestamp.into(),
                    attempts: delivery.attempts,
                    next: delivery.next_at.into(),
                })
                .collect(),
        });
    }
    Ok(cards)
}

fn line(event: &Event) -> EventLine {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    EventLine {
        kind: event.kind.id(),
        at: event.at.into(),
        connection_id: event.connection_id.to_string(),
        connection: text(&event.data["name"]),
        cause: text(&event.data["diagnosis"]["cause"]),
    }
}
