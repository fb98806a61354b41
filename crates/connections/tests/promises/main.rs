//! What a connection promises, held against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod approval;
mod broker;
mod consent;
mod diagnosis;
mod dynamics;
mod events;
mod health;
mod held;
mod leaving;
mod monitoring;
mod principal;
mod proofs;
mod refusals;
mod rights;
mod rotation;
mod tenants;
mod world;
