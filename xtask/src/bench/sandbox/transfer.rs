//! A large file up and down with curl, to the sandbox and to a bare file server by turns, in the same chunks.

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::runtime::Runtime;

use super::bare;
use super::cloud::{Cloud, MAIL};
use crate::bench::figures::{Aim, Figure, median};

const SIZE: u64 = 1024 * 1024 * 1024;
/// As large as a chunk may be, in the units that Graph asks for.
const CHUNK: u64 = 160 * 320 * 1024;

pub(super) fn measure(runtime: &Runtime, cloud: &Cloud, runs: usize) -> Result<Vec<Figure>> {
    let folder = tempfile::Builder::new()
        .prefix("consentry-transfer-")
        .tempdir()?;
    let chunks = cut(folder.path())?;
    let stored = folder.path().join("stored");
    let bare = format!("http://{}/file", bare::start(&stored)?);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for run in 0..runs {
        // Emptied, not replaced: the server opens it by name.
        let _ = fs::remove_file(&stored);
        let alone = upload(folder.path(), &chunks, &bare)?;
        let session = runtime.block_on(session(cloud, run))?;
        let ours = upload(folder.path(), &chunks, &session)?;
        up.push((alone, ours));
        let alone = download(&bare)?;
        let url = runtime.block_on(address(cloud, run))?;
        down.push((alone, download(&url)?));
    }
    let memory = cloud.server.memory_mib("VmHWM")?;
    let mut figures = compare("1 GiB up", &up);
    figures.extend(compare("1 GiB down", &down));
    figures.push(
        Figure::new("memory, peak, after 1 GiB files", memory, "MiB").aiming(Aim::Below(150.0)),
    );
    Ok(figures)
}

fn compare(what: &'static str, pairs: &[(f64, f64)]) -> Vec<Figure> {
    let names = match what {
        "1 GiB up" => [
            "1 GiB up: curl, bare server",
            "1 GiB up: curl, sandbox",
            "1 GiB up: sandbox / bare",
        ],
        _ => [
            "1 GiB down: curl, bare server",
            "1 GiB down: curl, sandbox",
            "1 GiB down: sandbox / bare",
        ],
    };
    let middle = |of: &dyn Fn(&(f64, f64)) -> f64| median(pairs.iter().map(of).collect());
    vec![
        Figure::new(names[0], middle(&|pair| 1024.0 / pair.0), "MiB/s"),
        Figure::new(names[1], middle(&|pair| 1024.0 / pair.1), "MiB/s"),
        Figure::new(names[2], middle(&|pair| 100.0 * pair.0 / pair.1), "%")
            .aiming(Aim::AtLeast(50.0)),
    ]
}

/// The file in pieces, as curl is to send them.
fn cut(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut pattern: Vec<u8> = Vec::with_capacity(1024 * 1024);
    let mut state = 1_u32;
    while pattern.len() < 1024 * 1024 {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        pattern.extend(state.to_be_bytes());
    }
    let mut chunks = Vec::new();
    let mut left = SIZE;
    while left > 0 {
        let path = folder.join(format!("chunk-{}", chunks.len()));
        let mut file = fs::File::create(&path)?;
        let mut of_this = left.min(CHUNK);
        left -= of_this;
        while of_this > 0 {
            let piece = usize::try_from(of_this)
                .unwrap_or(usize::MAX)
                .min(pattern.len());
            file.write_all(&pattern[..piece])?;
            of_this -= piece as u64;
        }
        chunks.push(path);
    }
    Ok(chunks)
}

/// One run of curl over one connection. Seconds.
fn upload(folder: &Path, chunks: &[PathBuf], url: &str) -> Result<f64> {
    let mut config = String::new();
    let mut at = 0;
    for (number, chunk) in chunks.iter().enumerate() {
        let length = fs::metadata(chunk)?.len();
        if number > 0 {
            config.push_str("next\n");
        }
        writeln!(
            config,
            "url = \"{url}\"\nupload-file = \"{}\"",
            chunk.display()
        )?;
        writeln!(
            config,
            "header = \"Content-Range: bytes {at}-{}/{SIZE}\"",
            at + length - 1
        )?;
        config.push_str("header = \"Expect:\"\nsilent\nshow-error\nfail\noutput = \"/dev/null\"\n");
        at += length;
    }
    let path = folder.join("curl.config");
    fs::write(&path, config)?;
    curl(Command::new("curl").arg("--config").arg(path))
}

fn download(url: &str) -> Result<f64> {
    curl(Command::new("curl").args([
        "--silent",
        "--show-error",
        "--fail",
        "--output",
        "/dev/null",
        url,
    ]))
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

async fn session(cloud: &Cloud, run: usize) -> Result<String> {
    let path = format!("{MAIL}/drive/root:/bench-{run}.bin:/createUploadSession");
    let session = cloud.post(&path, &json!({})).await?;
    let url = session["uploadUrl"].as_str().context("no upload URL")?;
    Ok(url.to_owned())
}

async fn address(cloud: &Cloud, run: usize) -> Result<String> {
    let item = cloud
        .get(&format!("{MAIL}/drive/root:/bench-{run}.bin"))
        .await?;
    ensure!(
        item["size"] == SIZE,
        "the sandbox holds {} bytes",
        item["size"]
    );
    let url = item["@microsoft.graph.downloadUrl"]
        .as_str()
        .context("no download URL")?;
    Ok(url.to_owned())
}
