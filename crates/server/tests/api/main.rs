//! The API as its clients see it, a folder a path and a file a verb.

#[path = "../support/server.rs"]
mod support;

mod activity;
mod app_registrations;
mod backup;
mod bad_input;
mod bootstraps;
mod connections;
mod every_route;
mod health;
mod integrations;
mod keys;
mod me;
mod members;
mod openapi;
mod operations;
mod outage;
mod redacted;
mod session;
mod start;
mod webhooks;
