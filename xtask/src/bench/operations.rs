//! What operations cost on top of the wire: lists, files, and the commands that run them, beside curl in the same run.

mod command;
mod runner;
mod upstream;

use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;
use tokio::runtime::{Builder, Runtime};

use self::command::{Commands, Run};
use self::runner::Ours;
use super::curl::{self, Pieces};
use super::figures::{Aim, Figure, median, show};
use super::installation::Installation;
use super::process::Server;
use crate::say;

const MESSAGES: usize = 10_000;
const PAGE: usize = 1_000;
const LARGE: u64 = 1024 * 1024 * 1024;
/// The chunks that the runner sends.
const CHUNK: u64 = 16 * 320 * 1024;
const SMALL: usize = 64 * 1024;
const SMALL_FILES: usize = 1_000;
/// Small files under way at a time, for curl as well.
const AT_ONCE: usize = 64;
const STARTS: usize = 21;
const SETTLED: Duration = Duration::from_secs(1);
const MIB: f64 = 1024.0 * 1024.0;

struct Bench<'a> {
    runtime: Runtime,
    runs: usize,
    folder: &'a Path,
    upstream: String,
    ours: Ours,
    figures: Vec<Figure>,
}

/// Takes all figures, each so often, and shows them on stdout.
pub(super) fn run(program: &Path, runs: usize, json: bool) -> Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("consentry-operations-")
        .tempdir()?;
    let upstream = upstream::start()?;
    let setting_up = Builder::new_current_thread().enable_all().build()?;
    let installation = Installation::make(&setting_up, program, &upstream)?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let ours = runtime.block_on(Ours::open(&installation, &upstream))?;
    let mut bench = Bench {
        runtime,
        runs,
        folder: folder.path(),
        upstream,
        ours,
        figures: Vec::new(),
    };
    say::step("10,000 messages, in process");
    bench.list()?;
    say::step("1,000 files of 64 KiB, in process");
    bench.small()?;
    say::step("a file of 1 GiB, in process");
    bench.large()?;
    let Bench {
        ours,
        mut figures,
        upstream,
        ..
    } = bench;
    // The database is one process's at a time.
    drop(ours);
    let commands = Commands {
        program,
        installation: &installation,
    };
    let mut peaks = Vec::new();
    say::step("lists, through command and server");
    let server = settled(&installation, &setting_up, program)?;
    figures.push(lists(&commands, runs, &mut peaks)?);
    figures.push(peak("memory of the server, lists, peak", &server)?);
    // Each kind of work on a server that did no other.
    drop(server);
    say::step("files, through command and server");
    let server = settled(&installation, &setting_up, program)?;
    figures.extend(files(
        &commands,
        folder.path(),
        &upstream,
        runs,
        &mut peaks,
    )?);
    figures.push(peak("memory of the server, files, peak", &server)?);
    let most = peaks.into_iter().fold(0.0, f64::max);
    figures.push(Figure::new("memory of a command, peak", most, "MiB").aiming(Aim::Below(48.0)));
    figures.extend(starts(&commands)?);
    say::line(show(&figures, json))?;
    Ok(())
}

impl Bench<'_> {
    fn list(&mut self) -> Result<()> {
        let urls: Vec<_> = (0..MESSAGES / PAGE)
            .map(|number| {
                format!(
                    "{}/v1.0/users/ben/messages?$top={PAGE}&$skiptoken={number}",
                    self.upstream
                )
            })
            .collect();
        let (mut alone, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            alone.push(rate(MESSAGES, curl::fetch(self.folder, &urls, 1)?));
            ours.push(rate(MESSAGES, self.runtime.block_on(self.ours.list())?));
        }
        self.figures.push(Figure::new(
            "10,000 messages: curl, pages as they are",
            median(alone),
            "/s",
        ));
        self.figures.push(
            Figure::new("10,000 messages: to NDJSON", median(ours), "/s")
                .aiming(Aim::AtLeast(100_000.0)),
        );
        Ok(())
    }

    fn small(&mut self) -> Result<()> {
        let file = self.folder.join("small");
        curl::make(&file, SMALL as u64)?;
        let address = |number: usize| {
            format!(
                "{}/v1.0/drives/b!1/items/small-{number}/content",
                self.upstream
            )
        };
        let urls: Vec<_> = (0..SMALL_FILES).map(address).collect();
        let (mut up, mut down) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let alone = rate(SMALL_FILES, curl::put(self.folder, &file, &urls, AT_ONCE)?);
            up.push((alone, self.runtime.block_on(self.ours.small_up())?));
            let alone = rate(SMALL_FILES, curl::fetch(self.folder, &urls, AT_ONCE)?);
            down.push((alone, self.runtime.block_on(self.ours.small_down())?));
        }
        let names = [
            ["1,000 files up: curl", "1,000 files up: runner"],
            ["1,000 files down: curl", "1,000 files down: runner"],
        ];
        for (names, pairs) in names.into_iter().zip([up, down]) {
            let (alone, ours): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            self.figures
                .push(Figure::new(names[0], median(alone), "/s"));
            self.figures
                .push(Figure::new(names[1], median(ours), "/s").aiming(Aim::AtLeast(1_500.0)));
        }
        Ok(())
    }

    fn large(&mut self) -> Result<()> {
        let file = self.folder.join("large");
        curl::make(&file, LARGE)?;
        let pieces = Pieces::cut(self.folder, LARGE, CHUNK)?;
        let (to, from) = addresses(&self.upstream);
        let (mut up, mut down) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            up.push((
                pieces.upload(&to)?,
                self.runtime.block_on(self.ours.upload(&file))?,
            ));
            down.push((
                curl::download(&from)?,
                self.runtime.block_on(self.ours.download())?,
            ));
        }
        self.figures.extend(compare(&UP, &up, 1.1));
        self.figures.extend(compare(&DOWN, &down, 1.1));
        Ok(())
    }
}

