//! curl, the limit that transfers are held against.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};

const PATTERN: usize = 1024 * 1024;
const QUIET: &str = "silent\nshow-error\nfail\noutput = \"/dev/null\"\n";

/// Bytes without a pattern that a file system or a compressor could use.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let mut bytes: Vec<u8> = Vec::with_capacity(length + 4);
    let mut state = 1_u32;
    while bytes.len() < length {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        bytes.extend(state.to_be_bytes());
    }
    bytes.truncate(length);
    bytes
}

/// A file cut up, as curl is to send it.
pub(super) struct Pieces {
    folder: PathBuf,
    paths: Vec<PathBuf>,
    size: u64,
}

impl Pieces {
    pub(super) fn cut(folder: &Path, size: u64, chunk: u64) -> Result<Self> {
        let pattern = noise(PATTERN);
        let mut paths = Vec::new();
        let mut left = size;
        while left > 0 {
            let path = folder.join(format!("chunk-{}", paths.len()));
            let mut file = fs::File::create(&path)?;
            let of_this = left.min(chunk);
            left -= of_this;
            fill(&mut file, of_this, &pattern)?;
            paths.push(path);
        }
        Ok(Self {
            folder: folder.to_owned(),
            paths,
            size,
        })
    }

    /// All of them one after the other, over one connection. Seconds.
    pub(super) fn upload(&self, url: &str) -> Result<f64> {
        let mut config = String::new();
        let mut at = 0;
        for (number, piece) in self.paths.iter().enumerate() {
            let length = fs::metadata(piece)?.len();
            if number > 0 {
                config.push_str("next\n");
            }
            writeln!(
                config,
                "url = \"{url}\"\nupload-file = \"{}\"",
                piece.display()
            )?;
            let (last, size) = (at + length - 1, self.size);
            writeln!(
                config,
                "header = \"Content-Range: bytes {at}-{last}/{size}\""
            )?;
            config.push_str("header = \"Expect:\"\n");
            config.push_str(QUIET);
            at += length;
        }
        configured(&self.folder, &config, &[])
    }
}

/// A file of noise.
pub(super) fn make(path: &Path, size: u64) -> Result<()> {
    fill(&mut fs::File::create(path)?, size, &noise(PATTERN))
}

fn fill(file: &mut fs::File, mut size: u64, pattern: &[u8]) -> Result<()> {
    while size > 0 {
        let piece = usize::try_from(size)
            .unwrap_or(usize::MAX)
            .min(pattern.len());
        file.write_all(&pattern[..piece])?;
        size -= piece as u64;
    }
    Ok(())
}

/// Seconds. Redirects are followed.
pub(super) fn download(url: &str) -> Result<f64> {
    curl(Command::new("curl").args([
        "--silent",
        "--show-error",
        "--fail",
        "--location",
        "--output",
        "/dev/null",
        url,
    ]))
}

/// Each of these, one after the other over one connection, or so many at once. Seconds.
pub(super) fn fetch(folder: &Path, urls: &[String], at_once: usize) -> Result<f64> {
    let mut config = String::new();
    for url in urls {
        writeln!(config, "url = \"{url}\"\nlocation\n{QUIET}")?;
    }
    configured(folder, &config, &parallel(at_once))
}

/// The same file to each of these. Seconds.
pub(super) fn put(folder: &Path, file: &Path, urls: &[String], at_once: usize) -> Result<f64> {
    let mut config = String::new();
    for url in urls {
        writeln!(
            config,
            "url = \"{url}\"\nupload-file = \"{}\"\nheader = \"Expect:\"\n{QUIET}",
            file.display()
        )?;
    }
    configured(folder, &config, &parallel(at_once))
}

fn parallel(at_once: usize) -> Vec<String> {
    if at_once == 1 {
        return Vec::new();
    }
    ["--parallel", "--parallel-max"]
        .map(str::to_owned)
        .into_iter()
        .chain([at_once.to_string()])
        .collect()
}

fn configured(folder: &Path, config: &str, more: &[String]) -> Result<f64> {
    let path = folder.join("curl.config");
    fs::write(&path, config)?;
    curl(Command::new("curl").args(more).arg("--config").arg(path))
}

fn curl(command: &mut Command) -> Result<f64> {
    let begun = Instant::now();
    let output = command.output().context("curl could not be run")?;
    let took = begun.elapsed().as_secs_f64();
    ensure!(
        output.status.success(),
        "curl: {}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(took)
}
