#![doc = include_str!("../README.md")]

pub mod behavior;
mod content;
mod delta;
mod error;
mod exchange;
mod idempotency;
mod input;
mod look;
mod pages;
mod proxy;
mod ready;
mod record;
mod runner;
mod tally;
mod token;
mod wire;
mod write;

pub mod policy;

pub use delta::Cursor;
pub use error::{DOES_NOT_FIT, Error};
pub use proxy::{ProxyAnswer, ProxyBody, ProxyCall, RawBody};
pub use runner::{Answer, Call, Plan, Runner, Streamed};
pub use token::{HandedOut, TokenCall};

pub type Result<T> = std::result::Result<T, Error>;
