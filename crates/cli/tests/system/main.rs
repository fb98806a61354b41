//! The program as it runs: servers and a sandbox as processes of their own, spoken to over HTTP only.
//!
//! What needs PostgreSQL runs when `TEST_DATABASE_URL` names a server, and says so aloud when it does not.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::print_stderr,
    reason = "what was left out, and numbers, are said aloud"
)]

mod api;
mod backup;
mod bootstrap;
mod browser;
mod database;
mod environment;
mod kill;
mod leases;
mod load;
mod master_key;
mod outage;
#[path = "../../../../xtask/src/packages.rs"]
mod packages;
mod portal;
#[path = "../../../../xtask/src/postgres.rs"]
#[expect(
    dead_code,
    unreachable_pub,
    reason = "`xtask` uses more of it, and others use that"
)]
mod postgres;
mod process;
mod replicas;
mod revocation;
mod secrets;
mod server;
mod wire;
mod world;
