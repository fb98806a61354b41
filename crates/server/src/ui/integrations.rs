//! The seven services: what each unlocks, and which of the two ways to connect suits what.

mod compare;
mod ways;

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;
use catalog::Integration;
use model::{Connection, ConnectionState, Role, Service};

use super::chrome::{Chrome, Section};
use super::connections::{Row, everything, rows};
use super::page::show;
use super::viewer::Viewer;
use super::words::{self, Badge};
use crate::App;
use crate::problem::Problem;

pub(crate) use ways::{cannot_address, needs_admin, permission_lines, unlocks};

#[derive(Template)]
#[template(path = "integrations.html")]
struct ListPage {
    chrome: Chrome,
    may_set_up: bool,
    groups: [Group; 2],
}

struct Group {
    id: &'static str,
    title: &'static str,
    summary: &'static str,
    cards: Vec<Card>,
}

struct Card {
    service: Service,
    summary: &'static str,
    states: Vec<StateCount>,
}

struct StateCount {
    badge: Badge,
    count: usize,
}

#[derive(Template)]
#[template(path = "integration.html")]
struct ServicePage {
    chrome: Chrome,
    service: Service,
    integration: &'static Integration,
    is_dynamics: bool,
    ways: [ways::Way; 2],
    recommendation: &'static str,
    comparison: [compare::Row; 5],
    connections: Vec<Row>,
}

/// `GET /integrations`
pub(crate) async fn list(State(app): State<App>, viewer: Viewer) -> Result<Response, Problem> {
    let connections = everything(&app, &viewer).await?;
    let group = |id, title, summary, is_member: fn(Service) -> bool| Group {
        id,
        title,
        summary,
        cards: catalog::integrations()
            .iter()
            .filter(|integration| is_member(integration.service))
            .map(|integration| card(integration, &connections))
            .collect(),
    };
    show(&ListPage {
        chrome: Chrome::new(&viewer, Section::Integrations, "Integrations"),
        may_set_up: viewer.caller.role >= Role::Admin,
        groups: [
            group(
                "microsoft-365",
                "Microsoft 365",
                "Connect as a user with OAuth, or as an application with a service principal.",
                |service| !is_dynamics(service),
            ),
            group(
                "dynamics-365",
                "Dynamics 365",
                "Connected as an application with a service principal.",
                is_dynamics,
            ),
        ],
    })
}

/// `GET /integrations/{service}`
pub(crate) async fn get(
    State(app): State<App>,
    viewer: Viewer,
    Path(service): Path<String>,
) -> Result<Response, Problem> {
    let service = parse(&service)?;
    let integration = catalog::integration(service);
    let own: Vec<Connection> = everything(&app, &viewer)
        .await?
        .into_iter()
        .filter(|connection| connection.service == service)
        .collect();
    show(&ServicePage {
        chrome: Chrome::new(&viewer, Section::Integrations, service.title())
            .under("/integrations", "Integrations"),
        service,
        integration,
        is_dynamics: is_dynamics(service),
        ways: ways::both(&app, &viewer, integration),
        recommendation: compare::recommendation(service),
        comparison: compare::rows(service),
        connections: rows(&app, &viewer, &own).await?,
    })
}

pub(crate) fn parse(service: &str) -> Result<Service, Problem> {
    service
        .parse()
        .map_err(|_| Problem::not_found("service", service))
}

pub(crate) fn is_dynamics(service: Service) -> bool {
    service.api() != model::Api::Graph
}

/// Whether this member may connect anything at all.
pub(crate) fn may_connect(role: Role) -> bool {
    role >= Role::Member
}

fn card(integration: &'static Integration, connections: &[Connection]) -> Card {
    let mut counts: BTreeMap<usize, StateCount> = BTreeMap::new();
    for connection in connections
        .iter()
        .filter(|connection| connection.service == integration.service)
    {
        let order = ConnectionState::ALL
            .iter()
            .position(|state| *state == connection.state)
            .unwrap_or(0);
        let badge = words::state(connection.state);
        counts
            .entry(order)
            .or_insert(StateCount { badge, count: 0 })
            .count += 1;
    }
    Card {
        service: integration.service,
        summary: integration.summary,
        states: counts.into_values().collect(),
    }
}
