//! What every database behind `store` promises, a function per promise. Each runs on SQLite in memory, on a SQLite file,
//! and on PostgreSQL when `TEST_DATABASE_URL` names a server.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(
    clippy::print_stderr,
    reason = "a failing test says on which database, and what is left out is said aloud"
)]

#[path = "conformance/activities.rs"]
mod activities;
#[path = "conformance/archive.rs"]
mod archive;
#[path = "conformance/attempts.rs"]
mod attempts;
#[path = "conformance/bootstraps.rs"]
mod bootstraps;
#[path = "conformance/checkpoints.rs"]
mod checkpoints;
#[path = "conformance/connections.rs"]
mod connections;
#[path = "conformance/consent_requests.rs"]
mod consent_requests;
#[path = "conformance/cursors.rs"]
mod cursors;
#[path = "conformance/databases.rs"]
mod databases;
#[path = "conformance/events.rs"]
mod events;
#[path = "conformance/idempotency.rs"]
mod idempotency;
#[path = "conformance/journal.rs"]
mod journal;
#[path = "conformance/keys.rs"]
mod keys;
#[path = "conformance/older_backups.rs"]
mod older_backups;
#[path = "conformance/outages.rs"]
mod outages;
#[path = "conformance/people.rs"]
mod people;
#[path = "conformance/registrations.rs"]
mod registrations;
#[path = "conformance/reseal.rs"]
mod reseal;
#[path = "conformance/tokens.rs"]
mod tokens;
#[path = "conformance/transactions.rs"]
mod transactions;
#[path = "conformance/world.rs"]
mod world;
#[path = "conformance/writers.rs"]
mod writers;
