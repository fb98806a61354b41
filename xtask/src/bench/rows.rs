//! What reads and sweeps cost at ten thousand connections, and at a hundred times as many: the median of each, on PostgreSQL, through
//! the product's own statements. As many rows are due in either case.

use std::fmt::Write;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use futures_util::future::BoxFuture;
use jiff::SignedDuration;
use model::{Connection, ConnectionId};
use store::{Page, Transaction};
use tokio::runtime::Builder;

use super::figures::{Aim, Figure, median, show};
use super::upstream;
use super::workspace::Replica;
use crate::{postgres, say};

const FEW: u32 = 10_000;
const TIMES: u32 = 300;
const SQL: &str = include_str!("rows.sql");
/// Twice is the aim.
const AIM: f64 = 2.0;

type Act = for<'a> fn(&'a mut dyn Transaction, &'a Case) -> BoxFuture<'a, store::Result<usize>>;

/// What a measurement is made on.
struct Case {
    first: Connection,
    audience: String,
    now: jiff::Timestamp,
    id: ConnectionId,
}

const ACTS: [(&str, Act); 7] = [
    ("token read", |tx, case| {
        Box::pin(async move {
            let workspace = case.first.workspace_id;
            let row = tx.token(workspace, case.id, &case.audience).await?;
            Ok(usize::from(row.is_some()))
        })
    }),
    ("connection read, with its application", |tx, case| {
        Box::pin(async move {
            let workspace = case.first.workspace_id;
            let found = tx.connection(workspace, case.id).await?;
            let app = found.map(|found| found.app_registration_id);
            let app = app.unwrap_or(case.first.app_registration_id);
            Ok(usize::from(
                tx.app_registration(workspace, app).await?.is_some(),
            ))
        })
    }),
    ("list, a page of 50", |tx, case| {
        Box::pin(async move {
            let page = Page {
                after: Some(case.id),
                limit: 50,
            };
            let page = tx.connections(case.first.workspace_id, page).await?;
            Ok(page.len())
        })
    }),
    ("sweep for connections to look after", |tx, case| {
        Box::pin(async move {
            let before = jiff::Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24);
            let _ = case;
            Ok(tx.connections_to_check(before, 20).await?.len())
        })
    }),
    ("sweep for proofs to warn of", |tx, case| {
        Box::pin(async move { Ok(tx.proofs_to_warn(case.now, 200).await?.len()) })
    }),
    ("sweep for secrets to replace", |tx, case| {
        Box::pin(async move {
            let before = case.now + SignedDuration::from_hours(24 * 30);
            Ok(tx.proofs_to_rotate(before, Page::first(50)).await?.len())
        })
    }),
    ("expiries for the metrics", |tx, case| {
        Box::pin(async move {
            let before = case.now + SignedDuration::from_hours(24 * 30);
            Ok(tx.proofs_ending(before).await?.len())
        })
    }),
];

pub(super) fn run(many: u32, json: bool) -> Result<()> {
    say::step("PostgreSQL");
    let server = postgres::start()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let figures = runtime.block_on(measure(&server, many))?;
    say::line(show(&figures, json))?;
    Ok(())
}

async fn measure(server: &postgres::Server, many: u32) -> Result<Vec<Figure>> {
    let replica = Replica::open(&server.url(), &upstream::start()?).await?;
    let first = replica.fill().await?;
    let snapshot = replica.live.get(first.workspace_id, first.id).await?;
    replica.broker.token_for(&snapshot).await?;
    let audience = snapshot.audience.to_string();
    load(server, 1, FEW)?;
    let few = medians(&replica, &first, &audience, FEW).await?;
    load(server, FEW + 1, many)?;
    let lots = medians(&replica, &first, &audience, many).await?;
    let mut figures = Vec::new();
    for ((name, few), lots) in ACTS.iter().map(|(name, _)| *name).zip(few).zip(lots) {
        say::step(format!(
            "{name}: {few:.0} us at {FEW}, {lots:.0} us at {many}"
        ));
        figures.push(Figure::new(name, lots / few, "times").aiming(Aim::Below(AIM)));
    }
    Ok(figures)
}

fn load(server: &postgres::Server, from: u32, to: u32) -> Result<()> {
    say::step(format!("rows {from} to {to}"));
    let sql = SQL
        .replace(":from", &from.to_string())
        .replace(":to", &to.to_string());
    server.run(&sql).context("the rows cannot be loaded")
}

async fn medians(
    replica: &Replica,
    first: &Connection,
    audience: &str,
    rows: u32,
) -> Result<Vec<f64>> {
    let mut medians = Vec::new();
    for (name, act) in ACTS {
        let mut took = Vec::new();
        for turn in 0..TIMES {
            let case = Case {
                first: first.clone(),
                audience: audience.to_owned(),
                now: replica.context.now(),
                id: nth(turn * 7919 % rows + 1)?,
            };
            let begun = Instant::now();
            let mut tx = replica.context.store.read().await?;
            let found = act(&mut *tx, &case).await?;
            drop(tx);
            took.push(micros(begun.elapsed()));
            anyhow::ensure!(
                found > 0 || name.starts_with("list"),
                "{name} finds nothing"
            );
        }
        medians.push(median(took));
    }
    Ok(medians)
}

fn micros(took: Duration) -> f64 {
    took.as_secs_f64() * 1e6
}

/// The id that the database made of the number: half of the digest of a text.
fn nth(number: u32) -> Result<ConnectionId> {
    let digest = model::sha256(format!("conn{number}").as_bytes());
    let mut text = "conn_".to_owned();
    for byte in &digest[..16] {
        write!(text, "{byte:02x}")?;
    }
    text.parse().context("an id of the bench is none")
}
