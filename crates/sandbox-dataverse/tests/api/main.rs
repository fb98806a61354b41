//! The Web API of an environment, asked as a client asks it.

#![expect(clippy::unwrap_used, reason = "tests")]

mod actions;
mod batch;
mod columns;
mod environment;
mod fetch;
mod fieldservice;
mod metadata;
mod protection;
mod query;
mod rows;
mod saved;
mod security;
mod tracking;
