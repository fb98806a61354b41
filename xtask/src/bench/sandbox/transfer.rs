//! A large file up and down with curl, to the sandbox and to a bare file server by turns, in the same chunks.

use std::fs;

use anyhow::{Context, Result, ensure};
use serde_json::json;
use tokio::runtime::Runtime;

use super::bare;
use super::cloud::{Cloud, MAIL};
use crate::bench::curl::{self, Pieces};
use crate::bench::figures::{Aim, Figure, median};

const SIZE: u64 = 1024 * 1024 * 1024;
/// As large as a chunk may be, in the units that Graph asks for.
const CHUNK: u64 = 160 * 320 * 1024;

pub(super) fn measure(runtime: &Runtime, cloud: &Cloud, runs: usize) -> Result<Vec<Figure>> {
    let folder = tempfile::Builder::new()
        .prefix("consentry-transfer-")
        .tempdir()?;
    let pieces = Pieces::cut(folder.path(), SIZE, CHUNK)?;
    let stored = folder.path().join("stored");
    let bare = format!("http://{}/file", bare::start(&stored)?);
    let (mut up, mut down) = (Vec::new(), Vec::new());
    for run in 0..runs {
        // Emptied, not replaced: the server opens it by name.
        let _ = fs::remove_file(&stored);
        let alone = pieces.upload(&bare)?;
        let session = runtime.block_on(session(cloud, run))?;
        let ours = pieces.upload(&session)?;
        up.push((alone, ours));
        let alone = curl::download(&bare)?;
        let url = runtime.block_on(address(cloud, run))?;
        down.push((alone, curl::download(&url)?));
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
