//! Files from and to disk. What is written appears under its name when all of it is there, and not before.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use anyhow::Context;
use futures_util::stream::{self, Stream, StreamExt};
use indicatif::{ProgressBar, ProgressStyle};
use reqwest::{Body, RequestBuilder, Response, StatusCode, header};
use serde_json::Value;
use tempfile::{NamedTempFile, TempPath};
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufWriter};

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
    let (watched, changed) = (bar.clone(), source.changed.clone());
    let length = source.length;
    let pieces = source
        .pieces()
        .inspect(move |piece| watched.inc(piece.as_ref().map_or(0, |piece| piece.len() as u64)));
    let request = request
        .query(&query(input))
        .header(header::CONTENT_TYPE, "application/octet-stream")
        .header(header::CONTENT_LENGTH, length)
        .body(Body::wrap_stream(pieces));
    let response = client.send(request).await;
    bar.finish_and_clear();
    if changed.is_set() {
        let text = format!("`{}` changed while it was sent", path.display());
        let hint =
            "nothing of it was kept; run it again, with a new idempotency key if there was one";
        return Err(Failure::new(Exit::Failure, text).hint(hint).into());
    }
    response
}

/// Whether the file turned out to be another one than was announced.
#[derive(Clone, Default)]
struct Changed(Arc<AtomicBool>);

impl Changed {
    fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn set(&self) -> std::io::Error {
        self.0.store(true, Ordering::Release);
        std::io::Error::other("the file changed while it was sent")
    }
}

