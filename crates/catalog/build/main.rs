//! Reads the catalogue's TOML, checks it, and writes it as Rust statics, so that the crate neither reads nor parses anything
//! when it runs. A mistake stops the build and names its file and operation.

#[path = "compile.rs"]
mod compile;
#[path = "generate.rs"]
mod generate;
#[path = "routes.rs"]
mod routes;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use compile::File;

const HOME: &str = env!("CARGO_MANIFEST_DIR");
const FOLDERS: [&str; 11] = [
    "shared",
    "permissions",
    "outlook",
    "teams",
    "onedrive",
    "sharepoint",
    "graph",
    "dataverse",
    "crm",
    "fieldservice",
    "businesscentral",
];

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build");
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            println!("cargo::error={}", message.replace('\n', " | "));
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let files = files().map_err(|error| format!("cannot read the catalogue: {error}"))?;
    let source = compile::compile(&files)
        .and_then(|catalogue| generate::rust(&catalogue))
        .map_err(|mistakes| {
            let lines: Vec<_> = mistakes.iter().map(ToString::to_string).collect();
            lines.join("\n")
        })?;
    let folder = std::env::var_os("OUT_DIR").ok_or("cargo names no OUT_DIR")?;
    fs::write(PathBuf::from(folder).join("catalogue.rs"), source)
        .map_err(|error| format!("cannot write the catalogue: {error}"))
}

fn files() -> std::io::Result<Vec<File>> {
    let home = Path::new(HOME);
    let mut files = vec![file(home, home.join("integrations.toml"))?];
    for folder in FOLDERS {
        println!("cargo::rerun-if-changed={folder}");
        let Ok(entries) = fs::read_dir(home.join(folder)) else {
            continue;
        };
        let mut paths = Vec::new();
        for entry in entries {
            paths.push(entry?.path());
        }
        paths.sort();
        for path in paths {
            files.push(file(home, path)?);
        }
    }
    println!("cargo::rerun-if-changed=integrations.toml");
    Ok(files)
}

fn file(home: &Path, path: PathBuf) -> std::io::Result<File> {
    let text = fs::read_to_string(&path)?;
    let below = path.strip_prefix(home).unwrap_or(&path);
    Ok(File {
        path: below.to_string_lossy().replace('\\', "/"),
        text,
    })
}
