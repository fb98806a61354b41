use clap::{Args, CommandFactory};
use clap_complete::Shell;
use serde_json::json;

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::{self, Output};

#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell to complete in.
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self, output: Output) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(
            self.shell,
            &mut Arguments::command(),
            "consentry",
            &mut script,
        );
        if output.is_json() {
            let script = String::from_utf8_lossy(&script);
            output.document(&json!({ "shell": self.shell.to_string(), "script": script }))?;
        } else {
            output::bytes(&script)?;
        }
        Ok(Exit::Success)
    }
}
