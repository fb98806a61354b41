//! Nothing outside of what a connection is limited to is reached, by any operation and by no way there.
//!
//! One room for each kind of limit. In each the whole catalogue is tried, so that a new row joins by itself, by every way that is
//! known; `around.rs` holds what an attacker would try besides, and what has to go on working. What counts is the sandbox's log of
//! requests, less the lookups of what is listed.
//!
//! On SQLite only, unless `TEST_STORE` says otherwise: what is refused is decided before anything is stored.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod dynamics;
mod mailboxes;
mod sites;
mod stage;
mod tally;
mod tried;
#[path = "../../../connections/tests/promises/world.rs"]
#[expect(dead_code, reason = "the promises of connections use more of it")]
mod world;
