//! Callers that each send one request after the other.

use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::net::TcpStream;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use super::client::{self, Connection};
use super::figures::median;

/// Until caches are warm and connections open; not counted.
const WARM_UP: Duration = Duration::from_millis(500);
const MEASURED: Duration = Duration::from_secs(2);

/// What to ask for.
#[derive(Clone)]
pub(super) struct Target {
    /// `127.0.0.1:8365`.
    pub(super) address: String,
    pub(super) path: String,
    pub(super) key: Option<String>,
}

pub(super) struct Outcome {
    pub(super) per_second: f64,
    pub(super) p50_us: f64,
    /// Answers in all, those of the warm-up too.
    pub(super) answers: f64,
}

/// So many callers at once, on a thread of their own. Any answer but 200 is an error.
pub(super) fn run(target: &Target, callers: usize) -> Result<Outcome> {
    let target = target.clone();
    let load = thread::spawn(move || {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(all(&target, callers))
    });
    load.join().ok().context("the load generator panicked")?
}

async fn all(target: &Target, callers: usize) -> Result<Outcome> {
    let begin = Instant::now() + WARM_UP;
    let mut running = JoinSet::new();
    for _ in 0..callers {
        running.spawn(one(target.clone(), begin));
    }
    let (mut took, mut answers) = (Vec::new(), 0.0);
    while let Some(outcome) = running.join_next().await {
        let (of_one, in_all) = outcome??;
        took.extend(of_one);
        answers += in_all;
    }
    ensure!(!took.is_empty(), "nothing was answered in time");
    #[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
    let answered = took.len() as f64;
    Ok(Outcome {
        per_second: answered / MEASURED.as_secs_f64(),
        p50_us: median(took),
        answers,
    })
}

/// How long each answer took, in microseconds, and how many there were with the warm-up.
async fn one(target: Target, begin: Instant) -> Result<(Vec<f64>, f64)> {
    let stream = TcpStream::connect(&target.address).await?;
    stream.set_nodelay(true)?;
    let mut connection = Connection::new(stream);
    let request = client::get(&target.path, &target.address, target.key.as_deref());
    let (mut took, mut answers) = (Vec::new(), 0.0);
    loop {
        let asked = Instant::now();
        if asked >= begin + MEASURED {
            return Ok((took, answers));
        }
        let answer = connection.send(&request).await?;
        ensure!(
            answer.status == 200,
            "`{}` answered {}: {}",
            target.path,
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
        answers += 1.0;
        if asked >= begin {
            took.push(asked.elapsed().as_secs_f64() * 1e6);
        }
    }
}
