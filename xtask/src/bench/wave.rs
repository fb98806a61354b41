//! Many connections whose tokens end in the same moment, on three `consentry up` and one PostgreSQL, in the time that it takes.
//!
//! Each connection is of a tenant of its own, so that the token endpoint can count for each how often it was asked. What it gives
//! first ends at one moment for all of them. Three things then show: each was renewed once, nobody was sent on with a token that
//! was over, and how long the servers took to find a token meanwhile, as they count it themselves.

mod entra;
mod metrics;
mod readers;
mod rows;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use jiff::{SignedDuration, Timestamp};
use model::{Clock, SystemClock};
use tokio::runtime::{Builder, Runtime};

use self::entra::Entra;
use self::metrics::Reads;
use self::readers::{Reader, Readers};
use super::figures::{Aim, Figure, show};
use super::fleet::{Fleet, Plan};
use crate::{postgres, say};

const SERVERS: usize = 3;
/// Renewals begin so long before the end: five minutes, and a sixth of what the token lived by then, or less.
const WINDOW: SignedDuration = SignedDuration::from_secs(440);
/// Until every server has asked for every token once.
const SETTING_UP: SignedDuration = SignedDuration::from_secs(30);
const SETTING_UP_EACH: SignedDuration = SignedDuration::from_millis(12);
/// When the last token was renewed, the servers that did not do it take it over within so long.
const TAKING_OVER: Duration = Duration::from_secs(25);
const LOOK: Duration = Duration::from_millis(200);

pub(super) fn run(program: &Path, connections: usize, json: bool) -> Result<()> {
    let runtime = Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?;
    say::step("PostgreSQL");
    let database = postgres::start()?;
    let url = database.url();
    let entra = Entra::start()?;
    say::step("three servers");
    let plan = Plan {
        program,
        cloud_url: entra.url(),
        database_url: Some(&url),
        servers: SERVERS,
        budgets: false,
    };
    let starting = Builder::new_current_thread().enable_all().build()?;
    let fleet = Fleet::start(&starting, &plan)?;
    let wave = Wave {
        runtime: &runtime,
        fleet: &fleet,
        entra: &entra,
        connections,
    };
    let figures = wave.run(&url)?;
    say::line(show(&figures, json))?;
    ensure!(figures.iter().all(Figure::is_as_wanted), "a figure is off");
    Ok(())
}

struct Wave<'a> {
    runtime: &'a Runtime,
    fleet: &'a Fleet,
    entra: &'a Entra,
    connections: usize,
}

impl Wave<'_> {
    fn run(&self, database_url: &str) -> Result<Vec<Figure>> {
        let rows = rows::make(self.fleet, database_url, self.connections);
        let ids = self.runtime.block_on(rows)?;
        let readers = Readers {
            addresses: self.addresses(),
            key: self.runtime.block_on(self.fleet.key())?,
            ids: ids.into(),
        };
        let end = self.end()?;
        self.entra.first_end_at(end);
        say::step("every server asks for every token");
        let begun = Instant::now();
        self.runtime.block_on(readers.each_once())?;
        let set_up = begun.elapsed();
        let early = self.entra.seen();
        ensure!(
            early.asked == self.connections && SystemClock.now() < end - WINDOW,
            "{} tokens for {} connections took {set_up:?}: this machine is too slow, or too busy",
            early.asked,
            self.connections
        );
        wait_until(end - WINDOW);
        say::step("wave");
        let (reader, before) = (Reader::start(&readers), self.reads(&readers)?);
        let took = self.until_all_are_renewed(end);
        let reads = self.reads(&readers)?.since(&before);
        let http = reader.stop()?;
        say::step("the first tokens end");
        wait_until(end + SignedDuration::from_secs(1));
        self.runtime.block_on(readers.each_once())?;
        let mut figures = self.figures(set_up, took, &reads, http);
        let peak = self.peak_mib()?;
        figures.push(Figure::new("memory of a server, peak", peak, "MiB"));
        Ok(figures)
    }

    fn peak_mib(&self) -> Result<f64> {
        let mut peak: f64 = 0.0;
        for member in &self.fleet.members {
            peak = peak.max(member.server.memory_mib("VmHWM")?);
        }
        Ok(peak)
    }

    fn addresses(&self) -> Vec<String> {
        let members = self.fleet.members.iter();
        members.map(|member| member.address.clone()).collect()
    }

    fn end(&self) -> Result<Timestamp> {
        let number = i32::try_from(self.connections)?;
        Ok(SystemClock.now() + SETTING_UP + SETTING_UP_EACH * number + WINDOW)
    }

    fn reads(&self, readers: &Readers) -> Result<Reads> {
        let mut all = Reads::default();
        for address in &readers.addresses {
            all.add(&self.runtime.block_on(metrics::reads(address))?);
        }
        Ok(all)
    }

    /// From the first renewal to the last one; the servers that found them done included in what is measured, not in the time.
    fn until_all_are_renewed(&self, end: Timestamp) -> Duration {
        let (mut first, mut last) = (None, Instant::now());
        while self.entra.seen().asked < 2 * self.connections && SystemClock.now() < end {
            sleep(LOOK);
            if first.is_none() && self.entra.seen().asked > self.connections {
                first = Some(Instant::now());
            }
            last = Instant::now();
        }
        sleep(TAKING_OVER);
        first.map_or(Duration::ZERO, |first| last - first)
    }

    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    fn figures(
        &self,
        set_up: Duration,
        took: Duration,
        reads: &Reads,
        mut http_us: Vec<f64>,
    ) -> Vec<Figure> {
        let seen = self.entra.seen();
        let rest = seen.tenants.abs_diff(self.connections) + seen.tenants - seen.renewed_once;
        http_us.sort_by(f64::total_cmp);
        let http = |part: usize| http_us.get(http_us.len() * part / 100).copied();
        vec![
            Figure::new("connections", self.connections as f64, ""),
            Figure::new(
                "until each server had each token",
                set_up.as_secs_f64(),
                "s",
            ),
            Figure::new(
                "connections renewed exactly once",
                seen.renewed_once as f64,
                "",
            ),
            Figure::new("connections renewed more often, or never", rest as f64, "")
                .aiming(Aim::Below(1.0)),
            Figure::new(
                "least left of a token when it was renewed",
                seen.least_left,
                "s",
            )
            .aiming(Aim::AtLeast(30.0)),
            Figure::new("calls that came with a token", seen.calls as f64, ""),
            Figure::new(
                "calls whose token was over or another's",
                seen.bad as f64,
                "",
            )
            .aiming(Aim::Below(1.0)),
            Figure::new("the whole wave", took.as_secs_f64(), "s"),
            Figure::new(
                "renewals a second",
                self.connections as f64 / took.as_secs_f64(),
                "/s",
            ),
            Figure::new(
                "tokens read from memory during the wave",
                reads.memory() as f64,
                "",
            ),
            Figure::new("tokens that a call waited for", reads.waited() as f64, "")
                .aiming(Aim::Below(1.0)),
            Figure::new("token read, median at most", reads.memory_within(0.5), "us"),
            Figure::new(
                "token read, 99 of 100 at most",
                reads.memory_within(0.99),
                "us",
            )
            .aiming(Aim::Below(1000.0)),
            Figure::new("the whole call, median", http(50).unwrap_or(f64::NAN), "us"),
            Figure::new(
                "the whole call, 99 of 100",
                http(99).unwrap_or(f64::NAN),
                "us",
            ),
        ]
    }
}

fn wait_until(moment: Timestamp) {
    let left = moment.duration_since(SystemClock.now());
    sleep(Duration::try_from(left).unwrap_or_default());
}
