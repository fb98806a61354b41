//! The activity log, to be read by people.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use model::{Activity, Actor, ConnectionId, MemberId};
use serde::Deserialize;
use url::form_urlencoded;

use super::chrome::{Chrome, Section};
use super::connections::{everything, member_names};
use super::form::{Refusal, day};
use super::page::show_as;
use super::viewer::Viewer;
use super::words::{self, Badge, Moment};
use crate::App;
use crate::api::activity::{Wanted, lines as read_lines};
use crate::problem::Problem;

/// Lines on one page.
const PER_PAGE: i64 = 50;
/// Beginnings and actions that the field suggests, beside every operation of the catalogue.
const SUGGESTED: [&str; 10] = [
    "connection.",
    "connection.create",
    "connection.consent",
    "connection.confirm",
    "connection.test",
    "connection.rotate",
    "token.",
    "token.hand_out",
    "session.",
    "app_registration.",
];

#[derive(Template)]
#[template(path = "activity.html")]
struct ActivityPage {
    chrome: Chrome,
    connections: Vec<ConnectionChoice>,
    action: String,
    actions: Vec<&'static str>,
    since: String,
    is_filtered: bool,
    problem: Option<Refusal>,
    lines: Vec<Line>,
    older: Option<String>,
}

struct ConnectionChoice {
    value: String,
    label: String,
    is_selected: bool,
}

/// One line of the log.
pub(crate) struct Line {
    pub(crate) at: Moment,
    pub(crate) action: String,
    pub(crate) target: Option<String>,
    pub(crate) who: String,
    pub(crate) connection: Option<Named>,
    pub(crate) outcome: Badge,
    /// Code, status and duration, as far as there are any.
    pub(crate) detail: String,
}

pub(crate) struct Named {
    pub(crate) id: ConnectionId,
    pub(crate) name: String,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(crate) struct ActivityQuery {
    connection: String,
    action: String,
    since: String,
    after: String,
}

/// `GET /activity`
pub(crate) async fn list(
    State(app): State<App>,
    viewer: Viewer,
    Query(query): Query<ActivityQuery>,
) -> Result<Response, Problem> {
    let found = match wanted(&query) {
        Ok(wanted) => lines(&app, &viewer, wanted).await,
        Err(problem) => Err(problem),
    };
    let (lines, next, problem) = match found {
        Ok((lines, next)) => (lines, next, None),
        Err(problem) if problem.internal_reason().is_some() => return Err(problem),
        Err(problem) => (Vec::new(), None, Some(Refusal::from(&problem))),
    };
    let status = problem
        .as_ref()
        .map_or(StatusCode::OK, |problem| problem.status);
    let connections = everything(&app, &viewer)
        .await?
        .into_iter()
        .map(|connection| ConnectionChoice {
            is_selected: query.connection == connection.id.to_string(),
            value: connection.id.to_string(),
            label: connection.name,
        })
        .collect();
    let is_filtered = [&query.connection, &query.action, &query.since]
        .iter()
        .any(|text| !text.is_empty());
    let page = ActivityPage {
        chrome: Chrome::new(&viewer, Section::Activity, "Activity"),
        connections,
        older: next.map(|next| query.older(&next)),
        action: query.action,
        actions: SUGGESTED
            .into_iter()
            .chain(catalog::operations().iter().map(|known| known.id))
            .collect(),
        since: query.since,
        is_filtered,
        problem,
        lines,
    };
    show_as(status, &page)
}

/// Lines that the viewer may see, newest first, and where the older ones begin.
pub(crate) async fn lines(
    app: &App,
    viewer: &Viewer,
    wanted: Wanted,
) -> Result<(Vec<Line>, Option<String>), Problem> {
    let names = Names::read(app, viewer).await?;
    let found = read_lines(app, &viewer.caller, wanted).await?;
    Ok((
        found
            .items
            .into_iter()
            .map(|line| names.line(line))
            .collect(),
        found.next,
    ))
}

fn wanted(query: &ActivityQuery) -> Result<Wanted, Problem> {
    let since = match query.since.as_str() {
        "" => None,
        text => {
            let since = day(text);
            let wrong =
                || Problem::invalid("since", format!("`{text}` is no date like `2027-01-31`"));
            Some(since.ok_or_else(wrong)?)
        }
    };
    let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Ok(Wanted {
        connection: some(&query.connection),
        action: some(&query.action),
        since,
        after: some(&query.after),
        limit: Some(PER_PAGE),
    })
}

impl ActivityQuery {
    fn older(&self, after: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("connection", &self.connection),
            ("action", &self.action),
            ("since", &self.since),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("after", after);
        format!("/activity?{}", query.finish())
    }
}

/// What ids are called.
struct Names {
    members: HashMap<MemberId, String>,
    keys: HashMap<String, String>,
    connections: HashMap<ConnectionId, String>,
}

impl Names {
    async fn read(app: &App, viewer: &Viewer) -> Result<Self, Problem> {
        let keys = app
            .store()
            .read()
            .await?
            .api_keys(viewer.caller.workspace_id)
            .await?;
        let connections = everything(app, viewer).await?;
        Ok(Self {
            members: member_names(app, viewer).await?,
            keys: keys
                .into_iter()
                .map(|key| (key.id.to_string(), key.name))
                .collect(),
            connections: connections
                .into_iter()
                .map(|connection| (connection.id, connection.name))
                .collect(),
        })
    }

    fn line(&self, line: Activity) -> Line {
        Line {
            at: line.at.into(),
            who: self.who(&line.actor),
            connection: line.connection_id.map(|id| Named {
                id,
                name: self
                    .connections
                    .get(&id)
                    .cloned()
                    .unwrap_or_else(|| "removed".to_owned()),
            }),
            outcome: words::outcome(line.outcome, line.phase),
            detail: detail(&line),
            action: line.action,
            target: line.target,
        }
    }

    fn who(&self, actor: &Actor) -> String {
        match actor {
            Actor::Member(id) => {
                let known = id
                    .parse()
                    .ok()
                    .and_then(|id: MemberId| self.members.get(&id).cloned());
                known.unwrap_or_else(|| id.clone())
            }
            Actor::ApiKey(id) => match self.keys.get(id) {
                Some(name) => format!("key {name}"),
                None => format!("key {id}"),
            },
            Actor::Local => "on the server’s machine".to_owned(),
            Actor::System => "Consentry".to_owned(),
            Actor::Anonymous => "not signed in".to_owned(),
        }
    }
}

fn detail(line: &Activity) -> String {
    let duration = line.duration_us.filter(|_| line.status.is_some());
    let parts = [
        line.code.clone(),
        line.status.map(|status| status.to_string()),
        duration.map(|us| format!("{} ms", us / 1000)),
        line.bytes_sent.map(|bytes| format!("{} sent", size(bytes))),
        line.bytes_received
            .map(|bytes| format!("{} received", size(bytes))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// For people: `512 bytes`, `1.5 MB`, in steps of a thousand.
fn size(bytes: i64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    let mut tenths = bytes.saturating_mul(10);
    let mut unit = "bytes";
    for larger in UNITS {
        if tenths < 10_000 {
            break;
        }
        tenths /= 1_000;
        unit = larger;
    }
    match tenths % 10 {
        0 => format!("{} {unit}", tenths / 10),
        tenth => format!("{}.{tenth} {unit}", tenths / 10),
    }
}
