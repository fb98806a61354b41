//! What running an operation promises, held against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batches;
mod challenges;
mod dataverse;
mod deltas;
mod doubts;
mod files;
mod handing_out;
mod lists;
mod outage;
mod policy;
mod proxy;
mod stage;
mod tokens;
#[path = "../../../connections/tests/promises/world.rs"]
#[expect(dead_code, reason = "the promises of connections use more of it")]
mod world;
mod writes;
