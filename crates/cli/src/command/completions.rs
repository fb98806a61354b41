use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output;

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell to complete in.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "consentry",
            &mut script,
        );
        output::bytes(&script)?;
        Ok(Exit::Success)
    }
}
