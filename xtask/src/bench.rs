//! What the release build reaches, against the aims.

use anyhow::Result;
use clap::Args;

#[derive(Debug, Args)]
pub struct Options {
    /// One line of JSON instead of a table.
    #[arg(long)]
    json: bool,
}

pub fn run(_options: &Options) -> Result<()> {
    Ok(())
}
