//! The pages as a person uses them: over HTTP, in a browser without scripts, through Microsoft's own pages where the way
//! leads there.

#![expect(clippy::unwrap_used, reason = "tests")]

mod activity;
mod browser;
mod chromium;
mod connections;
mod consent;
mod consent_refused;
mod every_page;
mod service_principal;
mod set_up;
mod settings;
mod sign_in;
mod site;
#[path = "../support/server.rs"]
#[expect(
    dead_code,
    reason = "shared with the tests of the API, which use more of it"
)]
mod support;
