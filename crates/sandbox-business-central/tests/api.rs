//! The API as a client sees it, without sockets and tokens.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "api/scene.rs"]
mod scene;

#[path = "api/access.rs"]
mod access;
#[path = "api/automation.rs"]
mod automation;
#[path = "api/batch.rs"]
mod batch;
#[path = "api/documents.rs"]
mod documents;
#[path = "api/files.rs"]
mod files;
#[path = "api/journals.rs"]
mod journals;
#[path = "api/ledgers.rs"]
mod ledgers;
#[path = "api/masters.rs"]
mod masters;
#[path = "api/orders.rs"]
mod orders;
#[path = "api/queries.rs"]
mod queries;
#[path = "api/robust.rs"]
mod robust;
#[path = "api/schema.rs"]
mod schema;
#[path = "api/webhooks.rs"]
mod webhooks;
