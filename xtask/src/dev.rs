//! The product at work, to look at while changing it.

use anyhow::Result;

use crate::command::{self, cargo};

/// Sandbox and server with seeded connections, until interrupted.
pub fn run() -> Result<()> {
    command::run(&mut cargo(&[
        "run",
        "--package",
        "cli",
        "--",
        "demo",
        "--listen",
        "127.0.0.1:8365",
    ]))
}
