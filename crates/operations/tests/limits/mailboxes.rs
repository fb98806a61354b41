//! Mailboxes: every operation that has one as its target. `names.rs` holds the other names of a listed mailbox, `health.rs` what a
//! connection test looks at.

mod around;
mod health;
mod matrix;
mod names;
mod stage;
mod ways;
