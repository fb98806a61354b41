//! Callers who go on while everything under them is replaced. Each has its times to call, whether or not the call before took
//! long: how long one took counts from when it was due.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;

use crate::bench::client::{self, Connection};

/// Calls a second, of all callers.
pub(super) const RATE: u32 = 200;
const CALLERS: u32 = 20;
/// Microsoft serves four requests at once in a mailbox, and 10,000 in ten minutes.
const MAILBOXES: [&str; 10] = [
    "ana.reis",
    "ben.okafor",
    "karin.berg",
    "luis.ferreira",
    "maria.costa",
    "nils.hansen",
    "olivia.brandt",
    "pedro.almeida",
    "rita.sousa",
    "samuel.koch",
];

/// What became of calls.
#[derive(Default)]
pub(super) struct Count {
    good: AtomicU64,
    bad: AtomicU64,
    first_failure: Mutex<Option<String>>,
    took_ms: Mutex<Vec<f64>>,
}

pub(super) struct Callers {
    pub(super) count: Arc<Count>,
    stop: CancellationToken,
    thread: JoinHandle<Result<()>>,
}

/// What they call, and as whom.
#[derive(Clone)]
pub(super) struct Way {
    /// Of the servers, in turn.
    pub(super) addresses: Vec<String>,
    pub(super) connection: &'static str,
    pub(super) key: String,
}

impl Count {
    pub(super) fn good(&self) -> u64 {
        self.good.load(Ordering::SeqCst)
    }

    pub(super) fn bad(&self) -> u64 {
        self.bad.load(Ordering::SeqCst)
    }

    pub(super) fn first_failure(&self) -> Option<String> {
        lock(&self.first_failure).clone()
    }

    pub(super) fn took_ms(&self) -> Vec<f64> {
        lock(&self.took_ms).clone()
    }

    fn add(&self, outcome: Result<(), String>, due: Instant) {
        match outcome {
            Ok(()) => {
                self.good.fetch_add(1, Ordering::SeqCst);
                lock(&self.took_ms).push(due.elapsed().as_secs_f64() * 1000.0);
            }
            Err(failure) => {
                self.bad.fetch_add(1, Ordering::SeqCst);
                lock(&self.first_failure).get_or_insert(failure);
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Callers {
    /// They begin at once, on a thread of their own.
    pub(super) fn start(way: Way) -> Self {
        let (count, stop) = (Arc::new(Count::default()), CancellationToken::new());
        let (counted, until) = (Arc::clone(&count), stop.clone());
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(all(&way, &counted, &until));
            Ok(())
        });
        Self {
            count,
            stop,
            thread,
        }
    }

    /// Ends them once their last calls are answered.
    pub(super) fn stop(self) -> Result<Arc<Count>> {
        self.stop.cancel();
        self.thread.join().ok().context("the callers panicked")??;
        Ok(self.count)
    }
}

async fn all(way: &Way, count: &Arc<Count>, stop: &CancellationToken) {
    let every = Duration::from_secs(CALLERS.into()) / RATE;
    let begin = Instant::now();
    let mut running = JoinSet::new();
    for (number, address) in (0..CALLERS).zip(way.addresses.iter().cycle()) {
        let first = begin + every * number / CALLERS;
        let mailbox = MAILBOXES[number as usize / way.addresses.len() % MAILBOXES.len()];
        let caller = one(
            address.clone(),
            request(way, address, mailbox),
            Arc::clone(count),
            interval_at(first, every),
            stop.clone(),
        );
        running.spawn(caller);
    }
    running.join_all().await;
}

fn request(way: &Way, address: &str, mailbox: &str) -> Vec<u8> {
    let path = format!(
        "/api/v1/connections/{}/operations/outlook.messages.list",
        way.connection
    );
    let input = json!({ "mailbox": format!("{mailbox}@contoso.com"), "top": 1, "select": ["id"] });
    client::post(&path, address, Some(&way.key), &input.to_string())
}

async fn one(
    address: String,
    request: Vec<u8>,
    count: Arc<Count>,
    mut turns: tokio::time::Interval,
    stop: CancellationToken,
) {
    let mut connection = None;
    while !stop.is_cancelled() {
        let due = turns.tick().await;
        let outcome = call(&address, &request, &mut connection).await;
        if outcome.is_err() {
            connection = None;
        }
        count.add(outcome, due);
    }
}

async fn call(
    address: &str,
    request: &[u8],
    connection: &mut Option<Connection<TcpStream>>,
) -> Result<(), String> {
    let open = match connection {
        Some(open) => open,
        None => connection.insert(connect(address).await.map_err(|error| error.to_string())?),
    };
    let answer = open.send(request).await;
    let answer = answer.map_err(|error| error.to_string())?;
    if answer.status == 200 {
        return Ok(());
    }
    let said = String::from_utf8_lossy(answer.body);
    Err(format!("{}: {said}", answer.status))
}

async fn connect(address: &str) -> std::io::Result<Connection<TcpStream>> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(Connection::new(stream))
}
