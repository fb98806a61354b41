//! Nothing of a site that is not listed is reached, by any operation and by no way there.
//!
//! `matrix.rs` takes every operation of the catalogue that has a site or drive as its target, or touches one, by each of the
//! `ways.rs`; a new row of the catalogue joins by itself. `around.rs` holds what an attacker would try besides, `grants.rs` what
//! `Sites.Selected` promises. The sandbox's log of requests is what counts.
//!
//! On SQLite only, unless `TEST_STORE` says otherwise: what is refused is decided before anything is stored.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod around;
mod grants;
mod matrix;
mod stage;
mod ways;
#[path = "../../../connections/tests/promises/world.rs"]
#[expect(dead_code, reason = "the promises of connections use more of it")]
mod world;
