//! Entra as a client sees it: over HTTP, through the pages a person would click through.

#![expect(clippy::unwrap_used, reason = "tests")]

mod admin_consent;
mod assertion;
mod assignment;
mod browser;
mod client_credentials;
mod cloud;
mod code;
mod consent;
mod control;
mod device;
mod faults;
mod federated;
mod first_party;
mod hybrid;
mod keys;
mod malformed;
mod managed_identity;
mod metadata;
mod on_behalf_of;
mod password;
mod policy;
mod refresh;
mod saved;
mod scenarios;
mod second_factor;
mod sign_in;
mod snapshots;
mod tenants;
mod version_1;
