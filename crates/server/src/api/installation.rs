//! What an administrator, or `consentry doctor`, asks of the server about itself.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use connections::Context;
use jiff::Timestamp;
use serde::Serialize;
use store::Page;
use tokio::time::Instant;

use crate::App;
use crate::auth::Caller;
use crate::problem::Problem;

/// Connections that are looked through for environments in use.
const CONNECTIONS: i64 = 1_000;

#[derive(Serialize)]
pub(crate) struct Installation {
    version: &'static str,
    /// By this server's clock.
    time: Timestamp,
    public_url: String,
    redirect_uri: String,
    issuer_url: String,
    database: Database,
    /// Those that applications are registered in; the worldwide one when none is.
    clouds: Vec<CloudInUse>,
}

#[derive(Serialize)]
struct Database {
    backend: &'static str,
    version: String,
    migrations_applied: i64,
    migrations_known: i64,
    connections_open: u32,
    connections_idle: usize,
    connections_most: u32,
    /// How long one question took.
    latency_us: u64,
}

#[derive(Serialize)]
struct CloudInUse {
    id: String,
    title: String,
    /// Addresses that this server has to reach.
    hosts: Vec<String>,
}

pub(crate) async fn show(
    State(app): State<App>,
    caller: Caller,
) -> Result<Json<Installation>, Problem> {
    let context = app.context();
    Ok(Json(Installation {
        version: env!("CARGO_PKG_VERSION"),
        time: app.now(),
        public_url: context.public_url.to_string(),
        redirect_uri: context.redirect_uri(),
        issuer_url: context.issuer_url(),
        database: database(&app).await?,
        clouds: clouds(context, &caller).await?,
    }))
}

async fn database(app: &App) -> Result<Database, Problem> {
    let began = Instant::now();
    let status = app.store().status().await?;
    Ok(Database {
        backend: status.backend,
        version: status.version,
        migrations_applied: status.migrations_applied,
        migrations_known: status.migrations_known,
        connections_open: status.connections_open,
        connections_idle: status.connections_idle,
        connections_most: status.connections_most,
        latency_us: u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX),
    })
}

async fn clouds(context: &Context, caller: &Caller) -> Result<Vec<CloudInUse>, Problem> {
    let mut tx = context.store.read().await?;
    let apps = tx.app_registrations(caller.workspace_id).await?;
    let connections = tx
        .connections(caller.workspace_id, Page::first(CONNECTIONS))
        .await?;
    drop(tx);
    let mut ids: BTreeSet<_> = apps.iter().map(|app| app.cloud.as_str()).collect();
    if ids.is_empty() {
        ids.insert("global");
    }
    let of_app = |id| apps.iter().find(|app| app.id == id);
    let mut used = Vec::new();
    for id in ids {
        // A registration may outlive its cloud in the configuration; its connections say so.
        let Some(cloud) = context.clouds.get(id) else {
            continue;
        };
        let mut hosts = BTreeSet::from([origin(&cloud.authority), origin(&cloud.graph_url)]);
        hosts.extend(cloud.business_central_url.as_ref().map(origin));
        for connection in &connections {
            let is_here = of_app(connection.app_registration_id).is_some_and(|app| app.cloud == id);
            let url = connection.place.environment_url.as_deref();
            let url = url.filter(|_| is_here).and_then(|url| url.parse().ok());
            hosts.extend(url.as_ref().map(origin));
        }
        used.push(CloudInUse {
            id: cloud.id.clone(),
            title: cloud.title.clone(),
            hosts: hosts.into_iter().collect(),
        });
    }
    Ok(used)
}

fn origin(url: &url::Url) -> String {
    url.origin().ascii_serialization()
}
