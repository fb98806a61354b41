//! Files from and to disk. What is written appears under its name when all of it is there, and not before.

use std::path::{Path, PathBuf};

use anyhow::Context;
use futures_util::StreamExt;
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Body, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tokio::fs::{self, File};
use tokio::io::{AsyncWriteExt, BufReader, BufWriter};
use tokio_util::io::ReaderStream;

use super::broke_off;
use crate::client::Client;
use crate::exit::{Exit, Failure};
use crate::output;

/// Pieces that go from disk to the network at once.
const PIECE: usize = 256 * 1024;
/// Breaks after which a download gives up.
const MOST_BREAKS: u32 = 4;

/// Sends a file's bytes, with the fields in the query.
pub(super) async fn upload(
    client: &Client,
    request: RequestBuilder,
    input: &Value,
    path: &Path,
) -> anyhow::Result<Response> {
    let source = Source::open(path).await?;
    let bar = bar(Some(source.length));
    let watched = bar.clone();
    let pieces = ReaderStream::with_capacity(BufReader::with_capacity(PIECE, source.file), PIECE)
        .inspect(move |piece| watched.inc(piece.as_ref().map_or(0, |piece| piece.len() as u64)));
    let request = request
        .query(&query(input))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, source.length)
        .body(Body::wrap_stream(pieces));
    let response = client.send(request).await;
    bar.finish_and_clear();
    response
}

struct Source {
    file: File,
    length: u64,
    /// Holds what stdin said, since its length has to be known first.
    _spool: Option<tempfile::TempPath>,
}

impl Source {
    async fn open(path: &Path) -> anyhow::Result<Self> {
        let (path, spool) = if path == Path::new("-") {
            let spool = tokio::task::spawn_blocking(spooled).await??;
            (spool.to_path_buf(), Some(spool))
        } else {
            (path.to_owned(), None)
        };
        let file = File::open(&path)
            .await
            .with_context(|| format!("`{}` cannot be read", path.display()))?;
        let length = file.metadata().await?.len();
        Ok(Self {
            file,
            length,
            _spool: spool,
        })
    }
}

/// All of stdin, in a file that is gone with its name.
fn spooled() -> anyhow::Result<tempfile::TempPath> {
    let mut spool = tempfile::NamedTempFile::new()?;
    std::io::copy(&mut std::io::stdin().lock(), &mut spool).context("stdin cannot be read")?;
    Ok(spool.into_temp_path())
}

/// Text as it is, the rest as JSON: what the server reads again by the operation's schema.
fn query(input: &Value) -> Vec<(String, String)> {
    let fields = input.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| {
            let text = value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned);
            (name.clone(), text)
        })
        .collect()
}

/// Fetches a file. A break is resumed where the operation takes a range, in the same version of the file.
pub(super) async fn download(
    client: &Client,
    request: &(dyn Fn(&Value) -> RequestBuilder + Sync),
    mut input: Value,
    path: &Path,
) -> anyhow::Result<()> {
    let mut part = Part::create(path).await?;
    let outcome = fetch(client, request, &mut input, &mut part).await;
    match outcome {
        Ok(()) => part.keep(path).await,
        Err(error) => {
            part.discard().await;
            Err(error)
        }
    }
}

async fn fetch(
    client: &Client,
    request: &(dyn Fn(&Value) -> RequestBuilder + Sync),
    input: &mut Value,
    part: &mut Part,
) -> anyhow::Result<()> {
    let can_resume = input.get("range").is_none();
    let mut response = client.send(request(input)).await?;
    let bar = bar(response.content_length());
    let version = version(&response);
    let mut breaks = 0;
    loop {
        let Some(error) = part.take(response, &bar).await? else {
            break;
        };
        breaks += 1;
        if !can_resume || version.is_none() || breaks > MOST_BREAKS {
            return Err(broke_off(&error).into());
        }
        input["range"] = Value::from(format!("bytes={}-", part.length));
        response = client.send(request(input)).await?;
        if response.status() != StatusCode::PARTIAL_CONTENT || self::version(&response) != version {
            return Err(
                Failure::new(Exit::Unreachable, "the file changed while it was fetched")
                    .hint("nothing was kept; run it again")
                    .into(),
            );
        }
    }
    bar.finish_and_clear();
    Ok(())
}

fn version(response: &Response) -> Option<String> {
    let tag = response.headers().get(header::ETAG)?.to_str().ok()?;
    Some(tag.to_owned())
}

/// A file on its way, under a name beside its own.
struct Part {
    path: PathBuf,
    file: BufWriter<File>,
    length: u64,
}

impl Part {
    async fn create(path: &Path) -> anyhow::Result<Self> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".part");
        let part = path.with_file_name(name);
        let file = File::create(&part)
            .await
            .with_context(|| format!("`{}` cannot be written", part.display()))?;
        Ok(Self {
            path: part,
            file: BufWriter::with_capacity(PIECE, file),
            length: 0,
        })
    }

    /// Writes what comes; the break is handed back, since it may be resumed. What the disk refuses is not.
    async fn take(
        &mut self,
        response: Response,
        bar: &ProgressBar,
    ) -> anyhow::Result<Option<reqwest::Error>> {
        let mut pieces = response.bytes_stream();
        while let Some(piece) = pieces.next().await {
            let piece = match piece {
                Ok(piece) => piece,
                Err(error) => {
                    self.flush().await?;
                    return Ok(Some(error));
                }
            };
            self.file
                .write_all(&piece)
                .await
                .map_err(|error| self.unwritable(&error))?;
            self.length += piece.len() as u64;
            bar.set_position(self.length);
        }
        self.flush().await?;
        Ok(None)
    }

    async fn flush(&mut self) -> anyhow::Result<()> {
        let flushed = self.file.flush().await;
        flushed.map_err(|error| self.unwritable(&error).into())
    }

    fn unwritable(&self, error: &std::io::Error) -> Failure {
        Failure::new(
            Exit::Failure,
            format!("`{}` cannot be written: {error}", self.path.display()),
        )
        .hint("nothing was kept; make room, or name another place with `--output`")
    }

    async fn keep(self, path: &Path) -> anyhow::Result<()> {
        self.file.get_ref().sync_all().await?;
        fs::rename(&self.path, path)
            .await
            .with_context(|| format!("`{}` cannot be written", path.display()))?;
        output::note(format_args!(
            "{} bytes in `{}`",
            self.length,
            path.display()
        ));
        Ok(())
    }

    async fn discard(self) {
        // It is of no use to anybody; when that fails too, the error before says what happened.
        let _ = fs::remove_file(&self.path).await;
    }
}

/// On stderr, where that is a terminal.
fn bar(length: Option<u64>) -> ProgressBar {
    let bar = match length {
        Some(length) => ProgressBar::new(length),
        None => ProgressBar::no_length(),
    };
    let style =
        ProgressStyle::with_template("{bar:30} {bytes}/{total_bytes} {binary_bytes_per_sec} {eta}");
    match style {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
