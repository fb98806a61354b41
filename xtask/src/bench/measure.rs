//! The measurements, in the order in which they disturb each other least.

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

use super::figures::{Aim, Figure, median, show};
use super::installation::{Installation, direct};
use super::load::{self, Outcome, Target};
use super::upstream;
use crate::say;

const STARTS: usize = 11;
/// A server has settled by then; jobs that begin at once are done.
const SETTLED: Duration = Duration::from_secs(2);
const MIB: f64 = 1024.0 * 1024.0;

/// Takes all figures, each so often, and shows them on stdout.
pub(super) fn run(program: &Path, runs: usize, json: bool) -> Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let upstream = upstream::start()?;
    let installation = Installation::make(&runtime, program, &upstream)?;

    say::step("start");
    let mut figures = vec![start(&runtime, program, &installation)?];
    say::step("pass-through");
    figures.extend(pass_through(
        &runtime,
        program,
        &installation,
        &direct(&upstream),
        runs,
    )?);
    #[cfg(feature = "product")]
    {
        say::step("cached tokens");
        figures.extend(super::broker::measure(&installation, &upstream, runs)?);
    }
    #[expect(
        clippy::cast_precision_loss,
        reason = "programs are smaller than 2^52 bytes"
    )]
    let size = std::fs::metadata(program)?.len() as f64 / MIB;
    figures.push(Figure::new("binary", size, "MiB").aiming(Aim::Below(40.0)));
    say::line(show(&figures, json))?;
    Ok(())
}

fn start(runtime: &Runtime, program: &Path, installation: &Installation) -> Result<Figure> {
    let mut took = Vec::new();
    for _ in 0..STARTS {
        let server = installation.start(runtime, program)?;
        took.push(server.start.as_secs_f64() * 1000.0);
    }
    let name = "start to first answer, data directory used";
    Ok(Figure::new(name, median(took), "ms").aiming(Aim::Below(100.0)))
}

/// Direct and through the server by turns, so that both meet the same weather.
fn pass_through(
    runtime: &Runtime,
    program: &Path,
    installation: &Installation,
    direct: &Target,
    runs: usize,
) -> Result<Vec<Figure>> {
    let server = installation.start(runtime, program)?;
    sleep(SETTLED);
    let idle = server.memory_mib("VmRSS")?;
    let through = installation.through();
    let mut figures = Vec::new();
    for (callers, names) in [(1, NAMES[0]), (32, NAMES[1])] {
        let (mut pairs, mut costs) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            let bare = load::run(direct, callers)?;
            let before = server.cpu_us()?;
            let loaded = load::run(&through, callers)?;
            costs.push((server.cpu_us()? - before) / loaded.answers);
            pairs.push((bare, loaded));
        }
        figures.extend(compare(names, &pairs, callers));
        figures.push(Figure::new(names[5], median(costs), "us"));
    }
    figures.push(Figure::new("memory, idle after start", idle, "MiB").aiming(Aim::Below(40.0)));
    figures.push(Figure::new(
        "memory, peak",
        server.memory_mib("VmHWM")?,
        "MiB",
    ));
    Ok(figures)
}

const NAMES: [[&str; 6]; 2] = [
    [
        "c=1: direct",
        "c=1: direct, p50",
        "c=1: through",
        "c=1: through, p50",
        "c=1: through / direct",
        "c=1: processor time of the server a request",
    ],
    [
        "c=32: direct",
        "c=32: direct, p50",
        "c=32: through",
        "c=32: through, p50",
        "c=32: through / direct",
        "c=32: processor time of the server a request",
    ],
];

fn compare(names: [&'static str; 6], pairs: &[(Outcome, Outcome)], callers: usize) -> Vec<Figure> {
    let middle = |of: &dyn Fn(&(Outcome, Outcome)) -> f64| median(pairs.iter().map(of).collect());
    let ratio = middle(&|pair| 100.0 * pair.1.per_second / pair.0.per_second);
    let ratio = Figure::new(names[4], ratio, "%");
    vec![
        Figure::new(names[0], middle(&|pair| pair.0.per_second), "req/s"),
        Figure::new(names[1], middle(&|pair| pair.0.p50_us), "us"),
        Figure::new(names[2], middle(&|pair| pair.1.per_second), "req/s"),
        Figure::new(names[3], middle(&|pair| pair.1.p50_us), "us"),
        if callers > 1 {
            ratio.aiming(Aim::AtLeast(28.0))
        } else {
            ratio
        },
    ]
}
