//! Dataverse at the listener of the sandbox: tokens of Entra, application users, faults, memory.

#![expect(clippy::unwrap_used, reason = "tests")]

mod application;
mod cloud;
mod control;
mod discovery;
mod saved;
mod tokens;
