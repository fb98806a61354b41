//! What a connection promises, held against the sandbox.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod approval;
mod bootstrap;
mod broker;
mod certificates;
mod challenges;
mod checkpoints;
mod collisions;
mod consent;
mod data_keys;
mod deliveries;
mod diagnosis;
mod dynamics;
mod events;
mod happenings;
mod health;
mod held;
mod leases;
mod leaving;
mod monitoring;
mod principal;
mod proofs;
mod refusals;
mod replicas;
mod rights;
mod rotation;
mod tenants;
mod wave;
mod world;
