#![doc = include_str!("../README.md")]

mod api;
mod auth;
mod dependencies;
mod error;
mod gate;
mod http;
mod metrics;
mod openapi;
mod problem;
mod record;
mod routes;
mod secret;
mod server;
mod start;
mod state;
mod ui;

pub mod config;

pub use config::{Config, ConfigError, Flags};
pub use dependencies::Dependencies;
pub use error::StartError;
pub use server::{Server, SignInLink};
pub use start::{Restore, RestoreOutcome};
pub use state::App;
