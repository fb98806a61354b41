//! Nothing of a table or company that is not listed is reached, by any operation and by no way there.
//!
//! `tables.rs` and `companies.rs` take every operation of the catalogue that runs on such a connection by every way known; a new row
//! of the catalogue joins by itself. `around.rs` holds what an attacker would try besides, and what has to go on working. The
//! sandbox's log of requests is what counts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod around;
mod companies;
mod relations;
mod stage;
mod tables;
mod tally;
mod ways;
#[path = "../../../connections/tests/promises/world.rs"]
#[expect(dead_code, reason = "the promises of connections use more of it")]
mod world;
