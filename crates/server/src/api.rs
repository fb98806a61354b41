//! `/api/v1`, a file a resource: reads the request, calls the crate that does it, and shows what came of it.

pub(crate) mod activity;
pub(crate) mod app_registrations;
pub(crate) mod backup;
pub(crate) mod bootstraps;
pub(crate) mod connections;
pub(crate) mod cursors;
pub(crate) mod health;
mod input;
pub(crate) mod installation;
pub(crate) mod integrations;
pub(crate) mod issuer;
pub(crate) mod keys;
mod list;
pub(crate) mod master_key;
pub(crate) mod me;
pub(crate) mod members;
pub(crate) mod operations;
pub(crate) mod proxy;
pub(crate) mod setup_manifest;
pub(crate) mod webhooks;

pub(crate) use self::operations::brings_a_file;
