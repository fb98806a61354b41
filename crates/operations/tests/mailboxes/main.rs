//! Nothing of a mailbox that is not listed is reached, by any operation and by no way there.
//!
//! `matrix.rs` takes every operation of the catalogue that has a mailbox as its target, by each of the `ways.rs`; a new row of the
//! catalogue joins by itself. `around.rs` holds what an attacker would try besides, `names.rs` the other names of a listed mailbox,
//! `health.rs` what a connection test looks at.
//! The sandbox's log of requests is what counts.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod around;
mod health;
mod matrix;
mod names;
mod stage;
mod ways;
#[path = "../../../connections/tests/promises/world.rs"]
#[expect(dead_code, reason = "the promises of connections use more of it")]
mod world;
