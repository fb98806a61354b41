//! Client secrets from a file or stdin: never from the command line, which other users of the machine can read.

use std::io::Read;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;

use crate::exit::Failure;

#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct SecretSource {
    /// Read the client secret from this file.
    #[arg(long, value_name = "FILE")]
    client_secret_file: Option<PathBuf>,
    /// Read the client secret from stdin.
    #[arg(long)]
    client_secret_stdin: bool,
}

impl SecretSource {
    pub(crate) fn is_given(&self) -> bool {
        self.client_secret_file.is_some() || self.client_secret_stdin
    }

    /// The secret without the line end that editors and `echo` leave behind; none when no source was named.
    pub(crate) fn read(&self) -> anyhow::Result<Option<SecretString>> {
        let text = if let Some(path) = &self.client_secret_file {
            std::fs::read_to_string(path)
                .with_context(|| format!("`{}` cannot be read", path.display()))?
        } else if self.client_secret_stdin {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("stdin cannot be read")?;
            text
        } else {
            return Ok(None);
        };
        let secret = text.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(Failure::usage("the client secret is empty").into());
        }
        Ok(Some(secret.into()))
    }

    /// The same where there has to be one.
    pub(crate) fn require(&self) -> anyhow::Result<SecretString> {
        let missing = || {
            Failure::usage("no client secret was given")
                .hint("use `--client-secret-file FILE`, or `--client-secret-stdin` and a pipe")
        };
        Ok(self.read()?.ok_or_else(missing)?)
    }
}
