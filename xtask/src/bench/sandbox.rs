//! What the sandbox costs: beside a server of prepared bytes, and beside curl against a bare file server.

mod bare;
mod cloud;
mod transfer;

use std::path::Path;
use std::time::Instant;

use anyhow::{Result, ensure};
use tokio::runtime::{Builder, Runtime};

use self::cloud::Cloud;
use super::figures::{Aim, Figure, median, show};
use super::installation::direct;
use super::{load, upstream};
use crate::say;

const STARTS: usize = 7;
const CALLERS: usize = 32;
const PAGE: usize = 1_000;
const MESSAGES: usize = 10_000;
/// The mailbox that `--scale` fills.
const LARGE: &str = "/v1.0/users/carlos.mendes@contoso.com";

/// Takes all figures, each so often, and shows them on stdout.
pub(super) fn run(program: &Path, runs: usize, json: bool) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    say::step("start");
    let mut figures = vec![start(&runtime, program)?];
    say::step("a small read");
    let cloud = Cloud::start(&runtime, program, false)?;
    figures.extend(small_read(&runtime, &cloud, runs)?);
    say::step("a file of 1 GiB");
    figures.extend(transfer::measure(&runtime, &cloud, runs.min(3))?);
    drop(cloud);
    say::step("10,000 messages");
    let large = Cloud::start(&runtime, program, true)?;
    figures.push(
        Figure::new("start to first answer, large seed", large.start_ms(), "ms")
            .aiming(Aim::Below(1000.0)),
    );
    figures.push(mailbox(&runtime, &large, runs)?);
    say::line(show(&figures, json))?;
    Ok(())
}

/// With a signing key that exists and a seed that does not.
fn start(runtime: &Runtime, program: &Path) -> Result<Figure> {
    let mut cloud = Cloud::start(runtime, program, false)?;
    let mut took = Vec::new();
    for _ in 0..STARTS {
        cloud = cloud.anew(runtime, program)?;
        took.push(cloud.start_ms());
    }
    let name = "start to first answer, seeded anew";
    Ok(Figure::new(name, median(took), "ms").aiming(Aim::Below(100.0)))
}

fn small_read(runtime: &Runtime, cloud: &Cloud, runs: usize) -> Result<Vec<Figure>> {
    let idle = cloud.server.memory_mib("VmRSS")?;
    let prepared = upstream::start()?;
    let message = runtime.block_on(cloud.first_message())?;
    let (bare, ours) = (direct(&prepared), cloud.target(&message));
    let (mut pairs, mut costs) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let bare = load::run(&bare, CALLERS)?;
        let before = cloud.server.cpu_us()?;
        let ours = load::run(&ours, CALLERS)?;
        costs.push((cloud.server.cpu_us()? - before) / ours.answers);
        pairs.push((bare.per_second, ours.per_second));
    }
    let middle = |of: &dyn Fn(&(f64, f64)) -> f64| median(pairs.iter().map(of).collect());
    Ok(vec![
        Figure::new("memory, default seed, after start", idle, "MiB").aiming(Aim::Below(150.0)),
        Figure::new("c=32: prepared bytes", middle(&|pair| pair.0), "req/s"),
        Figure::new("c=32: one message", middle(&|pair| pair.1), "req/s"),
        Figure::new(
            "c=32: message / prepared",
            middle(&|pair| 100.0 * pair.1 / pair.0),
            "%",
        )
        .aiming(Aim::AtLeast(25.0)),
        Figure::new("c=32: processor time a request", median(costs), "us"),
        Figure::new(
            "memory, after the load",
            cloud.server.memory_mib("VmRSS")?,
            "MiB",
        )
        .aiming(Aim::Below(150.0)),
    ])
}

/// All pages of a large mailbox, one after the other.
fn mailbox(runtime: &Runtime, cloud: &Cloud, runs: usize) -> Result<Figure> {
    let mut took = Vec::new();
    for _ in 0..=runs {
        let begun = Instant::now();
        let mut path = format!("{LARGE}/messages?$top={PAGE}");
        let mut messages = 0;
        loop {
            let page = runtime.block_on(cloud.page(&path))?;
            messages += page.items;
            match page.next {
                Some(next) if messages < MESSAGES => path = next,
                _ => break,
            }
        }
        ensure!(
            messages >= MESSAGES,
            "the large mailbox holds {messages} messages"
        );
        took.push(begun.elapsed().as_secs_f64() * 1000.0);
    }
    // The first makes what is made lazily.
    took.remove(0);
    Ok(
        Figure::new("10,000 messages in pages of 1,000", median(took), "ms")
            .aiming(Aim::Below(300.0)),
    )
}
