//! Many connections whose tokens end in the same minute, on three brokers in this process, each with its own pool of connections to
//! one PostgreSQL server, and a token endpoint that counts. Time is moved by hand, so that the whole window of renewals passes as
//! fast as the machine can renew: harder than the ten minutes that it takes in earnest.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use connections::Snapshot;
use futures_util::future::{join_all, try_join_all};
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;
use model::{Connection, ConnectionId};
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::figures::{Aim, Figure, show};
use super::upstream;
use super::workspace::{Replica, Shared};
use crate::{postgres, say};

const REPLICAS: usize = 3;
/// What the endpoint's tokens live.
const LIFETIME: i64 = 86_399;
/// Renewals begin at most this long before the end, and a little later in each process.
const WINDOW: i64 = 660;
const STEP: i64 = 10;
const AT_ONCE: usize = 64;
/// Callers of each broker, and the pause between two calls of one.
const CALLERS: usize = 2;
const PAUSE: Duration = Duration::from_micros(500);
/// A call must have as much left.
const LEAST_LEFT: SignedDuration = SignedDuration::from_secs(30);

/// What callers saw.
#[derive(Default)]
struct Seen {
    micros: Vec<f64>,
    late: usize,
}

pub(super) fn run(connections: usize, json: bool) -> Result<()> {
    say::step("PostgreSQL");
    let server = postgres::start()?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let figures = runtime.block_on(measure(server.url(), connections))?;
    say::line(show(&figures, json))?;
    Ok(())
}

async fn measure(url: String, connections: usize) -> Result<Vec<Figure>> {
    let shared = Shared::new(url, upstream::start()?);
    let mut replicas = Vec::new();
    for _ in 0..REPLICAS {
        replicas.push(shared.replica().await?);
    }
    say::step("connections");
    let first = replicas[0].fill().await?;
    let twins = alike(&replicas[0], &first, connections).await?;
    let mut snapshots = Vec::new();
    for replica in &replicas {
        snapshots.push(Arc::new(read_all(replica, &twins).await?));
    }
    say::step("wave");
    let before = upstream::tokens();
    shared
        .clock
        .advance(SignedDuration::from_secs(LIFETIME - WINDOW));
    let stop = CancellationToken::new();
    let mut callers = JoinSet::new();
    for (replica, snapshots) in replicas.iter().zip(&snapshots) {
        for caller in 0..CALLERS {
            let (broker, clock) = (replica.broker.clone(), shared.clock.clone());
            let (snapshots, stop) = (Arc::clone(snapshots), stop.clone());
            callers.spawn(async move {
                let mut seen = Seen::default();
                let mut at = caller * 7919;
                while !stop.is_cancelled() {
                    at = (at + 104_729) % snapshots.len();
                    let asked = Instant::now();
                    let token = broker.token_for(&snapshots[at]).await;
                    seen.micros.push(asked.elapsed().as_secs_f64() * 1e6);
                    let now = model::Clock::now(&*clock);
                    let is_good = token.is_ok_and(|token| token.expires_at > now + LEAST_LEFT);
                    seen.late += usize::from(!is_good);
                    tokio::time::sleep(PAUSE).await;
                }
                seen
            });
        }
    }
    let begun = Instant::now();
    for _ in 0..(WINDOW - 60) / STEP {
        shared.clock.advance(SignedDuration::from_secs(STEP));
        join_all(replicas.iter().map(|replica| replica.broker.renew_due())).await;
    }
    let took = begun.elapsed();
    stop.cancel();
    let seen = callers.join_all().await;
    Ok(figures(
        connections,
        upstream::tokens() - before,
        took,
        seen,
    ))
}

#[expect(clippy::cast_precision_loss, reason = "counts are small")]
fn figures(connections: usize, asked: usize, took: Duration, seen: Vec<Seen>) -> Vec<Figure> {
    let late: usize = seen.iter().map(|seen| seen.late).sum();
    let mut micros: Vec<_> = seen.into_iter().flat_map(|seen| seen.micros).collect();
    micros.sort_by(f64::total_cmp);
    let at = |part: usize| {
        micros
            .get(micros.len() * part / 1000)
            .copied()
            .unwrap_or(f64::NAN)
    };
    let more = asked.abs_diff(connections);
    vec![
        Figure::new("connections", connections as f64, ""),
        Figure::new("renewals at the token endpoint", asked as f64, ""),
        Figure::new("renewals too many or too few", more as f64, "").aiming(Aim::Below(1.0)),
        Figure::new("reads of a token during the wave", micros.len() as f64, ""),
        Figure::new("reads without a token good for a call", late as f64, "")
            .aiming(Aim::Below(1.0)),
        Figure::new("token read, median", at(500), "us"),
        Figure::new("token read, 99 of 100", at(990), "us").aiming(Aim::Below(1000.0)),
        Figure::new("the whole wave", took.as_secs_f64(), "s"),
        Figure::new("renewals a second", asked as f64 / took.as_secs_f64(), "/s"),
    ]
}

/// So many connections like the first one.
async fn alike(replica: &Replica, first: &Connection, number: usize) -> Result<Vec<Connection>> {
    let context = &replica.context;
    let mut made = Vec::with_capacity(number);
    let mut tx = context.store.write().await?;
    for place in 0..number {
        let twin = Connection {
            id: ConnectionId::generate(&*context.clock, &*context.random),
            name: format!("twin {place}"),
            ..first.clone()
        };
        tx.create_connection(&twin).await?;
        made.push(twin);
    }
    tx.commit().await?;
    Ok(made)
}

/// Each asks for each token once, as if it served it.
async fn read_all(replica: &Replica, twins: &[Connection]) -> Result<Vec<Arc<Snapshot>>> {
    let reads: Vec<_> = stream::iter(twins)
        .map(|twin| async move {
            let snapshot = replica.live.get(twin.workspace_id, twin.id).await?;
            replica.broker.token_for(&snapshot).await?;
            anyhow::Ok(snapshot)
        })
        .buffered(AT_ONCE)
        .collect()
        .await;
    try_join_all(reads.into_iter().map(std::future::ready)).await
}
