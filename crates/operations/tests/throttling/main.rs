//! Our budgets against the sandbox's limits, which were read from Microsoft's pages by two different readers, on one
//! simulated clock: at least 95 % of each limit is used, and not one request is lost to 429.
//!
//! A caller that always has more to ask is let go by the budgets alone. Its requests are real; what takes time is not: a
//! request takes the milliseconds that its row says, and time stands still while it is answered.
//!
//! Left out: the 130,000 requests in ten seconds of an application, and the units of a whole day, which would take as many
//! real requests; and what the sandbox does not count, as recipients of mail.
//!
//! No database takes part: budgets live in memory, and how many processes share them is said here; that each process learns it from
//! the database is a promise of `connections`.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(clippy::print_stderr, reason = "numbers are said aloud")]

mod cloud;
mod limits;
mod race;

use limits::{ALL, Row};

/// The least part of a limit that has to be used.
const LEAST_PERCENT: u64 = 95;

fn together(rows: &'static [Row], replicas: u32) {
    let cloud = cloud::Cloud::start();
    let mut wrong = Vec::new();
    for row in rows {
        let told = race::run(&cloud, row, replicas, true);
        let percent = told.used * 100 / told.allowed;
        // Replicas have whole parts: of fifteen, two use seven each.
        let parts =
            told.allowed / row.limit * (row.limit / u64::from(replicas)) * u64::from(replicas);
        eprintln!(
            "{:<46} {replicas} replica(s): {} of {} used ({percent} %), {} refused with 429",
            row.name, told.used, told.allowed, told.refused
        );
        if told.used * 100 / parts < LEAST_PERCENT || told.refused > 0 {
            wrong.push(format!("{}: {told:?}", row.name));
        }
    }
    cloud.stop();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn one_process_uses_each_limit_and_is_never_refused() {
    together(ALL, 1);
}

#[test]
fn two_replicas_together_use_each_limit_and_are_never_refused() {
    together(ALL, 2);
}

/// Otherwise the others would prove nothing.
#[test]
fn without_budgets_the_sandbox_refuses() {
    let cloud = cloud::Cloud::start();
    for row in ALL.iter().filter(|row| row.limit <= 10) {
        let told = race::run(&cloud, row, 1, false);
        assert!(told.refused > 0, "{}: {told:?}", row.name);
    }
    cloud.stop();
}
