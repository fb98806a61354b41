use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use futures_util::StreamExt;
use reqwest::{Method, Response};
use serde_json::json;
use tempfile::NamedTempFile;

use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output::{self, Output};

/// What the last line of a whole backup holds.
const END: &str = "\"sha256\":";
/// More than the last line is long.
const TAIL: usize = 200;

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// Where it goes, readable by its owner alone; `-` for stdout.
    file: PathBuf,
    /// Only the list of what was removed. It is small: kept often, it lets an older backup be restored without
    /// bringing it back.
    #[arg(long)]
    deletions: bool,
}

impl Backup {
    pub(crate) async fn run(&self, client: &Client, output: Output) -> anyhow::Result<Exit> {
        let mut url = client.url(["backup"]);
        if self.deletions {
            url.query_pairs_mut().append_pair("deletions", "true");
        }
        let response = client.send(client.request(Method::GET, url)).await?;
        if self.file == Path::new("-") {
            copy(response, &mut std::io::stdout()).await?;
            return Ok(Exit::Success);
        }
        let folder = self
            .file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let shown = self.file.display().to_string();
        let unwritable = || format!("`{shown}` cannot be written");
        // Under another name until it is whole.
        let mut part =
            NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).with_context(unwritable)?;
        let bytes = copy(response, part.as_file_mut()).await?;
        part.as_file().sync_all().with_context(unwritable)?;
        part.persist(&self.file).with_context(unwritable)?;
        output.show(&json!({ "file": shown, "bytes": bytes }), || {
            format!("{bytes} bytes in `{shown}`")
        })?;
        if !self.deletions {
            output::note(
                "it holds no master key: keep that apart, since nobody can open the backup's secrets without it",
            );
        }
        Ok(Exit::Success)
    }
}

async fn copy(response: Response, to: &mut impl Write) -> anyhow::Result<u64> {
    let mut pieces = response.bytes_stream();
    let (mut count, mut tail) = (0, Vec::new());
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| cut_off(&error.to_string()))?;
        to.write_all(&piece)
            .context("the backup cannot be written")?;
        count += piece.len() as u64;
        tail.extend_from_slice(&piece);
        tail.drain(..tail.len().saturating_sub(TAIL));
    }
    to.flush()?;
    if String::from_utf8_lossy(&tail).contains(END) {
        return Ok(count);
    }
    Err(cut_off("its end is missing").into())
}

fn cut_off(why: &str) -> Failure {
    Failure::new(Exit::Unreachable, format!("the backup broke off: {why}"))
        .hint("nothing was kept; run it again")
}
