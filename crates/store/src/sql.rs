//! The nouns, once for both databases: text ids, integers, JSON text and bytes keep every statement the same but for
//! the few that [`Dialect`](crate::transaction::Dialect) names. Columns are listed, never `*`, so that a later
//! version may add some while this one runs.

mod activities;
mod app_registrations;
mod archive;
mod attempts;
mod bootstraps;
mod checkpoints;
mod connections;
mod consent_requests;
mod cursors;
mod events;
mod idempotency;
mod issuer_keys;
mod jobs;
mod keys;
mod people;
mod removals;
mod reseal;
mod tokens;
mod writers;

pub(crate) use activities::Inserts;