const UP: [&str; 3] = [
    "1 GiB up: curl",
    "1 GiB up: runner",
    "1 GiB up: runner's time / curl's",
];
const DOWN: [&str; 3] = [
    "1 GiB down: curl",
    "1 GiB down: runner",
    "1 GiB down: runner's time / curl's",
];
const UP_THROUGH: [&str; 3] = [
    "1 GiB up: curl, beside the command",
    "1 GiB up: command",
    "1 GiB up: command's time / curl's",
];
const DOWN_THROUGH: [&str; 3] = [
    "1 GiB down: curl, beside the command",
    "1 GiB down: command",
    "1 GiB down: command's time / curl's",
];

/// Where curl puts and gets the large file.
fn addresses(upstream: &str) -> (String, String) {
    (
        format!("{upstream}/upload/1"),
        format!("{upstream}/v1.0/drives/b!1/items/large/content"),
    )
}

fn settled(installation: &Installation, runtime: &Runtime, program: &Path) -> Result<Server> {
    let server = installation.start(runtime, program)?;
    sleep(SETTLED);
    Ok(server)
}

fn peak(name: &'static str, server: &Server) -> Result<Figure> {
    let peak = server.memory_mib("VmHWM")?;
    Ok(Figure::new(name, peak, "MiB").aiming(Aim::Below(48.0)))
}

fn lists(commands: &Commands<'_>, runs: usize, peaks: &mut Vec<f64>) -> Result<Figure> {
    let mut rates = Vec::new();
    for _ in 0..runs {
        rates.push(rate(MESSAGES, seconds(&commands.list()?, peaks)));
    }
    let name = "10,000 messages: command, its start included";
    Ok(Figure::new(name, median(rates), "/s"))
}

fn files(
    commands: &Commands<'_>,
    folder: &Path,
    upstream: &str,
    runs: usize,
    peaks: &mut Vec<f64>,
) -> Result<Vec<Figure>> {
    let pieces = Pieces::cut(folder, LARGE, CHUNK)?;
    let (to, from) = addresses(upstream);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for _ in 0..runs {
        let alone = pieces.upload(&to)?;
        let ours = commands.upload(&folder.join("large"))?;
        up.push((alone, seconds(&ours, peaks)));
        let alone = curl::download(&from)?;
        down.push((alone, seconds(&commands.download()?, peaks)));
    }
    let mut figures = Vec::from(compare(&UP_THROUGH, &up, 2.5));
    figures.extend(compare(&DOWN_THROUGH, &down, 2.5));
    Ok(figures)
}

/// How long it took; what it took of memory is noted.
fn seconds(run: &Run, peaks: &mut Vec<f64>) -> f64 {
    peaks.push(run.peak_mib);
    run.seconds
}

fn starts(commands: &Commands<'_>) -> Result<Vec<Figure>> {
    let (mut runs, mut versions) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        runs.push(commands.first_byte()?);
        versions.push(commands.version()?);
    }
    Ok(vec![
        Figure::new("`consentry run` to the first byte", median(runs), "ms")
            .aiming(Aim::Below(30.0)),
        Figure::new("`consentry --version`", median(versions), "ms").aiming(Aim::Below(10.0)),
    ])
}

/// Pairs of seconds, curl's and ours.
fn compare(names: &[&'static str; 3], pairs: &[(f64, f64)], most: f64) -> [Figure; 3] {
    let middle = |of: &dyn Fn(&(f64, f64)) -> f64| median(pairs.iter().map(of).collect());
    #[expect(clippy::cast_precision_loss, reason = "a GiB is far below 2^52 bytes")]
    let mib = LARGE as f64 / MIB;
    [
        Figure::new(names[0], middle(&|pair| mib / pair.0), "MiB/s"),
        Figure::new(names[1], middle(&|pair| mib / pair.1), "MiB/s"),
        Figure::new(names[2], middle(&|pair| pair.1 / pair.0), "times").aiming(Aim::Below(most)),
    ]
}

fn rate(count: usize, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX)) / seconds
}
