//! The program as people and scripts meet it: what it prints, where, and how it ends.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod demo;
mod every;
mod exec;
mod follow;
mod help;
mod input;
mod local;
mod program;
mod sandboxed;
mod visitor;
