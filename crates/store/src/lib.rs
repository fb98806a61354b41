#![doc = include_str!("../README.md")]

mod activities;
mod begin;
mod bootstraps;
mod checkpoints;
mod connections;
mod consent_requests;
mod cursors;
mod error;
mod events;
mod idempotency;
mod issuer_keys;
mod keys;
mod people;
mod postgres;
mod registrations;
mod removals;
mod repeat;
mod reseal;
mod row;
mod sql;
mod sqlite;
mod statement;
mod store;
mod tokens;
mod transaction;

pub mod archive;
pub mod journal;

pub use activities::{Activities, ActivityFilter, ChainedActivity};
pub use bootstraps::{BootstrapRow, BootstrapState, Bootstraps};
pub use checkpoints::{ChainHead, Checkpoint, Checkpoints};
pub use connections::{Attempt, AttemptState, Attempts, Connections, Deletion};
pub use consent_requests::{ConsentAnswer, ConsentRequest, ConsentRequests};
pub use cursors::{CursorRow, Cursors};
pub use error::Error;
pub use events::{Delivery, DeliveryState, EndingProofs, Events, Jobs, SealedWebhook};
pub use idempotency::{Answer, Claim, ClaimOutcome, Idempotency, IdempotencyRow, Writers};
pub use issuer_keys::{IssuerKeyRow, IssuerKeys};
pub use keys::{DataKeyRow, DataKeys, Meta};
pub use people::People;
pub use registrations::{AppRegistrations, SealedProof};
pub use removals::{Removal, Removals};
pub use repeat::{GaveWay, repeated};
pub use reseal::{Reseal, SealedAt, SealedCell};
pub use store::{DatabaseStatus, Page, Store, Transaction};
pub use tokens::{Lease, LeaseOutcome, NewToken, RefreshToken, TokenRow, Tokens};

/// `Err` is always a fault of the database or of what lies in it; absence is `Ok(None)`.
pub type Result<T> = std::result::Result<T, Error>;
