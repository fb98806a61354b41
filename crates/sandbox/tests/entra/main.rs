//! Entra as a client sees it: over HTTP, through the pages a person would click through.

#![expect(clippy::unwrap_used, reason = "tests")]

mod admin_consent;
mod browser;
mod client_credentials;
mod cloud;
mod code;
mod consent;
mod control;
mod faults;
mod metadata;
mod refresh;
mod saved;
mod sign_in;