struct Source {
    file: File,
    length: u64,
    modified: Option<SystemTime>,
    changed: Changed,
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
        let metadata = file.metadata().await?;
        Ok(Self {
            file,
            length: metadata.len(),
            modified: metadata.modified().ok(),
            changed: Changed::default(),
            _spool: spool,
        })
    }

    /// As many bytes as were announced. The last ones only go if the file is then as it was: without them nothing of it is
    /// kept.
    fn pieces(self) -> impl Stream<Item = std::io::Result<Vec<u8>>> + Send {
        stream::try_unfold((self, 0_u64), |(mut source, sent)| async move {
            let left = source.length - sent;
            if left == 0 {
                return Ok(None);
            }
            let most = usize::try_from(left).map_or(PIECE, |left| left.min(PIECE));
            let mut piece = vec![0; most];
            let read = source.file.read_exact(&mut piece).await;
            read.map_err(|_| source.changed.set())?;
            if left == most as u64 && !source.is_as_it_was().await {
                return Err(source.changed.set());
            }
            Ok(Some((piece, (source, sent + most as u64))))
        })
    }

    async fn is_as_it_was(&self) -> bool {
        let now = self.file.metadata().await;
        now.is_ok_and(|now| now.len() == self.length && now.modified().ok() == self.modified)
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
    fetch(client, request, &mut input, &mut part).await?;
    part.keep(path).await
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

/// A file on its way, beside where it is going: under a name that nobody can have laid a link at. It is gone when dropped.
struct Part {
    /// Its name until it is whole; none for a device or a pipe, which gets the bytes as they come.
    path: Option<TempPath>,
    /// How it is told of.
    shown: String,
    file: BufWriter<File>,
    length: u64,
}

impl Part {
    async fn create(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display().to_string();
        if is_no_file(path).await {
            let device = File::options().write(true).open(path).await;
            let device = device.with_context(|| format!("`{shown}` cannot be written"))?;
            return Ok(Self {
                path: None,
                shown,
                file: BufWriter::with_capacity(PIECE, device),
                length: 0,
            });
        }
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        };
        let name = path.file_name().unwrap_or_default().to_owned();
        let unwritable = format!("`{shown}` cannot be written");
        let made = tokio::task::spawn_blocking(move || beside(&folder, &name)).await?;
        let (file, path) = made.context(unwritable)?.into_parts();
        Ok(Self {
            path: Some(path),
            shown,
            file: BufWriter::with_capacity(PIECE, File::from_std(file)),
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
        unwritable(&self.shown, error)
    }

    async fn keep(self, path: &Path) -> anyhow::Result<()> {
        if let Some(part) = self.path {
            let synced = self.file.get_ref().sync_all().await;
            synced.map_err(|error| unwritable(&self.shown, &error))?;
            let kept = part.persist(path);
            kept.with_context(|| format!("`{}` cannot be written", self.shown))?;
        }
        output::note(format_args!("{} bytes in `{}`", self.length, self.shown));
        Ok(())
    }
}

fn unwritable(shown: &str, error: &std::io::Error) -> Failure {
    Failure::new(
        Exit::Failure,
        format!("`{shown}` cannot be written: {error}"),
    )
    .hint("nothing was kept; make room, or name another place with `--output`")
}

/// Whether there is something that must not be replaced by a file: `/dev/stdout`, a pipe.
async fn is_no_file(path: &Path) -> bool {
    let there = tokio::fs::metadata(path).await;
    there.is_ok_and(|there| !there.is_file() && !there.is_dir())
}

/// A new file with the rights that any new file has.
fn beside(folder: &Path, name: &OsStr) -> std::io::Result<NamedTempFile> {
    let mut prefix = name.to_owned();
    prefix.push(".");
    let mut builder = tempfile::Builder::new();
    builder.prefix(&prefix).suffix(".part");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder)
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

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const LENGTH: usize = 3 * PIECE + 1;

    async fn sent_while(happens: impl FnOnce(&Path)) -> (usize, bool) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("large.bin");
        fs::write(&path, vec![7; LENGTH]).unwrap();
        let source = Source::open(&path).await.unwrap();
        let changed = source.changed.clone();
        let mut pieces = Box::pin(source.pieces());
        let mut length = pieces.next().await.unwrap().unwrap().len();
        happens(&path);
        while let Some(Ok(piece)) = pieces.next().await {
            length += piece.len();
        }
        (length, changed.is_set())
    }

    /// Without its last bytes nothing of a file is kept.
    #[tokio::test]
    async fn the_last_bytes_of_a_file_that_changed_are_not_sent() {
        let grown = sent_while(|path| fs::write(path, vec![7; LENGTH + 1]).unwrap()).await;
        let cut = sent_while(|path| fs::write(path, vec![7; LENGTH - 1]).unwrap()).await;
        let emptied = sent_while(|path| fs::write(path, []).unwrap()).await;
        for (length, changed) in [grown, cut, emptied] {
            assert!(changed && length < LENGTH, "{length}");
        }
    }

    #[tokio::test]
    async fn a_file_that_is_removed_while_it_is_sent_is_sent_whole() {
        assert_eq!(
            sent_while(|path| fs::remove_file(path).unwrap()).await,
            (LENGTH, false)
        );
        assert_eq!(sent_while(|_| ()).await, (LENGTH, false));
    }

    #[tokio::test]
    async fn what_lies_beside_the_file_is_not_written_through() {
        let folder = tempfile::tempdir().unwrap();
        let (path, victim) = (folder.path().join("a.txt"), folder.path().join("victim"));
        fs::write(&victim, "mine").unwrap();
        std::os::unix::fs::symlink(&victim, folder.path().join("a.txt.part")).unwrap();
        let mut part = Part::create(&path).await.unwrap();
        part.file.write_all(b"theirs").await.unwrap();
        part.flush().await.unwrap();
        part.keep(&path).await.unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
        let dropped = Part::create(&path).await.unwrap();
        drop(dropped);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            3,
            "nothing half done is left"
        );
    }

    #[tokio::test]
    async fn a_pipe_gets_the_bytes_and_stays_a_pipe() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        let there = path.clone();
        let reader = std::thread::spawn(move || fs::read_to_string(there).unwrap());
        let mut part = Part::create(&path).await.unwrap();
        part.file.write_all(b"theirs").await.unwrap();
        part.flush().await.unwrap();
        part.keep(&path).await.unwrap();
        assert_eq!(reader.join().unwrap(), "theirs");
        assert!(!fs::metadata(&path).unwrap().is_file());
    }
}
