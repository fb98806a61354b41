//! Callers of every server: all connections once, or one after the other for as long as it takes.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;

use super::rows::Twin;
use crate::bench::client::{self, Connection};

/// Callers of each server that ask for everything once.
const AT_ONCE: usize = 8;
/// Callers of each server during the wave, and the pause between two calls of one.
const CALLERS: usize = 2;
const PAUSE: Duration = Duration::from_millis(10);
const MESSAGES: &str = "/v1.0/users/ben.okafor@contoso.com/messages";
/// Steps through the connections that visit all of them, for any number that it does not divide.
const STEP: usize = 104_729;

#[derive(Clone)]
pub(super) struct Readers {
    pub(super) addresses: Vec<String>,
    pub(super) key: String,
    pub(super) ids: Arc<[Twin]>,
}

/// Callers who go on until they are stopped.
pub(super) struct Reader {
    stop: CancellationToken,
    thread: JoinHandle<Result<Vec<f64>>>,
}

impl Readers {
    /// Each server is called once through each connection, and must answer. They begin at different places, so that each gets its
    /// part of the tokens from Entra.
    pub(super) async fn each_once(&self) -> Result<()> {
        let mut running = JoinSet::new();
        let number = self.ids.len();
        for (place, address) in self.addresses.iter().enumerate() {
            let first = number * place / self.addresses.len();
            for caller in 0..AT_ONCE {
                let mut caller_of = Caller::new(self, address).await?;
                let turns = (caller..number).step_by(AT_ONCE);
                let places: Vec<_> = turns.map(|turn| (first + turn) % number).collect();
                running.spawn(async move {
                    for place in places {
                        caller_of.call(place).await?;
                    }
                    anyhow::Ok(())
                });
            }
        }
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        Ok(())
    }
}

impl Reader {
    /// On a thread of their own.
    pub(super) fn start(readers: &Readers) -> Self {
        let (readers, stop) = (readers.clone(), CancellationToken::new());
        let until = stop.clone();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(go_on(&readers, &until))
        });
        Self { stop, thread }
    }

    /// How long each call took, in microseconds.
    pub(super) fn stop(self) -> Result<Vec<f64>> {
        self.stop.cancel();
        self.thread.join().ok().context("the callers panicked")?
    }
}

async fn go_on(readers: &Readers, stop: &CancellationToken) -> Result<Vec<f64>> {
    let mut running = JoinSet::new();
    for address in &readers.addresses {
        for caller in 0..CALLERS {
            let (mut caller_of, stop) = (Caller::new(readers, address).await?, stop.clone());
            running.spawn(async move {
                let (mut took, mut at) = (Vec::new(), caller * 7919);
                while !stop.is_cancelled() {
                    at = (at + STEP) % caller_of.readers.ids.len();
                    let asked = Instant::now();
                    caller_of.call(at).await?;
                    took.push(asked.elapsed().as_secs_f64() * 1e6);
                    sleep(PAUSE).await;
                }
                anyhow::Ok(took)
            });
        }
    }
    let mut all = Vec::new();
    while let Some(ended) = running.join_next().await {
        all.extend(ended??);
    }
    Ok(all)
}

struct Caller {
    readers: Readers,
    address: String,
    connection: Connection<TcpStream>,
}

impl Caller {
    async fn new(readers: &Readers, address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            readers: readers.clone(),
            address: address.to_owned(),
            connection: Connection::new(stream),
        })
    }

    /// The path ends with the tenant, so that the API can tell whose token it has to get.
    async fn call(&mut self, place: usize) -> Result<()> {
        let Twin { id, tenant } = &self.readers.ids[place];
        let path = format!("/api/v1/connections/{id}/proxy/graph{MESSAGES}/{tenant}");
        let request = client::get(&path, &self.address, Some(&self.readers.key));
        let answer = self.connection.send(&request).await?;
        ensure!(
            answer.status == 200,
            "`{id}` was answered {}: {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
        Ok(())
    }
}
